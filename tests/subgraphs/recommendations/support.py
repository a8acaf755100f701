"""What several test modules of this subgraph do alike."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from subgraphs.recommendations.service import Batches, Play
from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import Viewer
from tests.subgraphs.recommendations.catalogue import NOW, profile_id, user_id

FEATURE_SECONDS = 6000


def viewer(name: str, **changes: Any) -> Viewer:
    """Return the viewer with that profile, on an account of the same name."""
    return Viewer(**{"user_id": user_id(name), "profile_id": profile_id(name), **changes})


def play(who: str, title: str, *, at: datetime, completion: float = 0.95) -> Play:
    """Return a moment of watching a feature of 100 minutes."""
    return Play(
        profile_id=profile_id(who),
        title_id=title,
        position_seconds=FEATURE_SECONDS * completion,
        duration_seconds=FEATURE_SECONDS,
        at=at,
    )


async def watch(batches: Batches, who: str, *titles: str, completion: float = 0.95) -> None:
    """Watch the titles an hour apart, the first one last, and rank the profile's rows anew."""
    plays = [
        play(who, title, at=NOW - timedelta(hours=2 + number), completion=completion)
        for number, title in enumerate(titles)
    ]
    await batches.refresh_rows(sorted(await batches.record_plays(plays)))


async def ask(app: SubgraphApp, who: Viewer, query: str, **variables: object) -> Any:
    """Return the data of an operation that must not fail."""
    response = await app.execute_as(who, query, variables=variables)
    assert "errors" not in response, response
    return response["data"]


ENTITIES = """query Entities($references: [_Any!]!) { _entities(representations: $references) {
  __typename ... on Title { id } ... on Profile { id } ... on Page { id slug } ... on Tray { id kind } } }"""


async def entities(app: SubgraphApp, who: Viewer, references: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the response to the references."""
    return await app.execute_as(who, ENTITIES, variables={"references": list(references)})
