"""The table of all settings in docs/configuration.md, made from the settings classes themselves."""

from collections import defaultdict
from importlib import import_module

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined
from pydantic_settings import BaseSettings

from router.config import RouterSettings
from stack.services import SUBGRAPHS

_OPENING = """# Settings

Everything is set by environment variables. `./reelgraph up` fills in all that are needed and not set; in containers
and in production they come from outside. This page is written by `./reelgraph settings`.

"""
_STACK_SETTINGS = (
    (
        "REELGRAPH_HOME",
        "`.reelgraph` in the clone",
        "Folder of data, keys and logs of `./reelgraph up`.",
        "command line",
    ),
    ("REELGRAPH_PYTHON", "the first that fits", "Python that `./reelgraph` installs into `.venv`.", "command line"),
    ("DEMO_VIEWER", "", "`1`: GraphiQL opens as the demo viewer. Set by `up`, never in production.", "router"),
)


def settings_page() -> str:
    """Return the page: one row for each variable, with its default, meaning and readers."""
    readers: dict[str, list[str]] = defaultdict(list)
    fields: dict[str, FieldInfo] = {}
    for reader, settings in _settings_classes():
        prefix = settings.model_config.get("env_prefix", "")
        for name, field in settings.model_fields.items():
            variable = f"{prefix}{name}".upper()
            fields.setdefault(variable, field)
            readers[variable].append(reader)
    rows = [
        (variable, _default(field), field.description or "", _readers(readers[variable]))
        for variable, field in sorted(fields.items())
    ]
    lines = ["| variable | default | meaning | read by |", "|---|---|---|---|"]
    lines += [f"| `{name}` | {default} | {_cell(meaning)} | {by} |" for name, default, meaning, by in rows]
    lines += [f"| `{name}` | {default} | {_cell(meaning)} | {by} |" for name, default, meaning, by in _STACK_SETTINGS]
    return _OPENING + "\n".join(lines) + "\n"


def _settings_classes() -> list[tuple[str, type[BaseSettings]]]:
    classes: list[tuple[str, type[BaseSettings]]] = [
        (subgraph.name, import_module(f"subgraphs.{subgraph.name}.config").Settings) for subgraph in SUBGRAPHS
    ]
    return [*classes, ("worker", import_module("workers.config").Settings), ("router", RouterSettings)]


def _readers(names: list[str]) -> str:
    domain = {subgraph.name for subgraph in SUBGRAPHS if subgraph.name != "relay"}
    if domain <= set(names):
        rest = [name for name in names if name not in domain]
        return ", ".join(["all seven subgraphs", *rest])
    return ", ".join(names)


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "**required**"
    value = field.default if field.default is not PydanticUndefined else field.get_default(call_default_factory=True)
    if value is None or value in ({}, [], ()):
        return ""
    return f"`{value}`"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
