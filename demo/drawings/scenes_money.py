"""Prices, cash, the bank and the chemist's."""

from .canvas import Canvas
from .figures import Look, hand, person
from .geometry import Point, arc, lerp, spline
from .palette import (
    AMBER,
    BRICK,
    BROWN,
    CORAL,
    CREAM,
    DEEP,
    DUSK,
    HAZE,
    INK,
    LIGHT,
    MIST,
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
    Colour,
    mix,
)  # fmt: skip


def market_stall(art: Canvas) -> None:
    """Draw a woman's hands among the vegetables and price tags of a market stall."""
    art.ramp([(0, PETROL), (0.5, TEAL), (1, DEEP)])
    for x in (120, 380, 1240, 1500):
        person(
            art, x, 560, 420, Look(coat=mix((DUSK, WINE, BROWN, NIGHT)[x % 4], TEAL, 0.35), skin=mix(SKIN, TEAL, 0.3))
        )
    art.mist(420, 240, MIST, 0.35)
    art.polygon([(-20, -10), (1640, -10), (1640, 120), (-20, 120)], BRICK)
    for stripe in range(0, 14, 2):
        art.rectangle(stripe * 118, -10, stripe * 118 + 118, 120, CREAM)
    for scallop in range(14):
        art.polygon(arc(scallop * 118 + 59, 118, 59, 44, 0, 180), CREAM if scallop % 2 == 0 else BRICK)
    art.veil(0, 0, 1620, 165, INK, 0.45, 0)
    _stallholder(art, 810, 560)
    art.rectangle(0, 520, 1620, 1080, mix(BROWN, UMBER, 0.5))
    goods = (("cabbage", MOSS), ("tomato", BRICK), ("onion", OCHRE), ("beet", WINE))
    for index, (kind, colour) in enumerate(goods):
        _tray(art, -30 + index * 415, 560, kind, colour)
    for index, (kind, colour) in enumerate(
        (("carrot", CORAL), ("potato", mix(BROWN, OCHRE, 0.5)), ("tomato", CORAL), ("cabbage", mix(MOSS, MIST, 0.3)))
    ):
        _tray(art, -80 + index * 450, 830, kind, colour)
    for x, y in ((200, 700), (615, 700), (1030, 700), (1445, 700), (160, 965), (610, 965), (1060, 965), (1480, 965)):
        _tag(art, x, y)
    for facing, x in ((1, 610), (-1, 1030)):
        sleeve = [(810 - facing * 230, 360), (810 - facing * 140, 340), (x + facing * 24, 545), (x - facing * 66, 590)]
        art.polygon(sleeve, mix(PETROL, NIGHT, 0.3))
        art.shade(sleeve, INK, 0, 0.6)
        hand(art, x, 588, 84, SKIN, facing=facing)
    _ball(art, 818, 586, 62, BRICK)


def _stallholder(art: Canvas, x: float, y: float) -> None:
    art.blob(
        [
            (x - 250, y + 20),
            (x - 260, y - 190),
            (x - 120, y - 270),
            (x, y - 280),
            (x + 120, y - 270),
            (x + 260, y - 190),
            (x + 250, y + 20),
        ],
        mix(PETROL, NIGHT, 0.2),
    )
    art.polygon([(x - 140, y), (x - 90, y - 230), (x + 90, y - 230), (x + 140, y)], PAPER)
    art.shade([(x - 140, y), (x - 90, y - 230), (x + 90, y - 230), (x + 140, y)], BROWN, 0, 0.5)
    art.rectangle(x - 34, y - 320, x + 34, y - 250, mix(SKIN, BROWN, 0.25))
    art.ellipse(x, y - 350, 70, 82, SKIN)
    art.blob(
        [
            (x - 86, y - 300),
            (x - 90, y - 390),
            (x, y - 456),
            (x + 90, y - 390),
            (x + 86, y - 300),
            (x + 62, y - 360),
            (x, y - 398),
            (x - 62, y - 360),
        ],
        BRICK,
    )
    art.blob(
        [(x - 86, y - 310), (x, y - 256), (x + 86, y - 310), (x + 60, y - 236), (x, y - 222), (x - 60, y - 236)], BRICK
    )
    for side in (-1, 1):
        art.ring(x + side * 26, y - 356, 11, 8, 4, UMBER, start=10, end=170)
        art.ellipse(x + side * 40, y - 328, 14, 9, CORAL, 0.6)
    art.ring(x, y - 316, 18, 9, 4, WINE, start=20, end=160)


