"""Composes SDL written in a test, and picks out of the result what the test speaks of."""

import re

from router.composition import CompositionResult, Subgraph, compose

_NAMES = '"@key", "@shareable", "@external", "@requires", "@provides", "@override", "@inaccessible", "@tag", "@extends"'
_SINCE_2_3 = ', "@interfaceObject"'
_SINCE_2_5 = ', "@authenticated", "@requiresScopes"'


def federation_2(sdl: str, *, version: str = "2.5") -> str:
    """Return the SDL with a link that imports every directive that the tests use."""
    minor = int(version.split(".")[1])
    names = _NAMES + (_SINCE_2_3 if minor >= 3 else "") + (_SINCE_2_5 if minor >= 5 else "")
    names += (', "@composeDirective"' if minor >= 1 else "") + (', "@policy"' if minor >= 6 else "")
    names += (', "@context", "@fromContext"' if minor >= 8 else "") + (', "@cost", "@listSize"' if minor >= 9 else "")
    names += ', "@cacheTag"' if minor >= 12 else ""
    return f'extend schema @link(url: "https://specs.apollo.dev/federation/v{version}", import: [{names}])\n{sdl}'


def composed(*, version: str = "2.5", **sdl_by_name: str) -> CompositionResult:
    """Compose Federation 2 subgraphs, without saying so in each."""
    return composed_raw(**{name: federation_2(sdl, version=version) for name, sdl in sdl_by_name.items()})


def composed_raw(**sdl_by_name: str) -> CompositionResult:
    """Compose subgraphs exactly as written."""
    return compose([Subgraph(name, f"http://{name}", sdl) for name, sdl in sdl_by_name.items()])


def errors(result: CompositionResult) -> list[tuple[str, str]]:
    """Return the code and message of each error; there is then no supergraph."""
    assert bool(result.errors) == (result.supergraph_sdl == "")
    return [(error.code, error.message) for error in result.errors]


def codes(result: CompositionResult) -> list[str]:
    """Return the code of each error."""
    return [code for code, _ in errors(result)]


def hints(result: CompositionResult) -> list[tuple[str, str]]:
    """Return the code and message of each hint of a composition that succeeded."""
    assert errors(result) == []
    return [(hint.code, hint.message) for hint in result.hints]


def type_of(result: CompositionResult, name: str) -> str:
    """Return a type as the supergraph has it, from its keyword to its end."""
    assert errors(result) == []
    pattern = rf"^(?:type|interface|input|enum|union|scalar) {name}\b.*?(?=\n\n(?:\S|\Z)|\n\Z)"
    found = re.search(pattern, result.supergraph_sdl, flags=re.MULTILINE | re.DOTALL)
    assert found is not None, f"{name} is not in the supergraph"
    return found[0]
