"""People: standing and walking figures, backs of heads, seated readers, hands."""

from dataclasses import dataclass

from .canvas import Canvas
from .geometry import Point, spline
from .palette import BROWN, INK, SKIN, UMBER, Colour, mix


@dataclass(frozen=True)
class Look:
    """What a figure wears. `rim` is the light on its right side; a negative `rim_from` none."""

    coat: Colour = INK
    skin: Colour = SKIN
    hair: Colour = UMBER
    legs: Colour = INK
    rim: Colour | None = None
    hat: str = ""
    skirt: bool = False
    from_back: bool = True


def person(
    art: Canvas, x: float, y: float, height: float, look: Look, *,
    stride: float = 0, lean: float = 0, bag: Colour | None = None, raised: bool = False,
) -> None:  # fmt: skip
    """Draw a figure standing with its feet at (x, y); stride and lean are shares of its height."""

    def at(dx: float, dy: float) -> Point:
        return (x + (dx + lean * dy) * height, y - dy * height)

    _legs(art, at, height, look, stride)
    hem = 0.2 if look.skirt else 0.36
    coat = spline(
        [at(0, 0.865), at(0.075, 0.845), at(0.118, 0.79), at(0.105, 0.62), at(0.125, hem),
         at(0, hem - 0.015), at(-0.125, hem), at(-0.105, 0.62), at(-0.118, 0.79), at(-0.075, 0.845)],
        closed=True,
    )  # fmt: skip
    art.polygon(coat, look.coat)
    art.polygon([at(-0.028, 0.9), at(0.028, 0.9), at(0.034, 0.84), at(-0.034, 0.84)], look.skin)
    _arms(art, at, height, look, raised=raised)
    if look.rim:
        art.shade(coat, look.rim, 0, 0.55, across=True)
    if bag:
        art.blob([at(0.1, 0.46), at(0.2, 0.46), at(0.215, 0.3), at(0.09, 0.3)], bag)
    head(art, *at(0, 0.93), height * 0.052, look)


def head(art: Canvas, x: float, y: float, radius: float, look: Look) -> None:
    """Draw a head with its hair or hat, centred at (x, y)."""
    art.ellipse(x, y, radius, radius * 1.22, look.skin)
    if look.rim:
        art.ellipse(x + radius * 0.35, y, radius * 0.62, radius * 1.05, mix(look.skin, look.rim, 0.5))
    drop = 0.35 if look.from_back else -0.35
    art.polygon(
        spline(
            [(x - radius * 1.08, y + radius * drop), (x - radius, y - radius * 0.8), (x, y - radius * 1.38),
             (x + radius, y - radius * 0.8), (x + radius * 1.08, y + radius * drop), (x, y + radius * (drop + 0.12))],
            closed=True,
        ),
        look.hair,
    )  # fmt: skip
    _hat(art, x, y, radius, look)


def bust(art: Canvas, x: float, y: float, width: float, look: Look) -> None:
    """Draw head and shoulders from behind, cut off at y below, `width` across the shoulders."""
    half = width / 2
    shoulders = spline(
        [(x - half, y), (x - half * 0.94, y - width * 0.3), (x - half * 0.5, y - width * 0.44),
         (x, y - width * 0.5), (x + half * 0.5, y - width * 0.44), (x + half * 0.94, y - width * 0.3), (x + half, y)],
        closed=False,
    )  # fmt: skip
    art.polygon([(x - half, y + width), *shoulders, (x + half, y + width)], look.coat)
    if look.rim:
        art.shade(shoulders, look.rim, 0.45, 0)
    art.rectangle(x - width * 0.11, y - width * 0.62, x + width * 0.11, y - width * 0.42, look.skin)
    head(art, x, y - width * 0.74, width * 0.19, look)


def umbrella(art: Canvas, x: float, y: float, width: float, colour: Colour, tilt: float = 0) -> None:
    """Draw an open umbrella whose rim is centred at (x, y); its shaft hangs below."""
    half = width / 2
    dome = spline(
        [(x - half, y + tilt * half), (x - half * 0.72, y - half * 0.46), (x - tilt * half * 0.4, y - half * 0.7),
         (x + half * 0.72, y - half * 0.46), (x + half, y - tilt * half)],
        closed=False,
    )  # fmt: skip
    peak = (x - tilt * half * 0.4, y - half * 0.7)
    hem: list[Point] = []
    for step in range(4):
        right = x + half - half * step / 2
        level = y - tilt * half + tilt * half * step / 2
        hem += [
            (right - half * 0.25, level - half * 0.12 + tilt * half * 0.12),
            (right - half * 0.5, level + tilt * half * 0.5),
        ]
    art.line([(x, y - half * 0.3), (x, y + half * 0.8)], max(2, width * 0.015), INK)
    shape = dome + hem[:-1]
    art.polygon(shape, colour)
    art.shade(shape, INK, 0, 0.45, across=True)
    for rim in (hem[1], hem[3], hem[5]):
        art.line([peak, rim], max(1, width * 0.008), mix(colour, INK, 0.35))
    art.line([peak, (peak[0], peak[1] - half * 0.12)], max(2, width * 0.02), INK)