def _tray(art: Canvas, x: float, y: float, kind: str, colour: Colour) -> None:
    art.rectangle(x, y + 10, x + 392, y + 190, UMBER)
    for row in range(3):
        for column in range(6):
            px = x + 40 + column * 62 + (row % 2) * 26
            py = y + 10 + row * 38
            if kind == "carrot":
                art.polygon(
                    [(px - 20, py - 26), (px + 20, py - 26), (px + 4, py + 70)], mix(colour, BROWN, 0.15 * (column % 2))
                )
                art.polygon(
                    [(px - 16, py - 24), (px - 22, py - 62), (px, py - 34), (px + 20, py - 64), (px + 16, py - 24)],
                    MOSS,
                )
            else:
                _ball(art, px, py, {"cabbage": 50, "tomato": 36, "onion": 35, "beet": 38, "potato": 38}[kind], colour)
            if kind == "cabbage":
                for bend in (-0.5, 0.1, 0.6):
                    art.line(
                        spline([(px - 4, py + 44), (px + bend * 34, py), (px + bend * 20, py - 40)], closed=False),
                        2.5,
                        MIST,
                    )
            if kind == "onion":
                art.line([(px, py - 32), (px + 3, py - 46)], 5, BROWN)
    art.rectangle(x - 6, y + 108, x + 398, y + 200, mix(OCHRE, BROWN, 0.45))
    art.rectangle(x - 6, y + 150, x + 398, y + 156, UMBER)
    art.veil(x - 6, y + 108, x + 398, y + 200, INK, 0, 0.45)


