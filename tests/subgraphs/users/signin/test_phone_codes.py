"""Signing in with a code by text message."""

import asyncio
import re
from datetime import timedelta
from typing import Any

import pytest

from subgraphs.shared.graphql.app import SubgraphApp
from subgraphs.shared.identity import ANONYMOUS, Viewer
from subgraphs.users.app import create_app
from subgraphs.users.config import Settings
from subgraphs.users.errors import PhoneInvalidError
from subgraphs.users.service.crypto import PersonalData
from subgraphs.users.service.phone_codes import normalise_phone
from tests.subgraphs.users.catcher import Catcher
from tests.subgraphs.users.conftest import TurnedClock
from tests.subgraphs.users.support import AUTH_FIELDS, Client

REQUEST = "mutation ($phone: String!) { result: otpRequest(phone: $phone) { ok errors { code message path } } }"
VERIFY = f"""
mutation ($phone: String!, $code: String!, $device: DeviceInput) {{
  result: otpVerify(phone: $phone, code: $code, device: $device) {{ {AUTH_FIELDS} }}
}}"""
PHONE = "+91 98765 43210"
OTHER_PHONE = "+91 98765 43211"
OTP_INVALID = {
    "__typename": "OtpInvalid",
    "code": "OTP_INVALID",
    "message": "The code is wrong or has expired. After five wrong ones, ask for another.",
    "path": None,
}


class Phone:
    """Somebody with a phone, and the messages that it got."""

    def __init__(self, client: Client, catcher: Catcher, number: str = PHONE) -> None:
        self.client = client
        self.catcher = catcher
        self.number = number

    async def request(self, viewer: Viewer = ANONYMOUS) -> dict[str, Any]:
        return await self.client.result(REQUEST, viewer, phone=self.number)

    def newest_code(self) -> str:
        digits = normalise_phone(self.number, country="IN")
        texts = [letter.get_content() for letter in self.catcher.letters if digits in str(letter["To"])]
        found = re.search(r"\d{6}", texts[-1])
        assert found, texts[-1]
        return found[0]

    async def code(self) -> str:
        assert await self.request() == {"ok": True, "errors": []}
        return self.newest_code()

    async def verify(self, code: str, **more: Any) -> dict[str, Any]:
        return await self.client.result(VERIFY, phone=self.number, code=code, **more)


@pytest.fixture
def phone(client: Client, catcher: Catcher) -> Phone:
    return Phone(client, catcher)


