"""Features that change what may be answered must be known."""

from __future__ import annotations

import pytest

from router.errors import UnsupportedFeatureError
from router.supergraph import Supergraph

SDL = """
schema @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION) %s { query: Query }
enum join__Graph { A @join__graph(name: "a", url: "") }
type Query @join__type(graph: A) { one: Int }
"""


@pytest.mark.parametrize("purpose", ["SECURITY", "EXECUTION"])
def test_refuses_an_unknown_feature_with_a_purpose_by_name(purpose: str) -> None:
    url = "https://example.com/quota/v1.0"

    with pytest.raises(UnsupportedFeatureError) as refusal:
        Supergraph.from_sdl(SDL % f'@link(url: "{url}", for: {purpose})')

    assert (refusal.value.url, refusal.value.purpose) == (url, purpose)
    assert url in refusal.value.message


def test_refuses_an_unknown_version_of_a_known_feature() -> None:
    with pytest.raises(UnsupportedFeatureError):
        Supergraph.from_sdl(SDL % '@link(url: "https://specs.apollo.dev/inaccessible/v9.0", for: SECURITY)')


@pytest.mark.parametrize(
    "link",
    [
        '@link(url: "https://example.com/notes/v1.0")',
        '@link(url: "https://specs.apollo.dev/inaccessible/v0.2", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/requiresScopes/v0.1", for: SECURITY)',
        '@link(url: "https://specs.apollo.dev/cacheTag/v0.1", for: EXECUTION)',
        '@link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY)',
    ],
)
def test_accepts_known_features_and_those_without_a_purpose(link: str) -> None:
    assert Supergraph.from_sdl(SDL % link).graphs[0].name == "a"
