"""Where breaks lie and which ad fills a slot: pure rules."""

from collections import Counter
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from subgraphs.ads.models import AdBreakKind, Candidate, Priority
from subgraphs.ads.service.breaks import ad_breaks
from subgraphs.ads.service.decisions import decide


def mid_rolls(duration_seconds: int | None) -> list[int]:
    breaks = ad_breaks(duration_seconds)
    assert (breaks[0].kind, breaks[0].offset_seconds) == (AdBreakKind.PRE_ROLL, 0)
    assert {found.kind for found in breaks[1:]} <= {AdBreakKind.MID_ROLL}
    return [found.offset_seconds for found in breaks[1:]]


@pytest.mark.requirement("FR-AD-002.1")
@pytest.mark.requirement("IN-B-12")
@pytest.mark.parametrize(
    ("duration_seconds", "offsets"),
    [
        (None, []),
        (0, []),
        (1800, []),
        (1801, [900]),
        (1919, [900]),
        (1920, [900, 1800]),
        (5400, [900, 1800, 2700, 3600, 4500]),
        (5520, [900, 1800, 2700, 3600, 4500, 5400]),
    ],
)
def test_mid_rolls_come_every_15_minutes_in_videos_of_more_than_30(
    duration_seconds: int | None, offsets: list[int]
) -> None:
    assert mid_rolls(duration_seconds) == offsets


@given(st.integers(1801, 100_000))
def test_no_possible_mid_roll_is_left_out_and_the_last_leaves_two_minutes(duration_seconds: int) -> None:
    offsets = mid_rolls(duration_seconds)

    assert offsets == [number * 900 for number in range(1, len(offsets) + 1)]
    assert offsets[-1] <= duration_seconds - 120 < offsets[-1] + 900


def candidate(creative_id: UUID, priority: Priority = Priority.HOUSE) -> Candidate:
    return Candidate(
        creative_id=creative_id,
        name="Tea",
        image_path="/artwork/ads/tea",
        advertiser="Chai & Co",
        category="food",
        priority=priority,
        click_through_url=None,
    )


SLOTS = [UUID(int=number) for number in range(300)]
HOUSE = [candidate(UUID(int=number)) for number in range(3)]


def winners(candidates: list[Candidate], viewer: str) -> list[UUID]:
    decisions = [decide(candidates, viewer=viewer, slot=slot) for slot in SLOTS]
    return [decision.ad.creative_id for decision in decisions if decision is not None]


def test_a_decision_repeats_whatever_the_order_of_the_candidates() -> None:
    slot = uuid4()

    assert decide(HOUSE, viewer="asha", slot=slot) == decide(HOUSE[::-1], viewer="asha", slot=slot)


def test_slots_and_viewers_are_spread_over_the_creatives() -> None:
    asha, ravi = winners(HOUSE, "asha"), winners(HOUSE, "ravi")

    assert asha != ravi
    assert all(60 <= count <= 140 for count in Counter(asha).values())
    assert len(set(asha)) == 3


def test_a_new_creative_takes_only_the_slots_that_it_wins() -> None:
    newcomer = candidate(UUID(int=99))

    before, after = winners(HOUSE, "asha"), winners([*HOUSE, newcomer], "asha")

    changed = {new for old, new in zip(before, after, strict=True) if old != new}
    assert changed == {newcomer.creative_id}


def test_a_better_class_is_always_served_first() -> None:
    sponsored = candidate(UUID(int=50), Priority.SPONSORED)
    standard = candidate(UUID(int=51), Priority.STANDARD)

    assert set(winners([*HOUSE, standard, sponsored], "asha")) == {sponsored.creative_id}
    assert set(winners([*HOUSE, standard], "asha")) == {standard.creative_id}


def test_without_a_candidate_there_is_no_ad() -> None:
    assert decide([], viewer="asha", slot=SLOTS[0]) is None
