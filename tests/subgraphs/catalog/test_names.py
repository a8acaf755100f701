"""Names and descriptions: which language a viewer gets."""

import pytest

from subgraphs.catalog.repository.cards import Text
from subgraphs.shared.identity import Viewer
from tests.subgraphs.catalog.support import ADULT, Client, id_of, movie, show

BOTH = {"en": Text("Golden River", "A river."), "hi": Text("सुनहरी नदी", "एक नदी।")}
HINDI_PROFILE = Viewer(user_id="u", profile_id="p", profile_locale="hi", accept_locale="en")
HINDI_BROWSER = Viewer(accept_locale="hi-IN")


@pytest.mark.requirement("IN-B-02")
@pytest.mark.parametrize(
    ("texts", "viewer", "asked", "expected"),
    [
        pytest.param(BOTH, ADULT, None, "Golden River", id="English without a wish"),
        pytest.param(BOTH, ADULT, "hi", "सुनहरी नदी", id="as asked"),
        pytest.param(BOTH, ADULT, "hi-IN", "सुनहरी नदी", id="language of a region"),
        pytest.param(BOTH, HINDI_PROFILE, None, "सुनहरी नदी", id="the profile's before the browser's"),
        pytest.param(BOTH, HINDI_PROFILE, "en", "Golden River", id="asked before the profile's"),
        pytest.param(BOTH, HINDI_BROWSER, None, "सुनहरी नदी", id="the browser's before English"),
        pytest.param(BOTH, ADULT, "ta", "Golden River", id="English where the asked one is missing"),
        pytest.param({"hi": BOTH["hi"]}, ADULT, "ta", "Rio Dourado", id="the original where English is missing too"),
    ],
)
async def test_the_name_comes_in_the_first_language_there_is(
    catalog: Client, texts: dict[str, Text], viewer: Viewer, asked: str | None, expected: str
) -> None:
    record = movie("Golden River", texts=texts, original_name="Rio Dourado")
    await catalog.store(record)

    data = await catalog.data(
        "query($id: ID!, $asked: Locale) { title(id: $id) { name(locale: $asked) originalName "
        "... on Movie { playable { name(locale: $asked) } } } }",
        {"id": id_of(record), "asked": asked},
        viewer=viewer,
    )

    assert data["title"] == {"name": expected, "originalName": "Rio Dourado", "playable": {"name": expected}}


@pytest.mark.requirement("IN-B-02")
async def test_genres_seasons_and_episodes_have_names_in_both_languages(catalog: Client) -> None:
    record = show("Harbour")
    await catalog.store(record)

    data = await catalog.data(
        """query($id: ID!) { title(id: $id) { genres { name(locale: "hi") }
           ... on Show { seasons { name(locale: "hi")
           episodes(first: 1) { edges { node { name(locale: "hi") description } } } } } } }""",
        {"id": id_of(record)},
    )

    assert data["title"] == {
        "genres": [{"name": "नाटक"}],
        "seasons": [
            {"name": "सीज़न 1", "episodes": {"edges": [{"node": {"name": "Harbour 1x1", "description": "Part 1."}}]}}
        ],
    }


@pytest.mark.parametrize(
    ("limit", "expected"), [("null", "A river of gold."), ("16", "A river of gold."), ("8", "A river…"), ("1", "…")]
)
async def test_a_description_is_cut_to_the_length_asked_for(catalog: Client, limit: str, expected: str) -> None:
    record = movie("Golden River", texts={"en": Text("Golden River", "A river of gold.")})
    await catalog.store(record)

    data = await catalog.data(f'{{ title(slug: "golden-river") {{ description(max: {limit}) }} }}')

    assert data == {"title": {"description": expected}}


async def test_refuses_a_malformed_language(catalog: Client) -> None:
    answer = await catalog.ask('{ titles { edges { node { name(locale: "not a language") } } } }')

    assert answer.data is None
    assert [error["extensions"]["code"] for error in answer.errors] == ["GRAPHQL_VALIDATION_FAILED"]
    assert answer.statements == 0
