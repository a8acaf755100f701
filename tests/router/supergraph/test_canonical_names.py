"""A directive means what its specification says, whatever the supergraph calls it."""

from __future__ import annotations

import pytest

from router.supergraph import Supergraph
from router.supergraph.tables import TypeTable

SDL = """
schema
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/%s/%s, for: SECURITY)
{ query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") }
type Query @join__type(graph: A) { open: Int closed: Int @%s }
"""
IMPORTED = 'v0.1", import: [{name: "@%s", as: "@renamed"}]'
LINKED_AS = 'v0.1", as: "renamed"'


def _query(specification: str, link: str, use: str) -> TypeTable:
    return Supergraph.from_sdl(SDL % (specification, link, use)).types["Query"]


@pytest.mark.parametrize("link", [IMPORTED % "inaccessible", LINKED_AS])
def test_hides_what_is_inaccessible_under_another_name(link: str) -> None:
    supergraph = Supergraph.from_sdl(SDL % ("inaccessible", link, "renamed"))

    assert supergraph.api_schema.query_type is not None
    assert list(supergraph.api_schema.query_type.fields) == ["open"]
    assert supergraph.types["Query"].fields["closed"].is_inaccessible


@pytest.mark.parametrize(
    ("specification", "use"),
    [
        ("authenticated", "renamed"),
        ("requiresScopes", 'renamed(scopes: [["a"]])'),
        ("policy", 'renamed(policies: [["a"]])'),
    ],
)
@pytest.mark.parametrize("is_imported", [True, False])
def test_protects_what_is_protected_under_another_name(specification: str, use: str, is_imported: bool) -> None:
    query = _query(specification, IMPORTED % specification if is_imported else LINKED_AS, use)

    assert query.fields["open"].authorization is None
    assert query.fields["closed"].authorization is not None


def test_a_directive_of_someone_elses_keeps_its_name() -> None:
    sdl = SDL.replace("specs.apollo.dev/%s", "example.com/%s").replace(", for: SECURITY)\n{", ")\n{")

    supergraph = Supergraph.from_sdl(sdl % ("inaccessible", LINKED_AS, "renamed"))

    assert supergraph.api_schema.query_type is not None
    assert list(supergraph.api_schema.query_type.fields) == ["open", "closed"]
