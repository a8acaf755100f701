"""Makes functions from text, and compiles equal text once, whichever operations it is for.

What a compiled operation would otherwise hold most of is code. But clients ask for the same objects again and again,
and walk to them in the same way: so the text of a function has parameters for what differs, and each operation only
takes a function of its own with other defaults for them. Functions refer to each other as parameters too, not through
a module's names, which would be a reference cycle: an operation that is forgotten is to go at once, without the
garbage collector.
"""

import builtins
from collections.abc import Callable, Iterable
from functools import lru_cache
from types import CodeType, FunctionType
from typing import Any

# Of single operations that do not come again there may be any number; what clients share is asked for all the time.
_MAX_TEXTS = 500

_GLOBALS: dict[str, Any] = {"__builtins__": builtins}


class Parameters:
    """Values that a text is given, under names that depend on their order only: equal texts stay equal."""

    def __init__(self) -> None:
        self.values: list[object] = []
        self._names: dict[object, str] = {}

    def name(self, value: object) -> str:
        """Return the name of a value, told from all others by identity."""
        return self._name(id(value), value)

    def constant(self, value: object) -> str:
        """Return the name of a constant; equal ones have one name."""
        return self._name((value.__class__, value), value)

    def _name(self, key: object, value: object) -> str:
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = f"p{len(self.values)}"
            self.values.append(value)
        return name


def generate(name: str, arguments: Iterable[str], lines: Iterable[str], parameters: Parameters) -> Callable[..., Any]:
    """Return the function with this name, these arguments and lines, which know the parameters by their names.

    Only names of `parameters`, and text that the caller has quoted, may come from outside.
    """
    given = [*arguments, *(f"p{place}" for place in range(len(parameters.values)))]
    code = _code("\n".join([f"def {name}({', '.join(given)}):", *(" " + line for line in lines)]))
    return FunctionType(code, _GLOBALS, name, tuple(parameters.values))


@lru_cache(maxsize=_MAX_TEXTS)
def _code(text: str) -> CodeType:
    (code,) = (part for part in compile(text, "<generated>", "exec").co_consts if isinstance(part, CodeType))
    return code
