"""Pictures for titles that have none: drawn from a number, the same everywhere, without a network.

A picture is a sky of two colours, a sun or moon, ranges of hills or towers before it and the name at its foot.
"""

import colorsys
import io
import random
from collections.abc import Iterator, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Color = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_WEBP_QUALITY = 80
_LARGEST_SIDE_PX = 4096
_MOST_LINES = 4


def draw_artwork(seed: int, text: str, *, size: tuple[int, int]) -> bytes:
    """Return a picture as WebP: the same bytes for the same arguments.

    Args:
        seed: Decides colours and composition.
        text: Set at the foot. Letters beyond Latin, which the built-in font lacks, are left out; without any letter
            left the picture has no text.
        size: Width and height in pixels.

    Raises:
        ValueError: A side is below 1 or above 4,096 pixels.
    """
    width, height = size
    if not (1 <= width <= _LARGEST_SIDE_PX and 1 <= height <= _LARGEST_SIDE_PX):
        raise ValueError(f"A picture cannot be {width}×{height} pixels.")
    chance = random.Random(seed)  # noqa: S311  # must repeat, not be secret
    hue, step = chance.random(), chance.choice((0.08, 0.45, 0.55, 0.92))
    picture = _gradient(size, _color(hue, 0.62, 0.22), _color(hue + step, 0.72, 0.66))
    _draw_light(picture, chance, _color(hue + step + 0.06, 0.75, 0.82))
    _draw_ranges(picture, chance, hue)
    _darken_foot(picture)
    _draw_name(picture, _drawable(text))
    output = io.BytesIO()
    picture.save(output, "WEBP", quality=_WEBP_QUALITY, method=2)
    return output.getvalue()


def _color(hue: float, saturation: float, lightness: float) -> Color:
    red, green, blue = colorsys.hls_to_rgb(hue % 1, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def _gradient(size: tuple[int, int], top: Color, bottom: Color) -> Image.Image:
    """Return a sky: `top` above, `bottom` at the horizon."""
    ramp = Image.linear_gradient("L").resize(size)
    return Image.composite(Image.new("RGB", size, bottom), Image.new("RGB", size, top), ramp)


def _draw_light(picture: Image.Image, chance: random.Random, color: Color) -> None:
    """Draw a sun or moon with its glow, and sometimes rays or stars."""
    width, height = picture.size
    short = min(width, height)
    x, y = chance.uniform(0.2, 0.8) * width, chance.uniform(0.18, 0.5) * height
    radius = chance.uniform(0.1, 0.24) * short
    # The glow is drawn small and enlarged: a blur of the full size would take most of the time.
    glow = Image.new("L", (96, 96), 0)
    ImageDraw.Draw(glow).ellipse((24, 24, 72, 72), fill=150)
    glow = glow.filter(ImageFilter.GaussianBlur(12)).resize((int(radius * 6) + 1, int(radius * 6) + 1))
    picture.paste(color, (int(x - radius * 3), int(y - radius * 3)), glow)
    draw = ImageDraw.Draw(picture, "RGBA")
    if chance.random() < 0.5:
        for _ in range(60):
            star_x, star_y, dot = chance.uniform(0, width), chance.uniform(0, height * 0.6), short / 400
            draw.ellipse((star_x - dot, star_y - dot, star_x + dot, star_y + dot), fill=(255, 255, 255, 150))
    else:
        for _ in range(chance.randint(3, 6)):
            slant, thick = chance.uniform(-0.6, 0.6) * width, chance.uniform(0.02, 0.06) * width
            draw.polygon(
                [(x, y), (x + slant - thick, height), (x + slant + thick, height)],
                fill=(*color, chance.randint(14, 34)),
            )
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=(*color, 235))


def _draw_ranges(picture: Image.Image, chance: random.Random, hue: float) -> None:
    """Draw three ranges, the nearer the darker: hills, or the towers of a city."""
    width, height = picture.size
    draw = ImageDraw.Draw(picture, "RGBA")
    outline = chance.choice((_hills, _towers))
    for layer in range(3):
        base = height * (0.52 + 0.14 * layer)
        color = _color(hue + 0.03 * layer, 0.5, 0.34 - 0.11 * layer)
        points = [*outline(chance, width, base, height * 0.16), (width, height), (0, height)]
        draw.polygon(points, fill=(*color, 235))


def _hills(chance: random.Random, width: int, base: float, rise: float) -> Iterator[tuple[float, float]]:
    steps = chance.randint(5, 9)
    for step in range(steps + 1):
        yield width * step / steps, base - chance.uniform(-0.3, 1) * rise


def _towers(chance: random.Random, width: int, base: float, rise: float) -> Iterator[tuple[float, float]]:
    x = 0.0
    while x < width:
        top, wide = base - chance.uniform(-0.2, 1.3) * rise, chance.uniform(0.04, 0.11) * width
        yield x, top
        x = min(float(width), x + wide)
        yield x, top


def _darken_foot(picture: Image.Image) -> None:
    """Darken the lower part, so that the name can be read on any colour."""
    ramp = Image.linear_gradient("L").resize(picture.size).point(lambda level: max(0, level - 96))
    picture.paste(ImageChops.multiply(picture, Image.new("RGB", picture.size, (40, 40, 48))), (0, 0), ramp)


def _drawable(text: str) -> str:
    """Return what the built-in font can show of a text; empty when no letter or digit is among it."""
    kept = " ".join("".join(c if c.isascii() or "À" <= c <= "ÿ" else " " for c in text).split())
    return kept if any(c.isalnum() for c in kept) else ""


def _draw_name(picture: Image.Image, text: str) -> None:
    if not text:
        return
    width, height = picture.size
    font, lines = _fitted(text, width=int(width * 0.86), height=int(height * 0.34), largest=min(width, height) // 9)
    line_height = _line_height(font)
    draw = ImageDraw.Draw(picture)
    y = height * 0.94 - line_height * len(lines)
    for line in lines:
        shift = max(1, line_height // 24)
        draw.text((width * 0.07 + shift, y + shift), line, font=font, fill=(0, 0, 0))
        draw.text((width * 0.07, y), line, font=font, fill=(255, 255, 255))
        y += line_height


def _fitted(text: str, *, width: int, height: int, largest: int) -> tuple[Font, Sequence[str]]:
    """Return the largest font in which the text fits, and its lines; what does not fit even small is cut."""
    size = max(8, largest)
    while True:
        font = _font(size)
        lines = _wrapped(text, font, width)
        fits = len(lines) <= _MOST_LINES and _line_height(font) * len(lines) <= height
        if (fits and max(map(font.getlength, lines)) <= width) or size <= 8:
            return font, lines[:_MOST_LINES]
        size = max(8, int(size * 0.88))


def _wrapped(text: str, font: Font, width: int) -> list[str]:
    lines: list[str] = []
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(joined) <= width:
            lines[-1] = joined
        else:
            lines.append(word)
    return lines


def _line_height(font: Font) -> int:
    left, top, right, bottom = font.getbbox("Ag")
    return max(1, int((bottom - top + right - left) * 0.62))


@lru_cache(maxsize=64)
def _font(size: int) -> Font:
    return ImageFont.load_default(size)
