"""Calls to a partner: what is tried again, what is not, and how much of an answer is read."""

import asyncio

import pytest

from subgraphs.catalog.errors import CatalogueUnavailableError
from subgraphs.catalog.gateways.calls import PartnerCalls
from tests.subgraphs.catalog.gateways.partner import answer, partner_saying

WHOLE = answer(b"whole")


class Pauses:
    """Sleeps not at all, and keeps how long it was asked to."""

    def __init__(self) -> None:
        self.asked: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


@pytest.mark.requirement("CS-02")
@pytest.mark.parametrize(
    ("first", "paused"),
    [
        pytest.param(b"", 0.5, id="closed without a word"),
        pytest.param(answer(b"half", length=8), 0.5, id="broken off"),
        pytest.param(answer(status=503), 0.5, id="unavailable"),
        pytest.param(answer(status=429, headers="retry-after: 2\r\n"), 2.0, id="asked to wait"),
        pytest.param(answer(status=429, headers="retry-after: 86400\r\n"), 5.0, id="asked to wait for a day"),
        pytest.param(answer(status=503, headers="retry-after: soon\r\n"), 0.5, id="asked to wait in words"),
    ],
)
async def test_reading_is_tried_again_after_a_fault_that_may_pass(first: bytes, paused: float) -> None:
    pauses = Pauses()

    async with partner_saying(first, WHOLE) as partner, PartnerCalls(sleep=pauses) as calls:
        assert await calls.read(partner.url) == b"whole"

    assert len(partner.requests) == 2
    assert pauses.asked == [paused]


async def test_after_three_tries_the_catalogue_counts_as_unavailable() -> None:
    pauses = Pauses()

    async with partner_saying(answer(status=500)) as partner, PartnerCalls(sleep=pauses) as calls:
        with pytest.raises(CatalogueUnavailableError, match=r"^The catalogue answered 500\.$"):
            await calls.read(partner.url)

    assert len(partner.requests) == 3
    assert pauses.asked == [0.5, 1.0]


@pytest.mark.parametrize("fault", [b"", answer(status=503)], ids=["closed", "unavailable"])
async def test_a_call_that_may_change_something_is_made_once(fault: bytes) -> None:
    pauses = Pauses()

    async with partner_saying(fault, WHOLE) as partner, PartnerCalls(sleep=pauses) as calls:
        with pytest.raises(CatalogueUnavailableError):
            await calls.read(partner.url, method="POST", body=b"{}")

    assert partner.requests == [("POST", "/")]
    assert pauses.asked == []


@pytest.mark.parametrize("status", [301, 401, 403, 404, 204])
async def test_an_answer_that_will_not_change_is_not_asked_for_again(status: int) -> None:
    elsewhere = answer(status=status, headers="location: /elsewhere\r\n")

    async with partner_saying(elsewhere, WHOLE) as partner, PartnerCalls(sleep=Pauses()) as calls:
        with pytest.raises(CatalogueUnavailableError, match=str(status)):
            await calls.read(partner.url)

    assert partner.requests == [("GET", "/")]


@pytest.mark.parametrize("length", [None, 1_000], ids=["as long as it says", "shorter than it says"])
async def test_an_answer_larger_than_allowed_is_not_read_to_its_end(length: int | None) -> None:
    large = answer(b"0123456789A", length=length)

    async with partner_saying(large) as partner, PartnerCalls(most_bytes=10, sleep=Pauses()) as calls:
        with pytest.raises(CatalogueUnavailableError, match="larger"):
            await calls.read(partner.url)

    assert len(partner.requests) == 1


async def test_all_answers_of_a_partner_share_one_bound() -> None:
    async with partner_saying(answer(b"123456")) as partner, PartnerCalls(most_bytes=10, sleep=Pauses()) as calls:
        assert await calls.read(partner.url) == b"123456"
        with pytest.raises(CatalogueUnavailableError, match="larger"):
            await calls.read(partner.url)


async def test_a_partner_that_says_nothing_is_waited_for_no_longer_than_the_timeout() -> None:
    done = asyncio.Event()

    async def say_nothing(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await done.wait()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(say_nothing, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, PartnerCalls(timeout_seconds=0.05, sleep=Pauses()) as calls:
        with pytest.raises(CatalogueUnavailableError, match="ReadTimeout"):
            await calls.read(f"http://{host}:{port}")
        done.set()


async def test_the_token_goes_along_and_nothing_compressed_is_asked_for() -> None:
    async with partner_saying(WHOLE) as partner, PartnerCalls("secret", sleep=Pauses()) as calls:
        await calls.read(f"{partner.url}/titles")

    assert partner.requests == [("GET", "/titles")]
    assert partner.headers[0]["authorization"] == "Bearer secret"
    assert partner.headers[0]["accept-encoding"] == "identity"


@pytest.mark.parametrize("url", ["ftp://partner.example/titles", "http://", "http://[::1", "titles.json"])
async def test_an_address_that_is_none_is_a_catalogue_that_cannot_be_had(url: str) -> None:
    async with PartnerCalls("secret", sleep=Pauses()) as calls:
        with pytest.raises(CatalogueUnavailableError) as refusal:
            await calls.read(url)

    assert "secret" not in refusal.value.message
