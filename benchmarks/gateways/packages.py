"""The gateways on Node: which versions, and their installation into a folder outside version control."""

import json
import os
import shutil
import subprocess
from pathlib import Path

from stack.home import HOME_VARIABLE, PROJECT

VERSIONS = {
    "@apollo/composition": "2.14.4",
    "@apollo/gateway": "2.14.4",
    "@apollo/query-planner": "2.14.4",
    "@apollo/server": "5.5.1",
    "@graphql-hive/gateway": "2.15.1",
    "@graphql-hive/router-query-planner": "0.0.38",
    "@graphql-hive/router-runtime": "1.4.23",
    "@theguild/federation-composition": "0.26.3",
    "graphql": "16.12.0",
    "graphql-http": "1.23.1",
}
# A registry may lack the newest version that @graphql-tools/delegate asks for; this one serves as well.
_OVERRIDES = {"@graphql-tools/batch-execute": "10.2.0"}
_INSTALL_SECONDS = 900
_SCRIPTS = Path(__file__).parent / "node"


class PackagesError(Exception):
    """The gateways on Node cannot be installed; the text says why."""


def default_folder() -> Path:
    """Return where the packages are kept between runs: in `.reelgraph/benchmarks`, which git ignores."""
    return Path(os.environ.get(HOME_VARIABLE) or PROJECT / ".reelgraph").absolute() / "benchmarks" / "gateways"


def install(folder: Path) -> Path:
    """Bring the pinned versions and our scripts into the folder, unless they are there; return it.

    Raises:
        PackagesError: node or npm is missing, or npm failed or took too long.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise PackagesError("node (20 or newer) and npm are needed on PATH.")
    manifest = json.dumps(
        {"name": "gateways", "private": True, "dependencies": VERSIONS, "overrides": _OVERRIDES}, indent=2
    )
    folder.mkdir(parents=True, exist_ok=True)
    installed = folder / "installed.json"
    if not installed.exists() or installed.read_text(encoding="utf-8") != manifest:
        installed.unlink(missing_ok=True)
        (folder / "package.json").write_text(manifest, encoding="utf-8")
        _npm_install(folder)
        installed.write_text(manifest, encoding="utf-8")
    for script in _SCRIPTS.iterdir():  # modules are looked up from where the script lies
        shutil.copyfile(script, folder / script.name)
    return folder


def _npm_install(folder: Path) -> None:
    try:
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"],
            cwd=folder,
            check=True,
            timeout=_INSTALL_SECONDS,
        )
    except (subprocess.SubprocessError, OSError) as error:
        raise PackagesError(f"npm install did not succeed in {folder}: {error}") from error
