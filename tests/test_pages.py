"""What README and docs name is there: linked pages and headings, files, commands, settings, operations of the API."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import click
import pytest
from graphql import GraphQLError, build_schema, parse, validate

from schema.cli import main as schema_commands
from stack.cli import main as stack_commands

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
# Decisions stay as they were written; what they name may have gone since.
PRESENT = [page for page in PAGES if page.parent.name != "adr"]
CODE = ("compiled_execution", "media", "router", "schema", "stack", "subgraphs", "tests", "workers", "benchmarks")


def name_of(page: Path) -> str:
    """Return how a test is named after the page."""
    return str(page.relative_to(ROOT))


def prose_of(page: Path) -> str:
    """Return the page without its blocks of code."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)


def headings_of(page: Path) -> set[str]:
    """Return the anchors of the page's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", prose_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@cache
def words_of_code() -> frozenset[str]:
    """Return the words, in lower case, of the code, its schema and what is beside it, settings by their full names."""
    folders = [path for name in CODE for path in (ROOT / name).rglob("*") if path.suffix in {".py", ".graphql"}]
    beside = ["reelgraph", "pyproject.toml", "docker-compose.yml", "Dockerfile", "docs/configuration.md"]
    texts = [path.read_text(encoding="utf-8") for path in (*folders, *(ROOT / name for name in beside))]
    return frozenset(word for text in texts for word in re.findall(r"\w+", text.lower()))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_to_pages_and_headings(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", prose_of(page)):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, heading = link.partition("#")
        target = (page.parent / path) if path else page
        if not target.exists() or (heading and heading not in headings_of(target)):
            broken.append(link)

    assert broken == []


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_commands_of_ours_exist_with_their_options(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    unknown = []
    for line in re.findall(r"\./reelgraph ([^`\n#|]+)", text):
        unknown += _unknown_words(stack_commands, line)
    for line in re.findall(r"python -m schema ([^`\n#|]+)", text):
        unknown += _unknown_words(schema_commands, line)

    assert unknown == []


def _unknown_words(commands: click.Group, line: str) -> list[str]:
    name, *words = re.findall(r"[^\s\[\]]+", line)
    if name.startswith("--"):
        return [] if name == "--help" else [name]
    if name not in commands.commands:
        return [name]
    if commands.commands[name].context_settings.get("ignore_unknown_options"):
        return []  # they go to another program
    options = {option for each in commands.commands[name].params for option in (*each.opts, *each.secondary_opts)}
    return [f"{name} {word}" for word in words if word.startswith("--") and word not in options | {"--help"}]


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_modules_that_are_to_be_run_exist(page: Path) -> None:
    named = set(re.findall(r"python -m ([\w.]+)", page.read_text(encoding="utf-8")))

    assert [name for name in sorted(named) if not _can_be_run(name)] == []


def _can_be_run(name: str) -> bool:
    try:
        found = find_spec(name)
    except ModuleNotFoundError:
        return False
    return found is not None and (found.submodule_search_locations is None or find_spec(f"{name}.__main__") is not None)


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_files_and_folders_exist(page: Path) -> None:
    tops = "|".join((*CODE, "docs"))
    named = re.findall(rf"`((?:{tops})/[\w./-]*)`", prose_of(page))

    missing = [path for path in named if not any((ROOT / f"{path}{end}").exists() for end in ("", ".py", ".md"))]
    assert missing == []


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_settings_and_other_constants_exist(page: Path) -> None:
    named = set(re.findall(r"`([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=[^`]*)?`", page.read_text(encoding="utf-8")))

    assert [name for name in sorted(named) if not _is_written(name)] == []


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_fields_and_types_of_the_api_exist(page: Path) -> None:
    spoken = re.findall(r"`([A-Za-z][\w.]*)(?:\([^`]*\))?`", prose_of(page))
    named = {part for each in spoken for part in each.split(".") if re.fullmatch(r"[a-z]+\d*[A-Z]\w*", part)}

    assert [name for name in sorted(named) if not _is_written(name)] == []


def _is_written(name: str) -> bool:
    snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name)
    return not {name.lower(), snake.lower()}.isdisjoint(words_of_code())


@pytest.mark.parametrize("page", PRESENT, ids=name_of)
def test_operations_fit_the_api(page: Path) -> None:
    api = build_schema((ROOT / "schema" / "api.graphql").read_text(encoding="utf-8"))
    faults = []
    for block in re.findall(r"^```graphql\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL):
        try:
            faults += [error.message for error in validate(api, parse(block))]
        except GraphQLError as error:
            faults.append(error.message)

    assert faults == []