def seated(art: Canvas, x: float, y: float, height: float, look: Look, *, facing: int = 1) -> None:
    """Draw a figure seated in profile with its seat at (x, y); `height` is seat to crown."""

    def at(dx: float, dy: float) -> Point:
        return (x + dx * height * facing, y - dy * height)

    art.stroke([at(0, 0.06), at(0.5, 0.1), at(0.52, -0.42)], height * 0.15, look.legs)
    art.stroke([at(0.52, -0.46), at(0.64, -0.46)], height * 0.09, look.legs)
    back = spline(
        [at(-0.17, 0), at(-0.19, 0.35), at(-0.06, 0.7), at(0.1, 0.7), at(0.15, 0.4), at(0.18, 0)], closed=True
    )
    art.polygon(back, look.coat)
    if look.rim:
        art.shade(back, look.rim, 0.1, 0.5, across=True)
    art.polygon([at(-0.02, 0.78), at(0.1, 0.78), at(0.09, 0.64), at(-0.02, 0.64)], look.skin)
    art.stroke([at(0.03, 0.6), at(0.16, 0.3), at(0.44, 0.3)], height * 0.1, mix(look.coat, INK, 0.25))
    art.ellipse(*at(0.47, 0.3), height * 0.05, height * 0.05, look.skin)
    art.ellipse(*at(0.06, 0.86), height * 0.1, height * 0.125, look.skin)
    art.blob([at(-0.07, 0.78), at(-0.08, 0.92), at(0.02, 1), at(0.14, 0.97), at(0.13, 0.92), at(0.02, 0.88)], look.hair)


def hand(art: Canvas, x: float, y: float, size: float, skin: Colour, *, facing: int = 1) -> None:
    """Draw a hand reaching towards `facing`, its wrist at (x, y)."""

    def at(dx: float, dy: float) -> Point:
        return (x + dx * size * facing, y + dy * size)

    dark = mix(skin, BROWN, 0.35)
    for index, (dx, dy) in enumerate([(1.5, 0.5), (1.62, 0.28), (1.62, 0.06), (1.5, -0.12)]):
        start = (0.7, 0.26 - index * 0.14)
        art.stroke([at(*start), at((start[0] + dx) / 2, dy - 0.08), at(dx, dy + 0.14)], size * 0.2, dark)
        art.stroke([at(*start), at((start[0] + dx) / 2, dy - 0.1), at(dx, dy + 0.1)], size * 0.17, skin)
    art.blob([at(-0.3, -0.3), at(0.4, -0.36), at(0.95, -0.3), at(1, 0.3), at(0.4, 0.42), at(-0.3, 0.32)], skin)
    art.stroke([at(0.3, -0.1), at(0.8, 0.34), at(1.22, 0.52)], size * 0.22, dark)
    art.stroke([at(0.3, -0.12), at(0.8, 0.3), at(1.22, 0.48)], size * 0.2, skin)


def _legs(art: Canvas, at, height: float, look: Look, stride: float) -> None:
    for side in (-1, 1):
        foot = side * (0.045 + stride)
        art.polygon(
            [
                at(side * 0.085, 0.42),
                at(side * 0.005, 0.42),
                at(foot - side * 0.025, 0.02),
                at(foot + side * 0.025, 0.02),
            ],
            look.legs,
        )
        art.ellipse(*at(foot + 0.01, 0.012), height * 0.036, height * 0.016, look.legs)


def _arms(art: Canvas, at, height: float, look: Look, *, raised: bool) -> None:
    sleeve = mix(look.coat, INK, 0.3)
    art.stroke([at(-0.1, 0.79), at(-0.135, 0.62), at(-0.12, 0.47)], height * 0.05, sleeve)
    art.ellipse(*at(-0.118, 0.44), height * 0.022, height * 0.028, look.skin)
    if raised:
        art.stroke([at(0.1, 0.79), at(0.2, 0.72), at(0.2, 0.92)], height * 0.05, sleeve)
        art.ellipse(*at(0.2, 0.95), height * 0.022, height * 0.028, look.skin)
        return
    art.stroke([at(0.1, 0.79), at(0.135, 0.62), at(0.12, 0.47)], height * 0.05, sleeve)
    art.ellipse(*at(0.118, 0.44), height * 0.022, height * 0.028, look.skin)


def _hat(art: Canvas, x: float, y: float, radius: float, look: Look) -> None:
    if look.hat == "cap":
        art.ellipse(x, y - radius * 0.75, radius * 1.2, radius * 0.62, look.coat)
        art.ellipse(x + radius * 0.5, y - radius * 0.45, radius * 1.05, radius * 0.2, mix(look.coat, INK, 0.4))
    elif look.hat == "wool":
        art.blob(
            [(x - radius * 1.12, y - radius * 0.2), (x - radius * 0.9, y - radius * 1.1), (x, y - radius * 1.6),
             (x + radius * 0.9, y - radius * 1.1), (x + radius * 1.12, y - radius * 0.2)],
            look.hair,
        )  # fmt: skip
    elif look.hat == "bun":
        art.ellipse(x, y - radius * 1.4, radius * 0.48, radius * 0.44, look.hair)
    elif look.hat == "scarf":
        art.blob(
            [(x - radius * 1.15, y + radius * 1.1), (x - radius * 1.1, y - radius * 0.6), (x, y - radius * 1.45),
             (x + radius * 1.1, y - radius * 0.6), (x + radius * 1.15, y + radius * 1.1)],
            look.hair,
        )  # fmt: skip
        if not look.from_back:
            art.ellipse(x, y + radius * 0.1, radius * 0.74, radius * 0.9, look.skin)
    elif look.hat == "helmet":
        art.ellipse(x, y - radius * 0.3, radius * 1.35, radius * 1.3, look.hair)
