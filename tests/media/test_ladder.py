"""Which sizes are encoded of which pictures."""

from fractions import Fraction

import pytest

from media.ladder import RUNGS, choose_ladder, frames_per_group, steady_frame_rate


@pytest.mark.requirement("FR-CC-004.1")
def test_the_rungs_are_those_of_the_requirement() -> None:
    assert [(rung.quality, rung.bitrate_kbps) for rung in RUNGS] == [
        ("P144", 240),
        ("P360", 500),
        ("P480", 1000),
        ("P720", 2500),
        ("P1080", 5000),
    ]


@pytest.mark.requirement("FR-CC-004.1")
@pytest.mark.parametrize(
    ("source", "steps"),
    [
        ((3840, 2160), ["256x144", "640x360", "854x480", "1280x720", "1920x1080"]),
        ((1920, 1080), ["256x144", "640x360", "854x480", "1280x720", "1920x1080"]),
        ((1280, 720), ["256x144", "640x360", "854x480", "1280x720"]),
        ((1279, 719), ["256x144", "640x360", "854x480", "1278x718"]),  # nearly 720p counts, at its own size
        ((1024, 576), ["256x144", "640x360", "854x480"]),
        ((640, 480), ["192x144", "480x360", "640x480"]),
        ((1920, 800), ["256x106", "640x266", "854x356", "1280x534", "1920x800"]),  # wide, and still 1080p
        ((1080, 1920), ["144x256", "360x640", "480x854", "720x1280", "1080x1920"]),
        ((1000, 1000), ["144x144", "360x360", "480x480", "720x720", "1000x1000"]),
        ((200, 100), ["200x100"]),
        ((101, 57), ["100x56"]),
        ((1, 1), ["2x2"]),
    ],
)
def test_a_picture_is_encoded_in_every_size_that_it_fills(source: tuple[int, int], steps: list[str]) -> None:
    chosen = choose_ladder(*source)

    assert [f"{step.width}x{step.height}" for step in chosen] == steps


@pytest.mark.requirement("FR-CC-004.1")
def test_no_picture_is_ever_made_larger() -> None:
    for width in range(2, 2200, 37):
        for height in range(2, 2200, 41):
            steps = choose_ladder(width, height)
            assert all(step.width <= width and step.height <= height for step in steps)
            assert all(step.width % 2 == step.height % 2 == 0 for step in steps)
            assert [step.rung for step in steps] == list(RUNGS[: len(steps)])


@pytest.mark.parametrize(
    ("told", "steady", "frames"),
    [
        ("24", "24", 48),
        ("24000/1001", "24000/1001", 48),
        ("5395200/179911", "30", 60),
        ("2997/100", "30000/1001", 60),
        ("120", "60", 120),
        ("15", "15", 30),
        ("1", "1", 2),
        ("1/10", "1/10", 1),
    ],
)
def test_the_frame_rate_is_the_usual_one_that_is_meant(told: str, steady: str, frames: int) -> None:
    rate = steady_frame_rate(Fraction(told))

    assert rate == Fraction(steady)
    assert frames_per_group(rate) == frames
