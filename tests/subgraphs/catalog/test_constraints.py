"""What the tables themselves refuse, whoever writes to them: second seasons, episodes and slugs of one number or name,
what plays of neither a title nor an episode, and parts of what there is not. And in which zone moments are told."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from subgraphs.catalog.service.records import episode_id, season_id
from tests.subgraphs.catalog.support import UNKNOWN, Client, id_of, movie, show

RIVER, HARBOUR = movie("River"), show("Harbour", episodes=(2,))
SEASON, EPISODE = season_id(HARBOUR.id, 1), episode_id(HARBOUR.id, 1, 1)

REFUSED = {
    "IN-DB-03": [
        (f"UPDATE titles SET slug = 'harbour' WHERE id = '{RIVER.id}'", "uq_titles_slug"),
        (f"UPDATE titles SET kind = 'SERIAL' WHERE id = '{RIVER.id}'", "ck_titles_kind_known"),
        (f"UPDATE titles SET required_tier = 'GOLD' WHERE id = '{RIVER.id}'", "ck_titles_tier_known"),
        (
            f"UPDATE titles SET available_from = now(), available_until = now() WHERE id = '{RIVER.id}'",
            "ck_titles_window_not_empty",
        ),
    ],
    "IN-DB-04": [
        (
            f"INSERT INTO seasons (id, title_id, number) VALUES ('{UNKNOWN}', '{HARBOUR.id}', 1)",
            "uq_seasons_title_id_number",
        ),
        (f"INSERT INTO seasons (id, title_id, number) VALUES ('{UNKNOWN}', '{UNKNOWN}', 1)", "fk_seasons_title_id"),
    ],
    "IN-DB-05": [
        (
            f"INSERT INTO episodes (id, season_id, number) VALUES ('{UNKNOWN}', '{SEASON}', 2)",
            "uq_episodes_season_id_number",
        ),
        (f"INSERT INTO episodes (id, season_id, number) VALUES ('{UNKNOWN}', '{UNKNOWN}', 1)", "fk_episodes_season_id"),
    ],
    "IN-DB-06": [
        (f"UPDATE playables SET episode_id = '{EPISODE}' WHERE title_id = '{RIVER.id}'", "ck_playables_episode_has"),
        (f"UPDATE playables SET episode_id = NULL WHERE title_id = '{HARBOUR.id}'", "ck_playables_episode_has"),
        (f"UPDATE playables SET duration_seconds = 0 WHERE title_id = '{RIVER.id}'", "ck_playables_duration_positive"),
    ],
    "IN-DB-09": [
        (f"INSERT INTO genres (id, slug, position) VALUES ('{UNKNOWN}', 'drama', 1)", "uq_genres_slug"),
    ],
    "IN-DB-10": [
        (f"INSERT INTO title_genres SELECT * FROM title_genres WHERE title_id = '{RIVER.id}'", "pk_title_genres"),
        (f"UPDATE title_genres SET genre_id = '{UNKNOWN}' WHERE title_id = '{RIVER.id}'", "fk_title_genres_genre_id"),
    ],
}
"""Statements, and the constraint that refuses each."""


@pytest.mark.requirement("IN-DB-03", "IN-DB-04", "IN-DB-05", "IN-DB-06", "IN-DB-09", "IN-DB-10")
async def test_the_tables_refuse_what_does_not_fit(catalog: Client) -> None:
    await catalog.store(RIVER, HARBOUR)

    for statement, constraint in (each for cases in REFUSED.values() for each in cases):
        with pytest.raises(IntegrityError) as refused:
            async with catalog.database.writing() as session:
                await session.execute(sa.text(statement))
        assert constraint in str(refused.value.orig), statement


@pytest.mark.requirement("NFR-USE-005")
async def test_moments_are_told_in_utc(catalog: Client) -> None:
    await catalog.store(RIVER)

    shown = await catalog.data("query($id: ID!) { title(id: $id) { publishedAt } }", {"id": id_of(RIVER)})

    assert shown["title"]["publishedAt"] == "2026-01-01T12:00:00+00:00"
