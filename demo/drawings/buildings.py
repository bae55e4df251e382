"""Houses, facades, street lamps and other things that are built."""

from .canvas import Canvas
from .geometry import arc
from .palette import AMBER, INK, LIGHT, OCHRE, Colour, mix


def windows(
    art: Canvas, box: tuple[float, float, float, float], columns: int, rows: int, dark: Colour, *,
    lit: float = 0, fill: tuple[float, float] = (0.5, 0.6), lights: tuple[Colour, ...] = (AMBER, OCHRE, LIGHT),
) -> None:  # fmt: skip
    """Fill a box with a grid of windows, a share of them lit; `fill` is their share of a cell."""
    left, top, right, bottom = box
    across, down = (right - left) / columns, (bottom - top) / rows
    for row in range(rows):
        for column in range(columns):
            x = left + across * (column + 0.5)
            y = top + down * (row + 0.5)
            colour = art.random.choice(lights) if art.random.random() < lit else dark
            half, tall = across * fill[0] / 2, down * fill[1] / 2
            art.rectangle(x - half, y - tall, x + half, y + tall, colour)


def columns(
    art: Canvas, left: float, right: float, top: float, bottom: float, count: int, stone: Colour, shadow: Colour
) -> None:
    """Set a row of fluted columns, lit from the left, between two heights."""
    gap = (right - left) / count
    for index in range(count):
        x = left + gap * (index + 0.5)
        half = gap * 0.24
        height = bottom - top
        art.rectangle(x - half, top, x + half, bottom, stone)
        body = [(x - half, top), (x + half, top), (x + half, bottom), (x - half, bottom)]
        art.shade(body, shadow, 0, 0.85, across=True)
        for flute in (-0.45, 0, 0.45):
            art.rectangle(x + half * flute, top, x + half * flute + 1.5, bottom, shadow, 0.35)
        art.rectangle(x - half * 1.35, top, x + half * 1.35, top + height * 0.035, mix(stone, shadow, 0.15))
        art.rectangle(x - half * 1.35, bottom - height * 0.03, x + half * 1.35, bottom, mix(stone, shadow, 0.25))


def pediment(art: Canvas, left: float, right: float, base: float, rise: float, stone: Colour, shadow: Colour) -> None:
    """Set a triangular gable on an entablature whose lower edge is at base."""
    middle, band = (left + right) / 2, rise * 0.3
    art.rectangle(left, base - band, right, base, stone)
    art.rectangle(left, base - band * 0.3, right, base, mix(stone, shadow, 0.45))
    outer = [(left - 12, base - band), (middle, base - band - rise), (right + 12, base - band)]
    art.polygon(outer, stone)
    inner = [
        (left + rise * 0.45, base - band - 8),
        (middle, base - rise - band * 0.45),
        (right - rise * 0.45, base - band - 8),
    ]
    art.polygon(inner, mix(stone, shadow, 0.5))
    art.shade(outer, shadow, 0, 0.4, across=True)


def steps(
    art: Canvas, left: float, right: float, top: float, bottom: float, count: int, stone: Colour, shadow: Colour,
    spread: float = 0,
) -> None:  # fmt: skip
    """Lay a flight of steps that widens by `spread` towards the viewer."""
    rise = (bottom - top) / count
    for index in range(count):
        y, wider = top + rise * index, spread * (index + 1) / count
        art.rectangle(left - wider, y, right + wider, y + rise, mix(stone, shadow, 0.1))
        art.rectangle(left - wider, y + rise * 0.45, right + wider, y + rise, mix(stone, shadow, 0.5))


def arch(art: Canvas, left: float, right: float, top: float, bottom: float, colour: Colour, alpha: float = 1) -> None:
    """Fill a round-headed opening."""
    half = (right - left) / 2
    art.polygon([(left, bottom), *arc(left + half, top + half, half, half, 180, 360), (right, bottom)], colour, alpha)


def pointed_arch(left: float, right: float, top: float, bottom: float) -> list[tuple[float, float]]:
    """Return the outline of a gothic opening."""
    middle, width = (left + right) / 2, right - left
    spring = top + width * 0.85
    left_side = [(left + (middle - left) * (s**1.7), spring - (spring - top) * s) for s in [0, 0.2, 0.4, 0.6, 0.8, 1]]
    right_side = [(right - (x - left), y) for x, y in reversed(left_side)]
    return [(left, bottom), *left_side, *right_side, (right, bottom)]


def lamp_post(art: Canvas, x: float, y: float, height: float, *, reach: float = 1, colour: Colour = INK) -> None:
    """Draw a lit street lamp standing at (x, y), with the glow around it."""
    top = y - height
    art.glow(x, top, height * 0.6 * reach, height * 0.6 * reach, AMBER, 0.75)
    art.rectangle(x - height * 0.011, top, x + height * 0.011, y, colour)
    art.rectangle(x - height * 0.025, y - height * 0.1, x + height * 0.025, y, colour)
    art.polygon(
        [(x - height * 0.022, top + height * 0.05), (x - height * 0.04, top - height * 0.02),
         (x + height * 0.04, top - height * 0.02), (x + height * 0.022, top + height * 0.05)],
        LIGHT,
    )  # fmt: skip
    art.polygon(
        [(x - height * 0.05, top - height * 0.02), (x, top - height * 0.06), (x + height * 0.05, top - height * 0.02)],
        colour,
    )


def skyline(
    art: Canvas, base: float, low: float, high: float, colour: Colour, *, lit: float = 0.06, step: float = 70
) -> None:
    """Draw a row of distant houses, roofs and towers whose feet stand at base."""
    x = -20.0
    while x < art.width:
        width = step * art.random.uniform(0.6, 1.5)
        top = base - art.random.uniform(low, high)
        art.rectangle(x, top, x + width + 1, base, colour)
        roof = art.random.random()
        if roof < 0.4:
            art.polygon([(x - 2, top + 1), (x + width / 2, top - width * 0.45), (x + width + 2, top + 1)], colour)
        elif roof < 0.5:
            art.polygon(
                [(x + width * 0.3, top + 1), (x + width / 2, top - high * 0.8), (x + width * 0.7, top + 1)], colour
            )
        if lit:
            rows = max(1, int((base - top) / 26))
            windows(
                art,
                (x, top + 6, x + width, base - 4),
                max(1, int(width / 18)),
                rows,
                colour,
                lit=lit,
                fill=(0.38, 0.42),
            )
        x += width


def brickwork(art: Canvas, box: tuple[float, float, float, float], course: float, colour: Colour, share: float) -> None:
    """Scatter single bricks of another tone over a wall."""
    left, top, right, bottom = box
    for row in range(int((bottom - top) / course)):
        y = top + row * course
        x = left + (row % 2) * course
        while x + course * 2 < right:
            if art.random.random() < share:
                art.rectangle(x, y, x + course * 2 - 2, y + course - 2, colour, art.random.uniform(0.2, 0.6))
            x += course * 2
