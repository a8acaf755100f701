"""Drawn pictures: size, repeatability, text."""

import io

import pytest
from PIL import Image

from media.artwork import draw_artwork


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


@pytest.mark.requirement("IN-SEED-3")
@pytest.mark.parametrize("size", [(1920, 800), (400, 600), (800, 450), (160, 67), (1, 1)])
def test_a_picture_is_webp_of_the_size_asked_for(size: tuple[int, int]) -> None:
    picture = opened(draw_artwork(7, "The Golden River", size=size))

    assert (picture.format, picture.size) == ("WEBP", size)


def test_the_same_arguments_give_the_same_bytes() -> None:
    assert draw_artwork(7, "The Golden River", size=(400, 600)) == draw_artwork(7, "The Golden River", size=(400, 600))


def test_every_seed_gives_another_picture() -> None:
    pictures = {draw_artwork(seed, "", size=(160, 90)) for seed in range(60)}

    assert len(pictures) == 60


def test_the_name_is_set_on_the_picture() -> None:
    named = draw_artwork(7, "The Golden River", size=(400, 600))
    nameless = draw_artwork(7, "", size=(400, 600))

    assert named != nameless


@pytest.mark.parametrize("text", ["नदी", "——", "\n\t"])
def test_a_name_that_the_font_cannot_show_is_left_out(text: str) -> None:
    assert draw_artwork(7, text, size=(400, 600)) == draw_artwork(7, "", size=(400, 600))


@pytest.mark.parametrize(
    ("text", "shown"),
    [("Éclair à la mode", "Eclair a la mode"), ("Smørrebrød – Œuvre", "Smorrebrod - OEuvre"), ("शोले Sholay", "Sholay")],
)
def test_a_name_is_set_in_the_letters_that_the_font_has(text: str, shown: str) -> None:
    assert draw_artwork(7, text, size=(400, 600)) == draw_artwork(7, shown, size=(400, 600))


@pytest.mark.parametrize("text", ["W" * 400, "long " * 80, "A"])
def test_any_length_of_name_can_be_drawn(text: str) -> None:
    assert opened(draw_artwork(7, text, size=(160, 240))).size == (160, 240)


@pytest.mark.parametrize("size", [(0, 10), (10, 0), (4097, 10), (10, 100_000)])
def test_refuses_sizes_that_make_no_sense(size: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="cannot be"):
        draw_artwork(7, "", size=size)
