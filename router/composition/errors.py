"""What composing can refuse and what it can remark: errors, hints, and the report that collects them.

The codes are those that the Federation documentation names, so that a message can be looked up. A message names the
elements and subgraphs concerned and says how to mend it. No rule lives here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from router.composition.error_codes import ERROR_CODES


class HintLevel(IntEnum):
    """How loud a hint is; the numbers are those of the Federation documentation."""

    WARN = 60
    INFO = 40
    DEBUG = 20


HINT_LEVELS: dict[str, HintLevel] = {
    "INCONSISTENT_DEFAULT_VALUE_PRESENCE": HintLevel.WARN,
    "INCONSISTENT_INPUT_OBJECT_FIELD": HintLevel.WARN,
    "INCONSISTENT_ENUM_VALUE_FOR_INPUT_ENUM": HintLevel.WARN,
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_PRESENCE": HintLevel.WARN,
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_REPEATABLE": HintLevel.WARN,
    "INCONSISTENT_EXECUTABLE_DIRECTIVE_LOCATIONS": HintLevel.WARN,
    "NO_EXECUTABLE_DIRECTIVE_INTERSECTION": HintLevel.WARN,
    "INCONSISTENT_DESCRIPTION": HintLevel.WARN,
    "INCONSISTENT_ARGUMENT_PRESENCE": HintLevel.WARN,
    "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": HintLevel.WARN,
    "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN": HintLevel.WARN,
    "FROM_SUBGRAPH_DOES_NOT_EXIST": HintLevel.WARN,
    "DIRECTIVE_COMPOSITION_WARN": HintLevel.WARN,
    "INCONSISTENT_BUT_COMPATIBLE_FIELD_TYPE": HintLevel.INFO,
    "INCONSISTENT_BUT_COMPATIBLE_ARGUMENT_TYPE": HintLevel.INFO,
    "INCONSISTENT_ENTITY": HintLevel.INFO,
    "OVERRIDDEN_FIELD_CAN_BE_REMOVED": HintLevel.INFO,
    "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED": HintLevel.INFO,
    "OVERRIDE_MIGRATION_IN_PROGRESS": HintLevel.INFO,
    "DIRECTIVE_COMPOSITION_INFO": HintLevel.INFO,
    "IMPLICITLY_UPGRADED_FEDERATION_VERSION": HintLevel.INFO,
    "CONTEXTUAL_ARGUMENT_NOT_CONTEXTUAL_IN_ALL_SUBGRAPHS": HintLevel.INFO,
    "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS": HintLevel.INFO,
    "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD": HintLevel.DEBUG,
    "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD": HintLevel.DEBUG,
    "INCONSISTENT_UNION_MEMBER": HintLevel.DEBUG,
    "INCONSISTENT_ENUM_VALUE_FOR_OUTPUT_ENUM": HintLevel.DEBUG,
    "UNUSED_ENUM_TYPE": HintLevel.DEBUG,
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_REPEATABLE": HintLevel.DEBUG,
    "INCONSISTENT_TYPE_SYSTEM_DIRECTIVE_LOCATIONS": HintLevel.DEBUG,
}


@dataclass(frozen=True, slots=True)
class CompositionError:
    """One reason why the subgraphs do not compose."""

    code: str
    message: str
    subgraphs: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


@dataclass(frozen=True, slots=True)
class CompositionHint:
    """A remark on subgraphs that compose: something differs, is left out, or can be removed."""

    code: str
    level: HintLevel
    message: str

    def __str__(self) -> str:
        return f"{self.level.name} {self.code}: {self.message}"


@dataclass(slots=True)
class Report:
    """Collects errors and hints in the order in which the rules find them; an equal one is kept once."""

    errors: list[CompositionError] = field(default_factory=list)
    hints: list[CompositionHint] = field(default_factory=list)

    def error(self, code: str, message: str, *, subgraphs: Iterable[str] = ()) -> None:
        """Add an error unless the same one is there already."""
        assert code in ERROR_CODES, f"{code} is not among the error codes"
        found = CompositionError(code, message, tuple(subgraphs))
        if found not in self.errors:
            self.errors.append(found)

    def hint(self, code: str, message: str) -> None:
        """Add a hint, at the level that its code has, unless the same one is there already."""
        found = CompositionHint(code, HINT_LEVELS[code], message)
        if found not in self.hints:
            self.hints.append(found)


def name_list(names: Iterable[str]) -> str:
    """Return names as prose: `"a"`, `"a" and "b"`, `"a", "b" and "c"`."""
    quoted = [f'"{name}"' for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def subgraph_list(names: Iterable[str]) -> str:
    """Return `subgraph "a"` or `subgraphs "a" and "b"`."""
    found = list(names)
    return f"subgraph{'s' if len(found) != 1 else ''} {name_list(found)}"


def subgraph_subject(names: Iterable[str]) -> str:
    """Return `subgraph_list` for the beginning of a sentence."""
    found = subgraph_list(names)
    return found[0].upper() + found[1:]
