"""The stage, the reading room and the choir."""

from .buildings import pointed_arch
from .canvas import Canvas
from .figures import Look, bust, person
from .geometry import arc, lerp, spline
from .palette import (
    AMBER,
    BRICK,
    BROWN,
    CORAL,
    CREAM,
    DUSK,
    HAZE,
    INK,
    LIGHT,
    MOSS,
    NIGHT,
    OCHRE,
    PAPER,
    PETROL,
    SKIN,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    mix,
)  # fmt: skip


def theatre_stage(art: Canvas) -> None:
    """Draw a single chair in a spotlight on an empty stage."""
    art.ramp([(0, INK), (0.6, mix(WINE, INK, 0.6)), (1, INK)])
    art.polygon([(180, 620), (1440, 620), (1620, 850), (0, 850)], mix(BROWN, UMBER, 0.3))
    for index in range(-9, 10):
        art.line([(810 + index * 68, 620), (810 + index * 98, 850)], 2, UMBER)
    art.shade([(180, 620), (1440, 620), (1620, 850), (0, 850)], INK, 0.6, 0.1)
    art.shade([(730, -10), (830, -10), (1120, 745), (520, 745)], LIGHT, 0.3, 0.8)
    art.ellipse(820, 745, 310, 66, AMBER)
    art.glow(820, 745, 330, 80, CREAM, 0.9)
    art.soft([(790, 778), (880, 770), (1080, 820), (960, 835)], UMBER, 0.9, 6)
    _chair(art, 820, 770)
    for side in (-1, 1):
        _drape(art, side)
    art.polygon([(-20, -10), (1640, -10), (1640, 120), (-20, 120)], WINE)
    for index in range(9):
        art.polygon(arc(index * 202, 116, 102, 84, 0, 180), mix(WINE, BRICK, 0.55))
        art.shade(arc(index * 202, 116, 102, 84, 0, 180), INK, 0, 0.7)
        art.line(arc(index * 202, 114, 102, 88, 0, 180), 7, OCHRE)
    art.rectangle(0, 846, 1620, 880, OCHRE)
    art.veil(0, 852, 1620, 880, UMBER, 0.2, 0.9)
    art.rectangle(0, 880, 1620, 1080, INK)
    art.shade([(0, 880), (1620, 880), (1620, 1010), (0, 1010)], WINE, 0.7, 0)
    for row, (y, size, count) in enumerate(((1000, 96, 13), (1100, 128, 10))):
        for index in range(count):
            x = (index + 0.5 * (row % 2) + 0.2) * 1620 / count
            look = Look(coat=INK, hair=INK, skin=mix(INK, UMBER, 0.25), rim=mix(AMBER, BRICK, 0.5))
            bust(art, x, y + art.random.uniform(-6, 8), size, look)


def _chair(art: Canvas, x: float, y: float) -> None:
    dark, tone = INK, mix(UMBER, INK, 0.3)
    for dx in (-62, 62):
        art.rectangle(x + dx - 7, y - 270, x + dx + 7, y - 20, tone)
    for dy in (262, 216):
        art.rectangle(x - 66, y - dy, x + 66, y - dy + 26, tone)
    for dx in (-30, 0, 30):
        art.rectangle(x + dx - 4, y - 250, x + dx + 4, y - 130, tone)
    art.polygon([(x - 78, y - 118), (x + 78, y - 118), (x + 96, y - 90), (x - 96, y - 90)], BRICK)
    art.rectangle(x - 96, y - 92, x + 96, y - 78, dark)
    for dx in (-86, 86):
        art.polygon([(x + dx - 8, y - 80), (x + dx + 8, y - 80), (x + dx + 5, y + 14), (x + dx - 5, y + 14)], dark)


def _drape(art: Canvas, side: int) -> None:
    base = 0 if side < 0 else 1620
    for fold in range(7):
        outer, inner = base - side * fold * 52, base - side * (fold + 1) * 52
        sweep = -side * fold * 9
        strip = spline([(outer, -10), (outer + sweep * 0.4, 420), (outer + sweep, 860)], closed=False)
        back = spline([(inner + sweep, 860), (inner + sweep * 0.4, 420), (inner, -10)], closed=False)
        art.polygon(strip + back, mix(BRICK, WINE, 0.35 + 0.05 * fold))
        art.shade(strip + back, INK, 0.05, 0.75, across=True)


