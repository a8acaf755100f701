"""A catalogue that comes page by page: whole or not at all, and from nobody but the partner."""

from typing import Any

import pytest

from subgraphs.catalog.config import CatalogueSource
from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways import pages
from subgraphs.catalog.gateways.catalogues import adapter_of
from tests.subgraphs.catalog.gateways.partner import Partner, answer, partner_saying

RIVER, HARBOUR, LAMP = ({"id": str(number), "name": name} for number, name in enumerate(("River", "Harbour", "Lamp")))


def page(*items: Any, total: Any = 3, following: Any = None) -> bytes:
    return answer({"total": total, "items": items, "next": following})


async def rows_of(partner: Partner) -> Any:
    source = CatalogueSource.model_validate(
        {"name": "netflix", "adapter": "pages", "url": f"{partner.url}/v1/titles", "token": "secret"}
    )
    return await adapter_of(source).rows()


@pytest.mark.requirement("CS-02")
async def test_all_pages_are_read_one_after_the_other() -> None:
    first, second = page(RIVER, HARBOUR, following="?page=2"), page(LAMP)

    async with partner_saying(first, second) as partner:
        assert await rows_of(partner) == [RIVER, HARBOUR, LAMP]

    assert partner.requests == [("GET", "/v1/titles"), ("GET", "/v1/titles?page=2")]
    assert [headers["authorization"] for headers in partner.headers] == ["Bearer secret"] * 2


async def test_a_page_that_failed_is_asked_for_again_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("subgraphs.catalog.gateways.calls._FIRST_PAUSE_SECONDS", 0)
    first, second = page(RIVER, HARBOUR, following="/v1/titles?page=2"), page(LAMP)

    async with partner_saying(first, answer(status=502), second) as partner:
        assert await rows_of(partner) == [RIVER, HARBOUR, LAMP]

    assert [path for _, path in partner.requests] == ["/v1/titles", *["/v1/titles?page=2"] * 2]


@pytest.mark.requirement("CS-02")
@pytest.mark.parametrize(
    "answers",
    [
        pytest.param([page(RIVER, HARBOUR)], id="fewer rows than there are"),
        pytest.param([page(RIVER, HARBOUR, LAMP, LAMP)], id="more rows than there are"),
        pytest.param([page(RIVER, following="?page=2"), answer(status=404)], id="the second page is missing"),
        pytest.param([page(RIVER, following="?page=2"), answer(b'{"total": 3, "it')], id="half a page"),
        pytest.param([page(RIVER, following="?page=2"), page(LAMP, total=2)], id="another total"),
        pytest.param([page(RIVER, following="?page=2"), page(following="?page=3")], id="an empty page in between"),
        pytest.param([page(RIVER, following="/v1/titles")], id="in a circle"),
        pytest.param([answer(b"<!doctype html>")], id="a page for people"),
        pytest.param([answer([RIVER])], id="a list"),
        pytest.param([page("River", total=1)], id="a row that is no object"),
        pytest.param([answer({"items": [RIVER], "next": None})], id="no total"),
        pytest.param([page(RIVER, total=True)], id="a total that is no number"),
        pytest.param([page(RIVER, total=1, following=2)], id="a next page that is no address"),
        pytest.param([page(RIVER, following="http://127.0.0.1:1/titles")], id="another port"),
        pytest.param([page(RIVER, following="//elsewhere.example/titles")], id="another host"),
        pytest.param([page(RIVER, following="file:///etc/passwd")], id="another scheme"),
        pytest.param([page(RIVER, following="http://[::1")], id="an address that is none"),
    ],
)
async def test_what_is_not_the_whole_catalogue_is_nothing(answers: list[bytes]) -> None:
    async with partner_saying(*answers) as partner:
        with pytest.raises(CatalogueUnavailableError):
            await rows_of(partner)

    assert len(partner.requests) == len(answers)


async def test_a_catalogue_with_more_rows_than_allowed_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST_ROWS", 2)

    async with partner_saying(page(RIVER, following="?page=2")) as partner:
        with pytest.raises(CatalogueUnavailableError):
            await rows_of(partner)

    assert len(partner.requests) == 1
