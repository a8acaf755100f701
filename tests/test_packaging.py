"""Generic top-level names are safe: nobody else installs them, and each is a real package."""

import tomllib
from importlib import import_module
from importlib.metadata import metadata, packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["uv"]["build-backend"][
    "module-name"
]


@pytest.mark.parametrize("name", PACKAGES)
def test_nobody_else_installs_a_package_of_that_name(name: str) -> None:
    owners = set(packages_distributions().get(name, []))

    assert owners <= {"reelgraph"}


@pytest.mark.parametrize("name", [*PACKAGES, "tests"])
def test_a_package_is_no_namespace_and_lies_in_this_tree(name: str) -> None:
    file = import_module(name).__file__

    assert file is not None
    assert Path(file) == ROOT / name / "__init__.py"


@pytest.mark.parametrize("name", PACKAGES)
def test_every_folder_with_code_is_a_package(name: str) -> None:
    folders = {path.parent for path in (ROOT / name).rglob("*.py")}

    bare = {folder for folder in folders if not (folder / "__init__.py").exists()}

    # Alembic reads migrations by path; they are never imported.
    assert {folder for folder in bare if folder.parts[-2:] != ("migrations", "versions")} == set()


def test_every_package_of_the_tree_is_shipped() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}

    assert found - {"tests", "benchmarks"} == set(PACKAGES)


def test_the_distribution_can_never_be_published() -> None:
    assert "Private :: Do Not Upload" in (metadata("reelgraph").get_all("Classifier") or [])


def test_no_module_at_the_root_shadows_another() -> None:
    assert list(ROOT.glob("*.py")) == []