def _ball(art: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    tone = mix(colour, UMBER, art.random.uniform(0, 0.25))
    art.ellipse(x, y + 3, radius + 2, radius, mix(tone, INK, 0.5))
    art.ellipse(x, y, radius, radius * 0.94, tone)
    art.glow(x - radius * 0.3, y - radius * 0.35, radius * 0.6, radius * 0.55, LIGHT, 0.6)


def _tag(art: Canvas, x: float, y: float) -> None:
    art.line([(x, y + 60), (x, y - 20)], 6, UMBER)
    art.polygon([(x - 62, y - 56), (x + 60, y - 64), (x + 64, y + 16), (x - 58, y + 24)], CREAM)
    art.line([(x - 44, y - 36), (x + 20, y - 40)], 6, STEEL)
    art.line(
        [(x - 44, y + 2), (x - 20, y - 22), (x - 8, y + 2), (x + 8, y - 22), (x + 24, y), (x + 46, y - 24)], 8, BRICK
    )


def bank_counter(art: Canvas) -> None:
    """Draw people queueing at the counter of a bank hall."""
    art.ramp([(0, mix(PETROL, MIST, 0.3)), (0.6, MIST), (1, CREAM)])
    for x in range(40, 1620, 310):
        art.rectangle(x, 60, x + 220, 330, CREAM)
        art.veil(x, 60, x + 220, 330, TEAL, 0.5, 0)
        for dx in (70, 144):
            art.rectangle(x + dx, 60, x + dx + 6, 330, PETROL)
        art.rectangle(x - 10, 50, x + 230, 62, PETROL)
        art.shade([(x + 30, 330), (x + 210, 330), (x + 40, 1080), (x - 260, 1080)], LIGHT, 0.35, 0.0)
    art.rectangle(0, 352, 1620, 380, BROWN)
    art.rectangle(0, 352, 1620, 358, OCHRE)
    for index in range(5):
        _teller(art, 60 + index * 316, 380, open_=index in (1, 3))
    art.rectangle(0, 620, 1620, 800, mix(BROWN, WINE, 0.35))
    for x in range(0, 1620, 158):
        art.rectangle(x + 14, 656, x + 144, 780, mix(BROWN, UMBER, 0.4))
        art.veil(x + 14, 656, x + 144, 780, INK, 0.0, 0.4)
    art.rectangle(0, 606, 1620, 632, PAPER)
    art.rectangle(0, 628, 1620, 636, UMBER)
    art.ramp([(0, mix(PAPER, BROWN, 0.25)), (1, mix(BROWN, UMBER, 0.3))], (0, 800, 1620, 1080))
    for index in range(-8, 18):
        art.line([(810 + (index - 5) * 100, 800), (810 + (index - 5) * 330, 1080)], 2, BROWN)
    queue = (
        (535, 840, 330, WINE, "bun", HAZE), (640, 868, 350, NIGHT, "", UMBER), (760, 900, 380, OCHRE, "wool", PETROL),
        (890, 935, 400, DEEP, "scarf", BRICK), (1030, 975, 440, INK, "cap", INK), (1190, 1020, 470, BROWN, "", HAZE),
        (1370, 1080, 520, PETROL, "scarf", OCHRE), (1160, 830, 320, UMBER, "", INK),
    )  # fmt: skip
    for x, y, height, coat, hat, hair in sorted(queue, key=lambda item: item[1]):
        art.soft([(x - 30, y - 6), (x + 40, y - 6), (x - 30, y + 60), (x - 130, y + 60)], INK, 0.55, 8)
        person(
            art,
            x,
            y,
            height,
            Look(coat=coat, hat=hat, hair=hair, skirt=hat in ("bun", "scarf"), rim=CREAM),
            bag=BRICK if hat == "bun" else None,
        )
    for x, y in ((260, 1010), (420, 930), (100, 1075)):
        art.rectangle(x - 5, y - 150, x + 5, y, OCHRE)
        art.ellipse(x, y - 156, 12, 12, AMBER)
        art.ellipse(x, y, 30, 8, UMBER)
    art.stroke([(100, 928), (180, 930), (260, 866), (340, 862), (420, 786)], 8, BRICK)


def _teller(art: Canvas, x: float, y: float, *, open_: bool) -> None:
    art.rectangle(x, y, x + 236, y + 230, AMBER if open_ else mix(PETROL, INK, 0.3))
    if open_:
        art.rectangle(x + 66, y + 124, x + 170, y + 230, NIGHT, radius=40)
        art.ellipse(x + 118, y + 86, 34, 42, SKIN)
        art.blob(
            [
                (x + 84, y + 90),
                (x + 82, y + 54),
                (x + 118, y + 34),
                (x + 154, y + 54),
                (x + 152, y + 90),
                (x + 140, y + 66),
                (x + 118, y + 58),
                (x + 96, y + 66),
            ],
            UMBER,
        )
        art.polygon([(x + 104, y + 126), (x + 132, y + 126), (x + 118, y + 170)], CREAM)
        art.polygon([(x + 20, y), (x + 70, y), (x, y + 120), (x, y + 30)], CREAM, 0.5)
    else:
        for slat in range(12):
            art.rectangle(x, y + slat * 19, x + 236, y + slat * 19 + 13, mix(TEAL, INK, 0.15))
    art.rectangle(x - 8, y, x + 4, y + 230, BROWN)
    art.rectangle(x + 232, y, x + 244, y + 230, BROWN)
    art.rectangle(x + 80, y - 24, x + 156, y + 14, BRICK if not open_ else MOSS, radius=4)
    art.ellipse(x + 118, y - 5, 9, 9, CREAM)


def coins_notes(art: Canvas) -> None:
    """Draw stacks of coins before a fan of banknotes."""
    art.ramp([(0, INK), (0.5, DEEP), (0.62, PETROL), (1, INK)])
    art.glow(860, 480, 900, 620, TEAL, 0.7)
    art.ramp([(0, mix(BROWN, UMBER, 0.3)), (1, INK)], (0, 690, 1620, 1080))
    art.rectangle(0, 690, 1620, 696, OCHRE)
    for index, colour in enumerate((TEAL, BRICK, OCHRE, mix(STEEL, MIST, 0.4), CORAL)):
        _note(art, index, colour)
    art.soft([(200, 900), (1500, 900), (1620, 1010), (330, 1020)], INK, 0.8, 24)
    stacks = (
        (330, 860, 16, AMBER),
        (560, 900, 11, HAZE),
        (1290, 870, 8, AMBER),
        (800, 930, 7, CORAL),
        (1060, 950, 4, AMBER),
        (1480, 930, 2, HAZE),
    )
    for x, base, count, colour in stacks:
        for level in range(count):
            _coin(art, x + art.random.uniform(-5, 5), base - level * 27, colour, top=level == count - 1)
    for x, y, colour in ((250, 1000, CORAL), (640, 1030, AMBER), (1260, 1020, HAZE)):
        art.soft(arc(x + 16, y + 22, 96, 34, 0, 360), INK, 0.8, 8)
        _coin(art, x, y, colour, top=True)


def _note(art: Canvas, index: int, colour: Colour) -> None:
    from_left, rise = 470 + index * 130, (90, 30, 0, 30, 90)[index]
    lean = (index - 2) * 100
    corners = [
        (from_left + lean, 150 + rise),
        (from_left + 250 + lean, 130 + rise + (index - 2) * 30),
        (from_left + 230, 720),
        (from_left - 10, 720),
    ]
    art.polygon([(x + 12, y + 10) for x, y in corners], INK, 0.6)
    art.polygon(corners, colour)

    def spot(u: float, v: float) -> Point:
        (ax, ay), (bx, by), (cx, cy), (dx, dy) = corners
        return (lerp(lerp(ax, bx, u), lerp(dx, cx, u), v), lerp(lerp(ay, by, u), lerp(dy, cy, v * 0 + u), v))

    art.line([spot(0.06, 0.04), spot(0.94, 0.04), spot(0.94, 0.97), spot(0.06, 0.97), spot(0.06, 0.04)], 4, CREAM)
    x, y = spot(0.5, 0.36)
    for radius in (88, 72, 56):
        art.ring(x, y, radius, radius * 1.25, 3, CREAM, alpha=0.8)
    art.ellipse(x, y - 14, 24, 30, CREAM)
    art.polygon(arc(x, y + 66, 48, 48, 180, 360), CREAM)
    for v in (0.68, 0.72, 0.76, 0.8):
        art.line(
            spline([spot(0.15, v), spot(0.38, v - 0.02), spot(0.6, v + 0.02), spot(0.85, v)], closed=False),
            3,
            mix(colour, CREAM, 0.6),
        )
    art.ellipse(*spot(0.18, 0.1), 20, 20, mix(colour, INK, 0.5))
    art.shade(corners, INK, 0.0, 0.7)


def _coin(art: Canvas, x: float, y: float, colour: Colour, *, top: bool) -> None:
    rx, ry, thick = 100, 34, 22
    dark = mix(colour, UMBER, 0.55)
    art.polygon([*arc(x, y, rx, ry, 0, 180), *arc(x, y - thick, rx, ry, 180, 0)], dark)
    side = [(x - rx, y - thick), (x + rx, y - thick), (x + rx, y + 8), (x, y + ry), (x - rx, y + 8)]
    art.shade(side, INK, 0.0, 0.55, across=True)
    for notch in range(11):
        px = x - rx * 0.9 + notch * rx * 0.18
        drop = ry * (1 - ((px - x) / rx) ** 2) ** 0.5
        art.line([(px, y - thick + drop + 3), (px, y + drop - 2)], 2, mix(colour, UMBER, 0.85))
    art.ellipse(x, y - thick, rx, ry, mix(colour, UMBER, 0.2))
    art.ellipse(x, y - thick, rx - 4, ry - 3, colour)
    if top:
        art.ring(x, y - thick, rx - 16, ry - 8, 3, dark)
        art.polygon(
            [
                (x - 46, y - thick),
                (x - 12, y - thick - 6),
                (x, y - thick - 18),
                (x + 12, y - thick - 6),
                (x + 46, y - thick),
                (x + 12, y - thick + 6),
                (x, y - thick + 18),
                (x - 12, y - thick + 6),
            ],
            dark,
        )
        art.glow(x - 30, y - thick - 8, 70, 24, CREAM, 0.8)


def pharmacy_shelf(art: Canvas) -> None:
    """Draw a pharmacist before half-empty shelves."""
    art.ramp([(0, mix(PETROL, MIST, 0.25)), (1, DEEP)])
    art.rectangle(60, 50, 1560, 800, mix(BROWN, UMBER, 0.4))
    for bay in range(3):
        for shelf in range(5):
            _shelf(art, 84 + bay * 492, 70 + shelf * 146, bay, shelf)
    art.glow(1060, 300, 620, 520, LIGHT, 0.35)
    _pharmacist(art, 1130, 860)
    art.rectangle(0, 850, 1620, 1080, mix(PETROL, NIGHT, 0.3))
    art.veil(0, 850, 1620, 1080, INK, 0.0, 0.7)
    art.rectangle(0, 832, 1620, 862, PAPER)
    art.rectangle(0, 858, 1620, 868, UMBER)
    for x, colour in ((240, MIST), (310, OCHRE)):
        _bottle(art, x, 834, 46, 110, colour)
    art.rectangle(400, 788, 500, 834, CREAM)
    art.rectangle(440, 796, 460, 826, BRICK)
    art.rectangle(432, 804, 468, 818, BRICK)
    art.line([(700, 834), (700, 720)], 9, OCHRE)
    art.line([(590, 726), (810, 738)], 7, OCHRE)
    for x, y in ((596, 726), (804, 738)):
        art.line([(x - 44, y + 66), (x, y), (x + 44, y + 66)], 2, AMBER)
        art.polygon(arc(x, y + 64, 52, 22, 0, 180), OCHRE)
    art.ellipse(700, 834, 66, 12, OCHRE)
    art.rectangle(760, 930, 860, 1030, MOSS, radius=12)
    art.rectangle(798, 944, 822, 1016, CREAM)
    art.rectangle(774, 968, 846, 992, CREAM)


def _shelf(art: Canvas, x: float, y: float, bay: int, shelf: int) -> None:
    art.rectangle(x, y, x + 468, y + 132, mix(PETROL, INK, 0.35))
    art.veil(x, y, x + 468, y + 132, INK, 0.65, 0.0)
    art.rectangle(x, y + 124, x + 468, y + 138, mix(OCHRE, BROWN, 0.5))
    position, fill = x + 12, (0.8, 0.35, 0.2, 0.5, 0.1)[(shelf + bay * 2) % 5]
    while position < x + 430:
        width = art.random.uniform(26, 48)
        if art.random.random() < fill:
            colour = art.random.choice((CREAM, BRICK, OCHRE, TEAL, MIST, CORAL, PAPER, STEEL))
            if art.random.random() < 0.5:
                _bottle(art, position + width / 2, y + 124, width * 0.9, art.random.uniform(70, 104), colour)
            else:
                top = y + 124 - art.random.uniform(44, 92)
                art.rectangle(position, top, position + width, y + 124, colour)
                art.rectangle(position, top + 14, position + width, top + 26, mix(colour, INK, 0.5))
                art.veil(position, top, position + width, y + 124, INK, 0, 0.5, across=True)
        else:
            art.rectangle(position + 4, y + 126, position + width - 4, y + 136, CREAM, 0.85)
        position += width + 7


def _bottle(art: Canvas, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    half = width / 2
    art.rectangle(x - half, y - height * 0.72, x + half, y, colour, radius=width * 0.16)
    art.rectangle(x - half * 0.45, y - height * 0.92, x + half * 0.45, y - height * 0.66, colour)
    art.rectangle(x - half * 0.55, y - height, x + half * 0.55, y - height * 0.86, INK)
    art.rectangle(x - half, y - height * 0.5, x + half, y - height * 0.2, CREAM, 0.85)
    art.veil(x, y - height * 0.7, x + half, y, INK, 0.1, 0.6, across=True)


def _pharmacist(art: Canvas, x: float, y: float) -> None:
    art.stroke([(x - 120, y - 330), (x - 190, y - 430), (x - 170, y - 560)], 66, CREAM)
    art.ellipse(x - 168, y - 590, 30, 38, SKIN)
    coat = spline(
        [
            (x - 190, y + 20),
            (x - 176, y - 240),
            (x - 140, y - 370),
            (x, y - 410),
            (x + 140, y - 370),
            (x + 180, y - 240),
            (x + 190, y + 20),
        ],
        closed=False,
    )
    art.polygon(coat, CREAM)
    art.shade(coat, STEEL, 0.05, 0.75, across=True)
    art.line([(x, y - 380), (x, y)], 3, STEEL)
    art.stroke([(x + 140, y - 330), (x + 205, y - 170), (x + 130, y - 60)], 64, mix(CREAM, STEEL, 0.35))
    art.rectangle(x - 34, y - 460, x + 34, y - 390, mix(SKIN, BROWN, 0.25))
    art.ellipse(x, y - 500, 70, 84, SKIN)
    art.blob(
        [
            (x - 78, y - 480),
            (x - 76, y - 560),
            (x, y - 606),
            (x + 76, y - 560),
            (x + 78, y - 480),
            (x + 56, y - 440),
            (x, y - 428),
            (x - 56, y - 440),
        ],
        UMBER,
    )
    art.ellipse(x, y - 600, 34, 30, UMBER)


SCENES = {
    "market-stall": market_stall,
    "bank-counter": bank_counter,
    "coins-notes": coins_notes,
    "pharmacy-shelf": pharmacy_shelf,
}