def library_reading(art: Canvas) -> None:
    """Draw readers under green lamps in a high reading room."""
    art.ramp([(0, UMBER), (0.5, mix(BROWN, UMBER, 0.4)), (1, INK)])
    for index in range(5):
        left = 60 + index * 320
        pane = [(left, 430), *arc(left + 110, 170, 110, 120, 180, 360), (left + 220, 430)]
        art.polygon(
            [(left - 16, 440), *arc(left + 110, 170, 126, 138, 180, 360), (left + 236, 440)], mix(OCHRE, BROWN, 0.5)
        )
        art.polygon(pane, STEEL)
        art.shade(pane, CREAM, 0.1, 0.85)
        for dx in (70, 145):
            art.rectangle(left + dx, 60, left + dx + 5, 430, UMBER)
        for dy in (170, 300):
            art.rectangle(left, dy, left + 220, dy + 5, UMBER)
        art.shade([(left, 430), (left + 220, 430), (left + 60, 1000), (left - 260, 1000)], LIGHT, 0.28, 0.0)
    _bookcases(art)
    art.rectangle(0, 690, 1620, 1080, mix(UMBER, INK, 0.5))
    for y, size, count in ((740, 0.62, 6), (1000, 1.0, 4)):
        _reading_table(art, y, size, count)


def _bookcases(art: Canvas) -> None:
    art.rectangle(0, 455, 1620, 700, UMBER)
    tones = (WINE, PETROL, OCHRE, BROWN, NIGHT, BRICK, MOSS, PAPER)
    for shelf in range(3):
        floor, x = 530 + shelf * 80, 6.0
        while x < 1620:
            width = art.random.uniform(8, 20)
            art.rectangle(
                x,
                floor - art.random.uniform(46, 66),
                x + width - 1.5,
                floor,
                mix(art.random.choice(tones), UMBER, 0.35),
            )
            x += width
        art.rectangle(0, floor, 1620, floor + 9, BROWN)
    for x in range(0, 1640, 230):
        art.rectangle(x - 10, 445, x + 10, 700, mix(BROWN, OCHRE, 0.25))
    art.rectangle(0, 440, 1620, 458, mix(BROWN, OCHRE, 0.4))


def _reading_table(art: Canvas, y: float, size: float, count: int) -> None:
    coats = (PETROL, WINE, DUSK, BROWN, BRICK, NIGHT)
    hairs = (UMBER, HAZE, INK, OCHRE, BROWN, INK)
    for index in range(count):
        x = (index + 0.5) * 1620 / count - 40 * size
        look = Look(
            coat=coats[index % 6],
            hair=hairs[(index + int(y)) % 6],
            hat="bun" if index % 3 == 1 else "",
            from_back=False,
            rim=AMBER,
        )
        if (index + int(y)) % 5 != 3:
            bust(art, x, y + 16 * size, 190 * size, look)
        art.polygon(
            [
                (x - 84 * size, y + 4 * size),
                (x, y - 12 * size),
                (x + 84 * size, y + 4 * size),
                (x + 96 * size, y + 34 * size),
                (x, y + 18 * size),
                (x - 96 * size, y + 34 * size),
            ],
            CREAM,
        )
    art.rectangle(0, y + 14 * size, 1620, y + 46 * size, mix(BROWN, OCHRE, 0.25))
    art.rectangle(0, y + 40 * size, 1620, y + 215 * size, mix(UMBER, BROWN, 0.3))
    art.veil(0, y + 40 * size, 1620, y + 215 * size, INK, 0.4, 0.95)
    for index in range(count + 1):
        x = index * 1620 / count - 20 * size
        art.glow(x, y - 40 * size, 260 * size, 170 * size, LIGHT, 0.85)
        art.rectangle(x - 6 * size, y - 110 * size, x + 6 * size, y + 16 * size, OCHRE)
        art.ellipse(x, y + 18 * size, 50 * size, 11 * size, OCHRE)
        art.polygon(
            [
                (x - 92 * size, y - 84 * size),
                *arc(x, y - 84 * size, 80 * size, 62 * size, 180, 360, 12),
                (x + 92 * size, y - 84 * size),
            ],
            mix(MOSS, TEAL, 0.5),
        )
        art.shade(
            [
                (x - 92 * size, y - 84 * size),
                *arc(x, y - 84 * size, 80 * size, 62 * size, 180, 360, 12),
                (x + 92 * size, y - 84 * size),
            ],
            LIGHT,
            0,
            0.6,
        )
        art.rectangle(x - 70 * size, y - 85 * size, x + 70 * size, y - 77 * size, CREAM)