def wrong(code: str) -> str:
    """Return another code."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@pytest.mark.requirement("FR-UM-001.5")
async def test_a_number_that_got_a_code_of_six_digits_gets_an_account(phone: Phone, client: Client) -> None:
    tokens = await phone.verify(await phone.code())

    assert tokens["__typename"] == "AuthTokens"
    assert tokens["account"]["email"] is None
    assert tokens["profile"]["name"] == "Viewer"
    response = await client.run("{ viewer { account { roles } } }", client.viewer_of(tokens))
    assert response["data"]["viewer"]["account"]["roles"] == ["USER"]


@pytest.mark.requirement("FR-UM-001.5")
async def test_the_same_number_however_written_signs_in_to_the_same_account(
    client: Client, catcher: Catcher, clock: TurnedClock
) -> None:
    accounts = set()
    for written in ("+919876543210", "098765 43210", "+91-98765-43210", "00919876543210"):
        number = Phone(client, catcher, written)
        accounts.add((await number.verify(await number.code()))["account"]["id"])
        clock.turn(timedelta(seconds=30))

    assert len(accounts) == 1


@pytest.mark.requirement("FR-UM-001.5")
async def test_a_code_works_once_for_five_minutes(phone: Phone, clock: TurnedClock) -> None:
    code = await phone.code()
    clock.turn(timedelta(minutes=4, seconds=59))
    assert (await phone.verify(code))["__typename"] == "AuthTokens"
    assert await phone.verify(code) == OTP_INVALID

    late = await phone.code()
    clock.turn(timedelta(minutes=5))
    assert await phone.verify(late) == OTP_INVALID


@pytest.mark.requirement("FR-UM-001.5")
async def test_the_fifth_try_may_be_right_and_a_sixth_never_is(phone: Phone, clock: TurnedClock) -> None:
    code = await phone.code()
    assert [await phone.verify(wrong(code)) for _ in range(4)] == [OTP_INVALID] * 4
    assert (await phone.verify(code))["__typename"] == "AuthTokens"

    clock.turn(timedelta(seconds=30))
    another = await phone.code()
    assert [await phone.verify(wrong(another)) for _ in range(5)] == [OTP_INVALID] * 5
    assert await phone.verify(another) == OTP_INVALID


async def test_fifty_guesses_at_once_are_five_tries_and_fifty_right_ones_one_sign_in(
    phone: Phone, client: Client, clock: TurnedClock
) -> None:
    code = await phone.code()
    await asyncio.gather(*(phone.verify(wrong(code)) for _ in range(50)))
    assert await phone.verify(code) == OTP_INVALID

    clock.turn(timedelta(seconds=30))
    another = await phone.code()
    results = await asyncio.gather(*(phone.verify(another) for _ in range(50)))
    assert sorted(result["__typename"] for result in results) == ["AuthTokens"] + ["OtpInvalid"] * 49
    assert len(await client.sql("SELECT id FROM users")) == 1


@pytest.mark.requirement("FR-UM-001.5")
async def test_another_code_can_be_had_after_thirty_seconds_and_five_in_an_hour(
    phone: Phone, catcher: Catcher, clock: TurnedClock
) -> None:
    before = len(catcher.letters)
    first = await phone.code()
    clock.turn(timedelta(seconds=29))
    too_soon = await phone.request()
    assert [error["code"] for error in too_soon["errors"]] == ["OTP_TOO_SOON"]
    assert "in 1 seconds" in too_soon["errors"][0]["message"]
    assert (await phone.verify(first))["__typename"] == "AuthTokens"
    for _ in range(4):
        clock.turn(timedelta(seconds=31))
        assert (await phone.request())["ok"]
    clock.turn(timedelta(seconds=31))

    refused = await phone.request()
    clock.turn(timedelta(minutes=58))

    assert [error["code"] for error in refused["errors"]] == ["OTP_TOO_SOON"]
    assert (await phone.request())["ok"]
    assert len(catcher.letters) - before == 6


async def test_a_new_code_voids_the_one_before(phone: Phone, clock: TurnedClock) -> None:
    first = await phone.code()
    clock.turn(timedelta(seconds=30))
    second = await phone.code()
    while second == first:  # one in a million
        clock.turn(timedelta(seconds=30))
        second = await phone.code()

    assert await phone.verify(first) == OTP_INVALID
    assert (await phone.verify(second))["__typename"] == "AuthTokens"


async def test_a_code_is_for_its_number_alone(phone: Phone, client: Client, catcher: Catcher) -> None:
    code = await phone.code()
    other = Phone(client, catcher, OTHER_PHONE)
    other_code = await other.code()

    if code != other_code:  # one in a million
        assert await other.verify(code) == OTP_INVALID


async def test_the_answer_does_not_tell_who_has_an_account(
    phone: Phone, client: Client, catcher: Catcher, clock: TurnedClock
) -> None:
    await phone.verify(await phone.code())
    clock.turn(timedelta(minutes=1))
    stranger = Phone(client, catcher, OTHER_PHONE)

    assert await phone.request() == await stranger.request()
    assert await phone.verify("abcdef") == await stranger.verify("abcdef") == OTP_INVALID
    never_asked = Phone(client, catcher, "+91 98765 43212")
    assert await never_asked.verify("123456") == OTP_INVALID


@pytest.mark.requirement("NFR-SEC-004")
async def test_neither_numbers_nor_codes_are_kept_in_clear(phone: Phone, client: Client, settings: Settings) -> None:
    code = await phone.code()
    tokens = await phone.verify(code)

    (row,) = await client.sql("SELECT * FROM phone_numbers")
    assert "98765" not in str(dict(row))
    personal = PersonalData(settings.personal_data_keys, lookup_key=settings.personal_data_lookup_key)
    assert personal.open(row["sealed_number"], purpose=f"phone:{row['user_id']}") == "+919876543210"
    assert row["number_index"] == personal.index("+919876543210", purpose="phone")
    everything = str([dict(row) for row in await client.sql("SELECT * FROM audit_entries")])
    assert "98765" not in everything
    assert code not in everything
    assert tokens["account"]["id"] in everything


@pytest.mark.parametrize(
    "text", ["", "nonsense", "12345", "+1 900 555 1234", "+91 22 2345 6789", "+999999999999", "9" * 99]
)
async def test_what_gets_no_text_message_is_refused_as_a_number(client: Client, catcher: Catcher, text: str) -> None:
    before = len(catcher.letters)

    result = await client.result(REQUEST, phone=text)

    assert [(error["code"], error["path"]) for error in result["errors"]] == [("PHONE_INVALID", ["phone"])]
    assert len(catcher.letters) == before


@pytest.mark.parametrize(
    ("text", "country", "expected"),
    [
        ("98765 43210", "IN", "+919876543210"),
        ("+91 (98765) 43210", "US", "+919876543210"),
        ("(201) 555-0123", "US", "+12015550123"),
        ("07400 123456", "GB", "+447400123456"),
    ],
)
def test_numbers_have_one_form(text: str, country: str, expected: str) -> None:
    assert normalise_phone(text, country=country) == expected


def test_a_number_of_no_country_is_refused() -> None:
    with pytest.raises(PhoneInvalidError):
        normalise_phone("98765 43210", country="ZZ")


async def test_the_message_is_in_the_language_of_the_request(phone: Phone, catcher: Catcher) -> None:
    await phone.request(Viewer(accept_locale="hi-IN"))

    assert "कोड" in catcher.letters[-1].get_content()


async def test_a_platform_without_messages_says_so(settings: Settings, clock: TurnedClock, app: SubgraphApp) -> None:
    configured = settings.model_copy(update={"sms_mail_url": ""})
    without = create_app(configured, clock=clock)
    async with without.running():
        response = await Client(without, configured).run(REQUEST, phone=PHONE)

    assert [error["extensions"]["code"] for error in response["errors"]] == ["SERVICE_UNAVAILABLE"]


async def test_the_device_is_the_one_that_was_told(phone: Phone, client: Client) -> None:
    device = {"clientId": "phone-1", "type": "MOBILE", "name": "My phone"}

    tokens = await phone.verify(await phone.code(), device=device)

    response = await client.run("{ viewer { account { devices { name type } } } }", client.viewer_of(tokens))
    assert response["data"]["viewer"]["account"]["devices"] == [{"name": "My phone", "type": "MOBILE"}]
