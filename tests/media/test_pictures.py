"""Uploaded pictures: what is taken, what is refused before it is decoded, what is kept."""

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image

from media.pictures import MOST_BYTES, PictureError, normalize_picture, resize_picture


def encoded(size: tuple[int, int], form: str = "PNG", **options: Any) -> bytes:
    output = io.BytesIO()
    Image.new("RGB", size, (200, 30, 60)).save(output, form, **options)
    return output.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes whose header promises that many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 64)) + chunk(b"IEND", b"")
    )


def moving() -> bytes:
    output = io.BytesIO()
    frames = [Image.new("RGB", (320, 180), (level, 0, 0)) for level in (0, 200)]
    frames[0].save(output, "WEBP", save_all=True, append_images=frames[1:])
    return output.getvalue()


@pytest.mark.requirement("FR-CMS-003.2")
@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_is_kept_as_webp_of_its_size(form: str) -> None:
    stored, width, height = normalize_picture(encoded((640, 360), form))

    kept = Image.open(io.BytesIO(stored))
    assert (kept.format, kept.size) == ("WEBP", (width, height)) == ("WEBP", (640, 360))


def test_nothing_but_the_pixels_survives() -> None:
    exif = Image.Exif()
    exif[0x010E] = "a secret place"
    exif[0x0112] = 6  # turned by a quarter
    data = encoded((400, 640), "JPEG", exif=exif, comment=b"a secret comment")

    stored, width, height = normalize_picture(data + b"<script>alert(1)</script>")

    assert (width, height) == (640, 400)
    assert b"secret" not in stored
    assert b"script" not in stored
    assert dict(Image.open(io.BytesIO(stored)).getexif()) == {}


def test_a_wide_picture_is_made_smaller() -> None:
    assert normalize_picture(encoded((5120, 2880)))[1:] == (2560, 1440)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "IMAGE_TYPE"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "IMAGE_TYPE"),
        (encoded((640, 360), "GIF"), "IMAGE_TYPE"),
        (moving(), "IMAGE_TYPE"),
        (encoded((640, 360))[:200], "IMAGE_DAMAGED"),
        (encoded((640, 360), "JPEG")[:700], "IMAGE_DAMAGED"),
        (bomb(640, 360), "IMAGE_DAMAGED"),
        (bomb(8000, 8000), "IMAGE_SIZE"),
        (bomb(20_000, 20_000), "IMAGE_SIZE"),
        (bomb(100_000, 1), "IMAGE_SIZE"),
        (encoded((319, 180)), "IMAGE_SIZE"),
        (b"x" * (MOST_BYTES + 1), "IMAGE_SIZE"),
    ],
    ids=[
        "empty",
        "svg",
        "gif",
        "moves",
        "cut png",
        "cut jpeg",
        "forged",
        "bomb",
        "larger bomb",
        "long",
        "small",
        "heavy",
    ],
)
def test_what_is_no_picture_to_show_is_refused(data: bytes, code: str) -> None:
    with pytest.raises(PictureError) as refusal:
        normalize_picture(data)

    assert refusal.value.code == code


def test_a_stored_picture_can_be_had_smaller() -> None:
    stored, _, _ = normalize_picture(encoded((640, 360)))

    assert Image.open(io.BytesIO(resize_picture(stored, size=(320, 180)))).size == (320, 180)
