"""Sealed personal values, their index, and hashed addresses."""

from datetime import UTC, datetime

import pytest

from subgraphs.users.service.crypto import PersonalData, SealedValueError, make_key

OLD, NEW = make_key("k1"), make_key("k2")
LOOKUP_KEY = "l" * 32
MARCH, APRIL = datetime(2026, 3, 31, 23, 59, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


@pytest.fixture(name="sealer")
def _sealer() -> PersonalData:
    return PersonalData(OLD, lookup_key=LOOKUP_KEY)


def test_a_value_opens_for_its_purpose_and_never_seals_twice_alike(sealer: PersonalData) -> None:
    first, second = (sealer.seal("+919812345678", purpose="phone:1") for _ in range(2))

    assert first != second
    assert first.startswith("k1.")
    assert "9812345678" not in first
    assert sealer.open(first, purpose="phone:1") == "+919812345678"


@pytest.mark.parametrize("fault", ["purpose", "changed", "key", "garbage", "empty", "short"])
def test_a_value_that_was_moved_changed_or_lost_its_key_does_not_open(sealer: PersonalData, fault: str) -> None:
    sealed = sealer.seal("secret", purpose="phone:1")
    swapped = "A" if sealed[10] != "A" else "B"
    presented = {
        "changed": sealed[:10] + swapped + sealed[11:],
        "key": sealed.replace("k1.", "k9."),
        "garbage": "k1.não",
        "empty": "",
        "short": "k1.AAAA",
    }.get(fault, sealed)

    with pytest.raises(SealedValueError) as refused:
        sealer.open(presented, purpose="phone:2" if fault == "purpose" else "phone:1")

    assert "secret" not in str(refused.value)


def test_a_new_key_in_front_seals_while_the_old_one_still_opens(sealer: PersonalData) -> None:
    sealed = sealer.seal("secret", purpose="p")
    rotated = PersonalData(f"{NEW},{OLD}", lookup_key=LOOKUP_KEY)

    resealed = rotated.reseal(sealed, purpose="p")

    assert not rotated.is_current(sealed)
    assert rotated.is_current(resealed)
    assert rotated.reseal(resealed, purpose="p") == resealed
    assert PersonalData(NEW, lookup_key=LOOKUP_KEY).open(resealed, purpose="p") == "secret"


@pytest.mark.parametrize(
    "keys",
    ["", "k1", "k1:", "k1:c2hvcnQ=", f"{OLD},{OLD}", OLD.replace("k1:", "k.1:"), "k1:é"],
    ids=["empty", "no colon", "no key", "short", "twice", "dot", "not ASCII"],
)
def test_malformed_keys_are_refused_at_start(keys: str) -> None:
    with pytest.raises(ValueError):
        PersonalData(keys, lookup_key=LOOKUP_KEY)


def test_the_index_finds_equal_values_of_one_purpose_under_one_secret_whatever_key_seals(sealer: PersonalData) -> None:
    rotated = PersonalData(NEW, lookup_key=LOOKUP_KEY)
    stranger = PersonalData(OLD, lookup_key="x" * 32)

    index = sealer.index("+919812345678", purpose="phone")

    assert len(index) == 64
    assert rotated.index("+919812345678", purpose="phone") == index
    assert sealer.index("+919812345679", purpose="phone") != index
    assert sealer.index("+919812345678", purpose="email") != index
    assert stranger.index("+919812345678", purpose="phone") != index


@pytest.mark.requirement("IN-GDPR-2")
def test_addresses_are_hashed_by_household_and_cannot_be_joined_across_months(sealer: PersonalData) -> None:
    def digest(address: str, now: datetime = MARCH) -> str:
        return sealer.hash_ip(address, now=now)

    assert digest("203.0.113.7").startswith("2026-03.")
    assert "203.0.113.7" not in digest("203.0.113.7")
    assert digest("203.0.113.7") == digest("::ffff:203.0.113.7")
    assert digest("203.0.113.7") != digest("203.0.113.8")
    assert digest("2001:db8::1") == digest("2001:db8:0:0:ffff::2") == digest("2001:db8::1%eth0")
    assert digest("2001:db8::1") != digest("2001:db8:0:1::1")
    assert digest("unknown") != digest("")
    assert digest("203.0.113.7").partition(".")[2] != digest("203.0.113.7", APRIL).partition(".")[2]
