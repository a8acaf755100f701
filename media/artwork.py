"""Pictures for titles that have none: drawn from a number, the same everywhere, without a network.

A picture is a sky of two colours, a sun or moon, ranges of hills or towers before it and the name at its foot.
"""

import colorsys
import io
import random
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

Color = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_WEBP_QUALITY = 80
_LARGEST_SIDE_PX = 4096
_MOST_LINES = 4
# Hues of the sky above and at the horizon. No yellow-green above: it turns to mud when it is dark.
_SKIES = (
    (0.62, 0.06),  # night over an orange dusk
    (0.68, 0.95),  # indigo over rose
    (0.60, 0.12),  # blue hour over gold
    (0.75, 0.02),  # violet over red
    (0.55, 0.48),  # deep sea over turquoise
    (0.58, 0.60),  # one blue
    (0.83, 0.07),  # plum over apricot
    (0.92, 0.10),  # wine over amber
    (0.48, 0.14),  # teal over sand
    (0.99, 0.05),  # embers
    (0.66, 0.52),  # midnight over ice
    (0.40, 0.15),  # fir green over a pale sun
)

# Latin letters and marks that do not decompose into ASCII.
_SPELT_OUT = str.maketrans(
    {"ß": "ss", "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "Œ": "OE", "œ": "oe", "Ł": "L", "ł": "l", "Đ": "D", "đ": "d"}
    | {"Þ": "Th", "þ": "th", "Ð": "D", "ð": "d", "ı": "i", "‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-"}
)


def draw_artwork(seed: int, text: str, *, size: tuple[int, int]) -> bytes:
    """Return a picture as WebP: the same bytes for the same arguments.

    Args:
        seed: Decides colours and composition.
        text: Set at the foot, without accents. Letters beyond Latin, which the built-in font lacks, are left out;
            without any letter left the picture has no text.
        size: Width and height in pixels.

    Raises:
        ValueError: A side is below 1 or above 4,096 pixels.
    """
    width, height = size
    if not (1 <= width <= _LARGEST_SIDE_PX and 1 <= height <= _LARGEST_SIDE_PX):
        raise ValueError(f"A picture cannot be {width}×{height} pixels.")
    chance = random.Random(seed)  # noqa: S311  # must repeat, not be secret
    hue, horizon = (each + chance.uniform(-0.025, 0.025) for each in chance.choice(_SKIES))
    picture = _gradient(size, _color(hue, 0.6, 0.17), _color(horizon, 0.75, 0.6))
    _draw_light(picture, chance, _color(horizon + 0.02, 0.9, 0.84))
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
    """Return a text in what the built-in font has, ASCII: accents dropped; empty when no letter or digit is left."""
    letters = unicodedata.normalize("NFKD", text.translate(_SPELT_OUT))
    kept = "".join(c if " " < c <= "~" else " " for c in letters if not unicodedata.combining(c))
    return " ".join(kept.split()) if any(c.isalnum() for c in kept) else ""


def _draw_name(picture: Image.Image, text: str) -> None:
    if not text:
        return
    width, height = picture.size
    font, lines = _fitted(text, width=int(width * 0.86), height=int(height * 0.4), largest=min(width, height) // 7)
    line_height = _line_height(font)
    # The built-in font is thin; its outline in the same colour makes it bold.
    shadow, bold = max(1, line_height // 24), line_height // 40
    draw = ImageDraw.Draw(picture)
    y = height * 0.94 - line_height * len(lines)
    for line in lines:
        draw.text((width * 0.07 + shadow, y + shadow), line, font=font, fill=(0, 0, 0), stroke_width=bold)
        draw.text((width * 0.07, y), line, font=font, fill=(255, 255, 255), stroke_width=bold)
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
    font = ImageFont.load_default(size)
    # The basic layout is in every Pillow; the other one needs libraries that not every machine has.
    if isinstance(font, ImageFont.FreeTypeFont):
        return font.font_variant(layout_engine=ImageFont.Layout.BASIC)
    return font
