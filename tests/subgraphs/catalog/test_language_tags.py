"""Language tags come in any case by every way, and are kept in one, so that no language is there twice."""

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection

from subgraphs.catalog import migrations
from subgraphs.catalog.repository.cards import Text
from subgraphs.catalog.service.drafts import read_draft
from subgraphs.catalog.service.exchange import WholeTitle, read_titles
from subgraphs.catalog.service.external_offers import read_offers
from subgraphs.catalog.service.importing import BadRow
from tests.subgraphs.catalog.desk import ADMIN, CREATOR, Desk
from tests.subgraphs.catalog.support import NOW, Client, id_of, movie

TEXTS = "{ cmsTitle(id: $id) { translations { locale name } audioLanguages } }"


async def texts_of(desk: Desk, own: str) -> Any:
    title = (await desk.catalog.data(f"query($id: ID!) {TEXTS}", {"id": own}, viewer=ADMIN))["cmsTitle"]
    return {each["locale"]: each["name"] for each in title["translations"]}, title["audioLanguages"]


async def test_a_text_of_a_title_is_found_again_by_a_tag_in_any_case(desk: Desk) -> None:
    own = await desk.draft(audioLanguages=["HI", "en-in", "hi"])
    names, languages = await texts_of(desk, own)
    assert (set(names), languages) == ({"en", "hi"}, ["hi", "en-IN"])

    for version, locale in enumerate(("EN-in", "en-IN", "eN-iN"), start=1):
        query = """mutation($id: ID!, $version: Int!, $input: TranslationInput!) {
          done: translationSet(titleId: $id, expectedVersion: $version, input: $input) { errors { code } }
        }"""
        given = {"id": own, "version": version, "input": {"locale": locale, "name": f"By {locale}"}}
        assert await desk.catalog.data(query, given, viewer=CREATOR) == {"done": {"errors": []}}

    names, _ = await texts_of(desk, own)
    assert names == {"en": "Monsoon Letters", "hi": "बारिश की चिट्ठियाँ", "en-IN": "By eN-iN"}
    await desk.publish(own)
    seen = await desk.catalog.data('query($id: ID!) { title(id: $id) { name(locale: "EN-IN") } }', {"id": own})
    assert seen == {"title": {"name": "By eN-iN"}}
    # In the document itself, too.
    removal = f'translationRemove(titleId: "{own}", expectedVersion: 4, locale: "en-in")'
    assert await desk.catalog.data(f"mutation {{ done: {removal} {{ title {{ id }} }} }}", viewer=CREATOR) == {
        "done": {"title": {"id": own}}
    }
    assert set((await texts_of(desk, own))[0]) == {"en", "hi"}


async def test_two_texts_in_one_language_are_refused(desk: Desk) -> None:
    twice = [{"locale": "ta", "name": "One"}, {"locale": "TA", "name": "Two"}]
    own = await desk.draft()

    assert await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input={"translations": twice}) == [
        "LANGUAGE_TWICE"
    ]
    before = await desk.everything()
    for mutation in (
        'genreUpsert(slug: "new", translations: $texts)',
        'collectionUpsert(input: {slug: "new", titleIds: [], translations: $texts})',
    ):
        kind = "NameInput" if mutation.startswith("genre") else "CollectionTextInput"
        query = f"mutation($texts: [{kind}!]!) {{ done: {mutation} {{ errors {{ code path }} }} }}"
        data = await desk.catalog.data(query, {"texts": twice}, viewer=ADMIN)
        assert data == {"done": {"errors": [{"code": "LANGUAGE_TWICE", "path": ["translations", "ta"]}]}}
    assert await desk.everything() == before


def line(**title: Any) -> bytes:
    film = movie("Film")
    document = {"kind": "MOVIE", "slug": "film", "original_name": "Film", "texts": {"EN": {"name": "Film"}}, **title}
    row = {"reelgraph": 1, "id": id_of(film), "publishedAt": None, "genres": [], "title": document}
    return json.dumps(row).encode()