def choir_church(art: Canvas) -> None:
    """Draw a choir with candles under the vault of a dark church."""
    art.ramp([(0, INK), (0.6, NIGHT), (1, UMBER)])
    art.polygon(pointed_arch(250, 1370, -120, 800), mix(NIGHT, DUSK, 0.4))
    art.polygon(pointed_arch(400, 1220, 10, 800), mix(DUSK, PETROL, 0.4))
    _stained_glass(art)
    _piers(art)
    art.glow(810, 760, 820, 420, AMBER, 0.75)
    art.rectangle(0, 980, 1620, 1080, mix(UMBER, INK, 0.5))
    for row, (y, height, count) in enumerate(((740, 230, 11), (850, 270, 10), (990, 320, 9))):
        art.rectangle(270 - row * 40, y - 8, 1350 + row * 40, y + 90, mix(UMBER, WINE, 0.4))
        for index in range(count):
            x = 810 + (index - (count - 1) / 2) * (1020 + row * 60) / count
            _singer(art, x, y, height, index * 2 + row)
    art.soft([(770, 1070), (850, 1070), (850, 1080), (770, 1080)], INK, 0.5, 10)
    person(art, 810, 1150, 400, Look(coat=INK, hair=HAZE, rim=AMBER), raised=True)


def _stained_glass(art: Canvas) -> None:
    for left, right, top in ((500, 650, 170), (700, 920, 70), (970, 1120, 170)):
        pane = pointed_arch(left, right, top, 560)
        art.polygon(pane, TEAL)
        art.shade(pane, CREAM, 0.7, 0.05)
        tones = (BRICK, AMBER, PETROL, CORAL, CREAM, NIGHT)
        for row in range(6):
            for column in range(3):
                x = lerp(left, right, (column + 0.5) / 3)
                y = top + 110 + row * 62
                if y < 540:
                    art.polygon(
                        [(x, y - 26), (x + 20, y), (x, y + 26), (x - 20, y)], tones[(row * 2 + column * 5) % 6], 0.75
                    )
        art.line([*pane, pane[0]], 8, INK)
        art.rectangle((left + right) / 2 - 3, top + 6, (left + right) / 2 + 3, 560, INK)


def _piers(art: Canvas) -> None:
    for side in (-1, 1):
        for offset, half in ((590, 70), (790, 90)):
            x = 810 + side * offset
            pier = [(x - half, -10), (x + half, -10), (x + half, 1090), (x - half, 1090)]
            art.polygon(pier, mix(STEEL, NIGHT, 0.45))
            art.shade(pier, INK, 0.1 if side > 0 else 0.85, 0.85 if side > 0 else 0.1, across=True)
            for flute in (-0.5, 0, 0.5):
                art.rectangle(x + half * flute - 3, 0, x + half * flute + 3, 1080, INK, 0.4)


def _singer(art: Canvas, x: float, y: float, height: float, pick: int) -> None:
    hair = (UMBER, INK, OCHRE, BROWN, HAZE, mix(BRICK, BROWN, 0.5))[pick % 6]
    look = Look(coat=(WINE, mix(WINE, BRICK, 0.4))[pick % 2], hair=hair, skirt=True, from_back=False, legs=INK)
    person(art, x, y, height, look)
    face = height * 0.052
    art.ellipse(x, y - height * 0.905, face * 0.24, face * 0.3, UMBER)
    art.polygon(
        [(x - face * 1.2, y - height * 0.83), (x + face * 1.2, y - height * 0.83), (x, y - height * 0.74)], CREAM
    )
    art.ellipse(x, y - height * 0.56, face * 0.6, face * 0.55, SKIN)
    art.rectangle(x - face * 0.24, y - height * 0.7, x + face * 0.24, y - height * 0.55, CREAM)
    art.glow(x, y - height * 0.725, height * 0.25, height * 0.25, LIGHT, 0.8)
    art.blob(
        [
            (x - 3.5, y - height * 0.705),
            (x, y - height * 0.765),
            (x + 3.5, y - height * 0.705),
            (x, y - height * 0.695),
        ],
        CREAM,
    )


SCENES = {
    "theatre-stage": theatre_stage,
    "library-reading": library_reading,
    "choir-church": choir_church,
}
