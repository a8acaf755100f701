"""The README's table of settings says what the settings are."""

import json
from pathlib import Path

from router.config import RouterSettings

README = Path(__file__).parents[2] / "router" / "README.md"


def shown(default: object) -> str:
    if default is None:
        return "–"
    return json.dumps(default) if isinstance(default, bool | list | dict) else str(default)


def test_the_readme_lists_every_setting_with_its_default_and_meaning() -> None:
    rows = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| `ROUTER_")]

    assert rows == [
        f"| `ROUTER_{name.upper()}` | {shown(field.get_default(call_default_factory=True))} | {field.description} |"
        for name, field in RouterSettings.model_fields.items()
    ]
