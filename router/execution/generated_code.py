"""Makes functions from text, and compiles equal text once, whichever operations it is for.

What a compiled operation would otherwise hold most of is code. But clients ask for the same objects again and again,
and walk to them in the same way: so the text of a function has parameters for what differs, and of what was compiled,
each operation takes a closure. Functions refer to each other as parameters too, not through a module's names, which
would be a reference cycle: an operation that is forgotten is to go at once, without the garbage collector.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

_MAX_TEXTS = 4_000

Maker = Callable[..., Callable[..., Any]]


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


def generate(head: str, lines: Iterable[str], parameters: Parameters) -> Callable[..., Any]:
    """Return the function with the head `name(…)` and these lines, which know the parameters by their names.

    Only names of `parameters`, and text that the caller has quoted, may come from outside.
    """
    given = ", ".join(f"p{place}" for place in range(len(parameters.values)))
    name = head.partition("(")[0]
    text = "\n".join([f"def make({given}):", f" def {head}:", *("  " + line for line in lines), f" return {name}"])
    return _maker(text)(*parameters.values)


@lru_cache(maxsize=_MAX_TEXTS)
def _maker(text: str) -> Maker:
    names: dict[str, Any] = {}
    exec(compile(text, "<generated>", "exec"), names)  # noqa: S102 - text emitted by this package
    maker: Maker = names.pop("make")
    return maker
