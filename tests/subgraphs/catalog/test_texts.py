"""Texts of titles: descriptions with marks that are harmless, and translations into any language that has a tag."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.catalog.service.richtext import cleaned, formatted, plain
from tests.subgraphs.catalog.desk import COMPLETE, CREATOR, PAYLOAD, Desk

HARMLESS = "<p>Letters that <strong>arrive</strong> <em>late</em>.</p><ul><li>One</li><li>Two &amp; three</li></ul>"
SET = f"""mutation($id: ID!, $version: Int!, $input: TranslationInput!) {{
  done: translationSet(titleId: $id, expectedVersion: $version, input: $input) {PAYLOAD}
}}"""
SHOWN = """query($id: ID!, $locale: Locale) { title(id: $id) {
  name(locale: $locale) description(locale: $locale) descriptionHtml(locale: $locale)
} }"""


async def set_text(desk: Desk, own: str, version: int, **text: Any) -> Any:
    variables = {"id": own, "version": version, "input": text}
    return (await desk.catalog.data(SET, variables, viewer=CREATOR))["done"]


@pytest.mark.requirement("FR-CMS-003.1")
@pytest.mark.parametrize(
    ("html", "clean"),
    [
        (HARMLESS, HARMLESS),
        ("<p onclick='steal()'>Come</p><script>steal()</script>", "<p>Come</p>"),
        ("<img src=x onerror=steal()>Come", "Come"),
        ('<a href="javascript:steal()">Come</a>', '<a rel="noopener noreferrer nofollow">Come</a>'),
        (
            '<a href="https://films.example/a" target="_blank">Come</a>',
            '<a href="https://films.example/a" rel="noopener noreferrer nofollow">Come</a>',
        ),
        ("<h1 style='color:red'>Come</h1>", "Come"),
        ("<p>Come", "<p>Come</p>"),
        ("<svg><p><style><img src=x onerror=steal()></style>", "<p></p>"),
        ("<!-- secret -->Come\x00\x07", "Come"),
        ("a < b", "a &lt; b"),
    ],
)
def test_only_harmless_marks_stay(html: str, clean: str) -> None:
    assert cleaned(html) == clean


@given(st.text(alphabet=st.sampled_from("<>/=\"&;:abpiul scrtyle\n\x00'!-"), max_size=60))
def test_what_is_clean_stays_as_it_is_and_says_nothing_else_as_plain_text(html: str) -> None:
    clean = cleaned(html)

    assert cleaned(clean) == clean
    assert plain(cleaned(formatted(plain(clean)))) == plain(clean)


def test_blocks_and_breaks_are_lines_of_the_plain_text() -> None:
    assert plain(HARMLESS) == "Letters that arrive late.\nOne\nTwo & three"
    assert plain("One<br>two <b>three</b>\nfour") == "One\ntwo three four"
    assert formatted("One & two\n\n three ") == "<p>One &amp; two</p><p>three</p>"


@pytest.mark.requirement("FR-CMS-003.1")
async def test_a_marked_description_is_stored_clean_and_shown_plain_where_plain_text_is_due(desk: Desk) -> None:
    given_html = f"{HARMLESS}<script>steal()</script>"
    texts = [
        {"locale": "en", "name": "Monsoon Letters", "descriptionHtml": given_html},
        {"locale": "hi", "name": "बारिश की चिट्ठियाँ", "description": "देर से\nआई & चिट्ठियाँ।"},
    ]
    own = await desk.published(translations=texts)

    english, hindi = [
        (await desk.catalog.data(SHOWN, {"id": own, "locale": locale}))["title"] for locale in ("en", "hi")
    ]

    assert (english["description"], english["descriptionHtml"]) == (plain(HARMLESS), HARMLESS)
    assert hindi["descriptionHtml"] == "<p>देर से</p><p>आई &amp; चिट्ठियाँ।</p>"
    rows = [row for table in await desk.everything() for row in table]
    assert not any("<script" in row for row in rows)
    query = "query($id: ID!) { cmsTitle(id: $id) { translations { locale descriptionHtml } } }"
    shown = (await desk.catalog.data(query, {"id": own}, viewer=CREATOR))["cmsTitle"]["translations"]
    assert shown == [{"locale": "en", "descriptionHtml": HARMLESS}, {"locale": "hi", "descriptionHtml": None}]


async def test_descriptions_with_marks_take_one_statement_for_a_page(desk: Desk) -> None:
    query = "query($n: Int!) { titles(first: $n) { edges { node { descriptionHtml } } } }"

    counts = [(await desk.catalog.ask_again(query, {"n": size})).statements for size in (1, 2)]

    assert counts == [3, 3]


@pytest.mark.requirement("FR-CMS-003.1")
async def test_a_title_has_texts_in_any_language(desk: Desk) -> None:
    own = await desk.draft()
    locales = ["ta", "zh-Hant-TW", "hi-Latn", "es-419", "kok"]

    for version, locale in enumerate(locales, start=1):
        done = await set_text(desk, own, version, locale=locale, name=f"Name {locale}", description="About it.")
        assert (done["errors"], done["title"]["version"]) == ([], version + 1)
    await desk.publish(own)

    for locale in locales:
        shown = (await desk.catalog.data(SHOWN, {"id": own, "locale": locale}))["title"]
        assert (shown["name"], shown["description"]) == (f"Name {locale}", "About it.")
    assert (await desk.catalog.data(SHOWN, {"id": own, "locale": "en"}))["title"]["name"] == "Monsoon Letters"


@pytest.mark.requirement("FR-CMS-003.1")
async def test_what_is_no_language_tag_is_refused(desk: Desk) -> None:
    own = await desk.draft()
    before = await desk.everything()

    for locale in ("", "e", "english", "en_US", "en-", "-en", "e1", "en-" + "x" * 9, "हि"):
        variables = {"id": own, "version": 1, "input": {"locale": locale, "name": "Name"}}
        answer = await desk.catalog.ask(SET, variables, viewer=CREATOR)
        assert [error["extensions"]["code"] for error in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"], locale

    assert await desk.everything() == before


async def test_two_descriptions_of_one_text_are_refused(desk: Desk) -> None:
    own = await desk.draft()
    before = await desk.everything()
    text = {"locale": "en", "name": "Name", "description": "One.", "descriptionHtml": "<p>Two.</p>"}

    answer = await desk.catalog.ask(SET, {"id": own, "version": 1, "input": text}, viewer=CREATOR)

    assert [error["extensions"]["code"] for error in answer.errors] == ["BAD_USER_INPUT"]
    assert await desk.everything() == before


@pytest.mark.requirement("IN-VAL-1")
async def test_names_have_1_to_500_characters_and_durations_1_to_600_minutes(desk: Desk) -> None:
    own, version = await desk.draft(), 1

    def named(name: str) -> dict[str, Any]:
        return {"translations": [{"locale": "en", "name": name}]}

    for wrong, code in (
        (named(""), "NAME_LENGTH"),
        (named("x" * 501), "NAME_LENGTH"),
        ({"durationMinutes": 0}, "DURATION_OUT_OF_RANGE"),
        ({"durationMinutes": 601}, "DURATION_OUT_OF_RANGE"),
    ):
        assert await desk.refusals("titleUpdate", CREATOR, id=own, expectedVersion=1, input=wrong) == [code]
    for right in (named("x"), named("न" * 500), {"durationMinutes": 1}, {"durationMinutes": 600}):
        changed = await desk.title("titleUpdate", CREATOR, id=own, expectedVersion=version, input=right)
        version += 1
        assert changed["version"] == version


@pytest.mark.requirement("IN-VAL-1")
async def test_a_kind_that_there_is_not_and_ids_that_are_none_are_refused(desk: Desk) -> None:
    before = await desk.everything()
    query = f"mutation($kind: TitleKind!, $input: TitleInput!) {{ titleCreate(kind: $kind, input: $input) {PAYLOAD} }}"

    for kind, changes, code in (
        ("SERIAL", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("movie", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("MOVIE", {"genreIds": ["not-an-id"]}, "BAD_USER_INPUT"),
        ("MOVIE", {"genreIds": ["R2VucmU6MTIz"]}, "BAD_USER_INPUT"),
        ("MOVIE", {"durationMinutes": "90"}, "GRAPHQL_VALIDATION_FAILED"),
    ):
        answer = await desk.catalog.ask(query, {"kind": kind, "input": {**COMPLETE, **changes}}, viewer=CREATOR)
        assert [error["extensions"]["code"] for error in answer.errors] == [code]

    assert await desk.everything() == before