def read(*lines: bytes) -> list[Any]:
    return list(read_titles(lines, published_at=NOW))


def test_lines_of_an_import_have_their_tags_in_the_usual_case() -> None:
    (title,) = read(line(audio_languages=["EN-in", "en-IN", "HI"]))

    assert isinstance(title, WholeTitle)
    assert title.record.texts == {"en": Text("Film", "")}
    assert title.record.audio_languages == ("en-IN", "hi")


@pytest.mark.parametrize(
    ("title", "reason"),
    [
        ({"texts": {"en": {"name": "A"}, "EN": {"name": "B"}}}, "`texts` has a language twice."),
        ({"texts": {"en_US": {"name": "A"}}}, "A language tag is none: hi, en-IN."),
        ({"subtitle_languages": ["english"]}, "A language tag is none: hi, en-IN."),
        ({"audio_languages": [7]}, "A language tag is none: hi, en-IN."),
        (
            {"kind": "SHOW", "seasons": [{"number": 1, "texts": {"hi": {"name": "A"}, "HI": {"name": "B"}}}]},
            "`texts` has a language twice.",
        ),
    ],
)
def test_lines_with_wrong_tags_or_a_language_twice_are_row_errors(title: dict[str, Any], reason: str) -> None:
    assert read(line(**title)) == [BadRow(1, reason)]


def test_a_document_that_was_stored_with_other_tags_has_each_language_once() -> None:
    stored = {
        "kind": "MOVIE",
        "texts": {"en-in": {"name": "Old"}, "en-IN": {"name": "Right"}, "hi-latn": {"name": "L"}},
    }

    draft = read_draft(stored)

    assert {locale: text.name for locale, text in draft.texts.items()} == {"en-IN": "Right", "hi-Latn": "L"}


def test_the_language_of_an_offer_is_kept_in_the_usual_case() -> None:
    (offer,) = read_offers([{"id": 1, "name": "A", "language": "HI-latn"}], catalogue="kino").offers

    assert offer.language == "hi-Latn"


def _migration() -> ModuleType:
    found = Path(migrations.__file__).parent / "versions" / "0017_one_title_for_an_external_id.py"
    spec = importlib.util.spec_from_file_location("language_tags_migration", found)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _migrate(connection: Connection) -> None:
    connection.execute(sa.text("DROP INDEX ix_cms_titles_external_ids"))
    with Operations.context(MigrationContext.configure(connection)):
        _migration().upgrade()


async def test_the_migration_writes_stored_tags_as_they_are_usually_written(catalog: Client) -> None:
    film = movie(
        "Film",
        texts={"en-in": Text("Old", ""), "en-IN": Text("Right", ""), "hi-latn": Text("Latin", "")},
        audio_languages=("en-in", "hi"),
    )
    other = movie("Other", texts={"en-in": Text("Alone", "")})
    await catalog.store(film, other)

    async with catalog.database.writing() as session:
        await (await session.connection()).run_sync(_migrate)
    async with catalog.database.reading() as session:
        texts = (
            await session.execute(
                sa.text("SELECT owner_id, locale, name FROM translations WHERE owner_id IN (:a, :b)"),
                {"a": film.id, "b": other.id},
            )
        ).all()
        languages = (
            await session.execute(sa.text("SELECT audio_languages FROM titles WHERE id = :a"), {"a": film.id})
        ).scalar_one()
        tags = (
            await session.execute(sa.text("SELECT tags FROM search_documents WHERE owner_id = :a"), {"a": film.id})
        ).scalar_one()

    assert {(own, locale, name) for own, locale, name in texts} == {
        (film.id, "en-IN", "Right"), (film.id, "hi-Latn", "Latin"), (other.id, "en-IN", "Alone"),
    }  # fmt: skip
    assert languages == ["en-IN", "hi"]
    assert [tag for tag in tags if tag.startswith("audio:")] == ["audio:en-IN", "audio:hi"]
