"""Pictures that people upload: checked before they are decoded, stored anew as WebP, shown in any smaller width.

What is stored is drawn afresh from the pixels, so nothing else that a file may carry (places, scripts, other files)
survives. Files whose header promises more pixels than a picture needs are refused unread.
"""

import io

from PIL import Image, ImageOps, UnidentifiedImageError

MOST_BYTES = 10 * 1024 * 1024
MOST_PIXELS = 40_000_000
LARGEST_SIDE_PX = 8_192
SMALLEST_WIDTH_PX = 320
STORED_WIDTH_PX = 2_560
"""Widest picture that is kept; a wider one is made smaller."""

_FORMATS = ("JPEG", "PNG", "WEBP")
_WEBP_QUALITY = 85


class PictureError(Exception):
    """The bytes are no picture that can be shown. `code` is stable, the text is for whoever uploaded them."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def normalize_picture(data: bytes) -> tuple[bytes, int, int]:
    """Return the picture as WebP, upright and without anything but its pixels, with its width and height.

    Raises:
        PictureError: IMAGE_SIZE: too many bytes or pixels, or too small. IMAGE_TYPE: no JPEG, PNG or WebP, or it moves.
            IMAGE_DAMAGED: it cannot be decoded.
    """
    if len(data) > MOST_BYTES:
        raise PictureError("IMAGE_SIZE", f"A picture has at most {MOST_BYTES // 1024 // 1024} MB.")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
            _check_header(opened)
            picture = ImageOps.exif_transpose(opened).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_many_pixels() from error
    except UnidentifiedImageError as error:
        raise PictureError("IMAGE_TYPE", "A picture is a JPEG, PNG or WebP file.") from error
    except (OSError, SyntaxError, ValueError, MemoryError) as error:
        # What Pillow's decoders raise for files that are cut short or forged.
        raise PictureError("IMAGE_DAMAGED", "The picture cannot be read.") from error
    if picture.width < SMALLEST_WIDTH_PX:
        raise PictureError("IMAGE_SIZE", f"A picture is at least {SMALLEST_WIDTH_PX} pixels wide.")
    if picture.width > STORED_WIDTH_PX:
        height = max(1, round(picture.height * STORED_WIDTH_PX / picture.width))
        picture = picture.resize((STORED_WIDTH_PX, height), Image.Resampling.LANCZOS)
    return _as_webp(picture), picture.width, picture.height


def resize_picture(stored: bytes, *, size: tuple[int, int]) -> bytes:
    """Return a picture that `normalize_picture` made in another size, as WebP."""
    with Image.open(io.BytesIO(stored), formats=("WEBP",)) as opened:
        return _as_webp(opened.convert("RGB").resize(size, Image.Resampling.LANCZOS))


def _check_header(picture: Image.Image) -> None:
    """Refuse what the header tells already, before a pixel is decoded."""
    width, height = picture.size
    if width * height > MOST_PIXELS or max(width, height) > LARGEST_SIDE_PX:
        raise _too_many_pixels()
    if getattr(picture, "n_frames", 1) > 1:
        raise PictureError("IMAGE_TYPE", "A picture does not move.")


def _too_many_pixels() -> PictureError:
    return PictureError("IMAGE_SIZE", f"A picture has at most {MOST_PIXELS:,} pixels, {LARGEST_SIDE_PX:,} on a side.")


def _as_webp(picture: Image.Image) -> bytes:
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=_WEBP_QUALITY, method=2)
    return output.getvalue()
