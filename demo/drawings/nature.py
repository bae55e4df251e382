"""Sky, weather, water and trees."""

from math import cos, pi, sin

from .canvas import Canvas
from .geometry import Point, spline
from .palette import CREAM, INK, SNOW, Colour, mix


def streaks(
    art: Canvas, top: float, bottom: float, count: int, colour: Colour, alpha: float = 0.5,
) -> None:  # fmt: skip
    """Lay long flat clouds between two heights, thinner towards the lower edge."""
    for index in range(count):
        share = index / max(1, count - 1)
        y = top + (bottom - top) * share + art.random.uniform(-12, 12)
        x = art.random.uniform(-0.1, 1) * art.width
        width = art.random.uniform(0.22, 0.6) * art.width
        thick = (26 - 16 * share) * art.random.uniform(0.6, 1.3)
        outline = spline(
            [(x - width / 2, y), (x - width * 0.2, y - thick), (x + width * 0.1, y - thick * 0.6),
             (x + width / 2, y + thick * 0.1), (x + width * 0.1, y + thick * 0.5), (x - width * 0.25, y + thick * 0.4)],
            closed=True,
        )  # fmt: skip
        art.polygon(outline, colour, alpha)


def ridge(art: Canvas, y: float, swell: float, colour: Colour, *, step: float = 90, alpha: float = 1) -> list[Point]:
    """Draw a range of hills from edge to edge down to the bottom; return its crest."""
    count = int(art.width / step) + 3
    crest = spline(
        [(index * step - step, y + art.random.uniform(-swell, swell)) for index in range(count)], closed=False
    )
    art.polygon([*crest, (art.width + step, art.height), (-step, art.height)], colour, alpha)
    return crest


def stars(art: Canvas, bottom: float, count: int) -> None:
    """Scatter small stars above a height."""
    for _ in range(count):
        x, y = art.random.uniform(0, art.width), art.random.uniform(0, bottom)
        size = art.random.choice((1, 1, 1.4, 2))
        art.ellipse(x, y, size, size, CREAM, art.random.uniform(0.3, 0.9))


def rain(art: Canvas, count: int, colour: Colour, alpha: float = 0.28, slant: float = 0.18) -> None:
    """Draw slanting rain over the whole sheet."""
    for _ in range(count):
        x, y = art.random.uniform(-80, art.width + 80), art.random.uniform(-80, art.height)
        length = art.random.uniform(22, 74)
        drop = [(x, y), (x - length * slant, y + length)]
        art.line(drop, art.random.choice((0.8, 1, 1.5)), colour, alpha)


def snowfall(art: Canvas, count: int, largest: float = 4.5) -> None:
    """Let snow fall over the whole sheet."""
    for _ in range(count):
        x, y = art.random.uniform(0, art.width), art.random.uniform(0, art.height)
        size = art.random.uniform(0.9, 1) * largest * art.random.random() ** 2 + 1
        art.ellipse(x, y, size, size, SNOW, art.random.uniform(0.45, 0.95))


def glints(
    art: Canvas, top: float, bottom: float, count: int, colour: Colour, *,
    x: float | None = None, spread: float = 0, alpha: float = 0.6,
) -> None:  # fmt: skip
    """Strew short level strokes of light on water, around x if given, wider towards the viewer."""
    for _ in range(count):
        share = art.random.random() ** 1.4
        y = top + (bottom - top) * share
        if x is None:
            centre = art.random.uniform(0, art.width)
        else:
            centre = art.random.gauss(x, spread * (0.35 + share))
        half = art.random.uniform(6, 26) * (0.5 + 1.6 * share)
        thick = 0.8 + 2.4 * share
        art.polygon([(centre - half, y), (centre, y - thick), (centre + half, y), (centre, y + thick)], colour, alpha)


def gull(art: Canvas, x: float, y: float, span: float, colour: Colour, tilt: float = 0) -> None:
    """Draw a gull in flight, centred at (x, y)."""
    half = span / 2
    top = spline(
        [(x - half, y - half * (0.1 + tilt)), (x - half * 0.5, y - half * (0.42 + tilt / 2)), (x, y),
         (x + half * 0.5, y - half * (0.42 - tilt / 2)), (x + half, y - half * (0.1 - tilt))],
        closed=False,
    )  # fmt: skip
    low = [(px, py + half * 0.16 * (1 - abs(px - x) / half)) for px, py in reversed(top)]
    art.polygon(top + low, colour)
    art.ellipse(x, y + half * 0.09, half * 0.09, half * 0.13, colour)


def bare_tree(art: Canvas, x: float, y: float, height: float, colour: Colour, depth: int = 7) -> None:
    """Draw a leafless tree growing up from (x, y)."""
    _branch(art, x, y, -pi / 2, height * 0.3, height * 0.035, colour, depth)


def conifer(art: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    """Draw a fir standing at (x, y)."""
    art.rectangle(x - height * 0.02, y - height * 0.15, x + height * 0.02, y, colour)
    for tier in range(5):
        low = y - height * (0.08 + 0.17 * tier)
        half = height * (0.2 - 0.034 * tier)
        art.polygon([(x - half, low), (x, low - height * 0.32), (x + half, low)], colour)


def puffs(art: Canvas, path: list[Point], size: float, growth: float, colour: Colour, light: Colour) -> None:
    """Draw a plume of rolling smoke along a path, growing and thinning into the light colour."""
    trail = spline(path, closed=False, steps=9)
    for index, (x, y) in enumerate(trail):
        share = index / len(trail)
        radius = size * (1 + growth * share)
        sway = radius * 0.35
        px, py = x + art.random.uniform(-sway, sway), y + art.random.uniform(-sway, sway)
        art.ellipse(px, py, radius, radius * 0.86, mix(colour, light, share * 0.7))
        art.ellipse(
            px + radius * 0.22, py - radius * 0.26, radius * 0.66, radius * 0.55, mix(colour, light, 0.25 + share * 0.6)
        )


def _branch(
    art: Canvas, x: float, y: float, angle: float, length: float, width: float, colour: Colour, depth: int
) -> None:
    tip = (x + cos(angle) * length, y + sin(angle) * length)
    art.line([(x, y), tip], width, colour)
    if depth == 0:
        return
    for turn in (-0.42, 0.38):
        bend = turn + art.random.uniform(-0.22, 0.22)
        _branch(
            art, *tip, angle + bend, length * art.random.uniform(0.66, 0.86), max(0.8, width * 0.66), colour, depth - 1
        )


def shrub(art: Canvas, x: float, y: float, width: float, colour: Colour = INK) -> None:
    """Draw a low rounded bush standing at (x, y)."""
    for _ in range(9):
        px = x + art.random.uniform(-0.5, 0.5) * width
        radius = width * art.random.uniform(0.14, 0.24)
        art.ellipse(px, y - radius * 0.6, radius, radius, colour)
