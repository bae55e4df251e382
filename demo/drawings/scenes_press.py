"""The trade: newsroom, printing press, radio mast, servers."""

from itertools import pairwise
from math import sin

from .canvas import Canvas
from .figures import Look, person, seated
from .geometry import Point, arc, spline
from .nature import conifer, ridge, stars, streaks
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
    NIGHT,
    OCHRE,
    PAPER,
    PETROL,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    Colour,
    mix,
)  # fmt: skip


def newsroom_desk(art: Canvas) -> None:
    """Draw two people at lit screens in the newsroom at night."""
    art.ramp([(0, mix(WINE, INK, 0.5)), (0.7, UMBER), (1, INK)])
    for left in (90, 610, 1130):
        _harbour_window(art, left)
    for x in (420, 1200):
        art.line([(x, 0), (x, 130)], 4, INK)
        art.shade([(x - 70, 190), (x + 70, 190), (x + 430, 900), (x - 430, 900)], LIGHT, 0.34, 0.0)
        art.glow(x, 190, 280, 200, AMBER, 0.7)
        art.polygon(
            spline([(x - 92, 190), (x - 40, 140), (x, 124), (x + 40, 140), (x + 92, 190)], closed=False), PETROL
        )
        art.ellipse(x, 190, 60, 9, CREAM)
    art.rectangle(0, 900, 1620, 1080, mix(UMBER, INK, 0.5))
    _desk(art, 900, 700)
    seated(art, 330, 780, 330, Look(coat=PETROL, hair=INK, legs=INK, rim=HAZE))
    seated(art, 1290, 780, 330, Look(coat=BRICK, hair=OCHRE, legs=INK), facing=-1)
    art.shade([(1190, 440), (1240, 440), (1300, 780), (1180, 780)], HAZE, 0.5, 0)
    for x, facing in ((600, -1), (1010, 1)):
        _screen(art, x, 690, facing)
    art.rectangle(220, 690, 1400, 724, BROWN)
    art.rectangle(220, 690, 1400, 698, OCHRE)
    for x in (760, 800, 850):
        art.rectangle(x - 40, 680 - (x % 7) * 3, x + 50, 690, CREAM)
    art.polygon([(778, 634), (842, 634), (836, 690), (784, 690)], BRICK)
    art.ring(846, 658, 16, 16, 6, BRICK)
    art.blob([(800, 622), (790, 596), (806, 566), (812, 596)], CREAM, 0.25)
    for x, side in ((330, 1), (1290, -1)):
        art.line([(x, 790), (x, 960)], 12, INK)
        art.line([(x - 70, 975), (x, 950), (x + 70, 975)], 11, INK)
        art.rectangle(x - 90, 770, x + 90, 800, INK, radius=12)
        art.stroke([(x - side * 90, 780), (x - side * 110, 660), (x - side * 96, 540)], 22, INK)
    _foreground_papers(art)


def _harbour_window(art: Canvas, left: float) -> None:
    art.polygon([(left - 16, 640), *arc(left + 200, 210, 216, 150, 180, 360), (left + 416, 640)], mix(BRICK, WINE, 0.5))
    art.ramp([(0, INK), (0.5, NIGHT), (0.8, DUSK), (1, DEEP)], (left, 60, left + 400, 625))
    for _ in range(5):
        x = left + art.random.uniform(20, 380)
        y = art.random.uniform(440, 500)
        art.rectangle(x, y, x + 8, y + 8, AMBER)
        art.veil(x, 520, x + 8, 620, AMBER, 0.7, 0)
    art.rectangle(left, 505, left + 400, 515, INK)
    art.polygon(
        [
            (left + 60, 505),
            (left + 60, 470),
            (left + 110, 470),
            (left + 130, 440),
            (left + 200, 440),
            (left + 210, 470),
            (left + 300, 475),
            (left + 285, 508),
        ],
        mix(STEEL, NIGHT, 0.3),
    )
    art.line([(left + 320, 510), (left + 320, 320)], 4, INK)
    corner = arc(left + 200, 210, 216, 150, 180, 360)
    art.polygon([(left - 18, 40), (left - 18, 212), *corner, (left + 418, 212), (left + 418, 40)], mix(WINE, INK, 0.45))
    art.line(corner, 12, mix(BRICK, WINE, 0.5))
    for dx in (100, 200, 300):
        art.rectangle(left + dx - 3, 60, left + dx + 3, 630, INK)
    for dy in (220, 350, 480):
        art.rectangle(left, dy, left + 400, dy + 5, INK)
    art.rectangle(left - 30, 622, left + 430, 644, BROWN)


def _desk(art: Canvas, low: float, top: float) -> None:
    for x in (260, 1340):
        art.rectangle(x, top, x + 22, low + 60, INK)
    art.rectangle(700, top, 920, low + 20, UMBER)
    for dy in (30, 90, 150):
        art.rectangle(716, top + dy, 904, top + dy + 48, BROWN)
        art.rectangle(790, top + dy + 20, 830, top + dy + 27, AMBER)


def _screen(art: Canvas, x: float, y: float, facing: int) -> None:
    art.glow(x - 40 * -facing, y - 150, 330, 260, MIST, 0.5)
    art.rectangle(x - 12, y - 70, x + 12, y, INK)
    art.rectangle(x - 60, y - 10, x + 60, y, INK)
    face: list[Point] = [(x - 110, y - 250), (x + 110, y - 240), (x + 110, y - 68), (x - 110, y - 60)]
    art.polygon([(px + facing * 6, py) for px, py in face], INK)
    inner = [(x - 98, y - 238), (x + 98, y - 230), (x + 98, y - 78), (x - 98, y - 72)]
    art.polygon(inner, MIST)
    art.shade(inner, CREAM, 0.9, 0.0)
    for row in range(7):
        art.rectangle(x - 84, y - 214 + row * 19, x - 84 + (90, 74, 96, 60, 88, 92, 50)[row], y - 207 + row * 19, STEEL)
    art.rectangle(x + 24, y - 214, x + 86, y - 150, BRICK)
    art.rectangle(x + 24, y - 138, x + 86, y - 92, OCHRE)


def _foreground_papers(art: Canvas) -> None:
    art.polygon([(-20, 1010), (1640, 980), (1640, 1090), (-20, 1090)], INK)
    for x, tilt in ((120, 14), (340, -20), (1180, 22), (1420, -12)):
        page = [(x, 1010), (x + 190, 1000 + tilt), (x + 230, 1064), (x - 10, 1080)]
        art.polygon(page, CREAM)
        art.shade(page, DUSK, 0.2, 0.7)
        for row in range(3):
            art.line([(x + 20, 1026 + row * 16), (x + 180, 1018 + row * 16 + tilt)], 4, STEEL)


def printing_press(art: Canvas) -> None:
    """Draw a paper web running through the cylinders of a rotary press."""
    art.ramp([(0, DEEP), (0.5, PETROL), (1, INK)])
    for x in range(0, 1620, 180):
        art.rectangle(x, 40, x + 130, 300, mix(TEAL, MIST, 0.4))
        art.veil(x, 40, x + 130, 300, PETROL, 0, 0.8)
        art.rectangle(x + 62, 40, x + 68, 300, DEEP)
    art.rectangle(0, 900, 1620, 1080, mix(INK, UMBER, 0.4))
    for x in (90, 610, 1130):
        _tower(art, x)
    rolls = (
        (230, 380),
        (230, 610),
        (470, 610),
        (470, 380),
        (750, 380),
        (750, 640),
        (990, 640),
        (990, 380),
        (1270, 380),
        (1270, 640),
        (1500, 640),
    )
    web: list[Point] = [
        (-20, 830),
        (140, 830),
        (165, 380),
        (230, 316),
        (295, 380),
        (295, 610),
        (350, 675),
        (405, 610),
        (405, 380),
        (470, 316),
        (690, 316),
        (750, 316),
    ]
    _web(art, web)
    _web(
        art,
        [
            (750, 316),
            (815, 380),
            (815, 640),
            (870, 705),
            (925, 640),
            (925, 380),
            (990, 316),
            (1270, 316),
            (1335, 380),
            (1335, 640),
            (1390, 705),
            (1440, 706),
            (1640, 706),
        ],
    )
    for index, (x, y) in enumerate(rolls):
        _cylinder(art, x, y, 62, (BRICK, STEEL, OCHRE, STEEL)[index % 4])
    art.ellipse(60, 960, 220, 220, PAPER)
    art.shade(arc(60, 960, 220, 220, 0, 360, 40), BROWN, 0, 0.7, across=True)
    for radius in (60, 100, 140, 180, 205):
        art.ring(60, 960, radius, radius, 2, BROWN, alpha=0.5)
    art.ellipse(60, 960, 36, 36, INK)
    for index in range(9):
        x = 1010 + index * 70
        art.polygon([(x, 920), (x + 96, 890), (x + 120, 930), (x + 20, 962)], CREAM)
        art.line([(x + 20, 928), (x + 92, 905)], 8, INK)
        art.polygon([(x + 30, 938), (x + 66, 926), (x + 76, 942), (x + 40, 953)], BRICK if index % 2 else PETROL)
    art.polygon([(990, 962), (1640, 962), (1640, 1000), (990, 1000)], STEEL)
    person(art, 690, 1010, 440, Look(coat=mix(DUSK, NIGHT, 0.3), hat="cap", legs=INK, rim=AMBER), raised=True)
    art.glow(420, 80, 520, 420, LIGHT, 0.45)
    art.glow(1260, 80, 520, 420, LIGHT, 0.45)


def _tower(art: Canvas, x: float) -> None:
    art.rectangle(x, 230, x + 440, 920, mix(DEEP, INK, 0.4), radius=26)
    art.rectangle(x + 14, 244, x + 426, 906, mix(PETROL, NIGHT, 0.4), radius=20)
    art.veil(x + 14, 244, x + 426, 906, INK, 0, 0.7)
    art.rectangle(x + 30, 780, x + 410, 880, NIGHT, radius=10)
    for index in range(6):
        art.ellipse(x + 70 + index * 36, 830, 9, 9, (BRICK, AMBER, MIST, AMBER, MIST, BRICK)[index])
    art.ellipse(x + 350, 830, 30, 30, CREAM)
    art.line([(x + 350, 830), (x + 366, 812)], 4, BRICK)


def _web(art: Canvas, points: list[Point]) -> None:
    curve = spline(points, closed=False)
    art.line([(x + 5, y + 6) for x, y in curve], 26, INK)
    art.line(curve, 24, CREAM)
    total = 0.0
    for (x0, y0), (x1, y1) in pairwise(curve):
        total += ((x1 - x0) ** 2 + (y1 - y0) ** 2) ** 0.5
        if sin(total / 17) > 0.1:
            art.line([(x0, y0), (x1, y1)], 8, STEEL)


def _cylinder(art: Canvas, x: float, y: float, radius: float, colour: Colour) -> None:
    art.ellipse(x, y, radius, radius, INK)
    art.ellipse(x, y, radius - 5, radius - 5, colour)
    art.shade(arc(x, y, radius - 5, radius - 5, 0, 360, 40), INK, 0, 0.85, across=True)
    art.ring(x, y, radius - 12, radius - 12, 6, CREAM, alpha=0.6, start=190, end=260)
    art.ellipse(x, y, 15, 15, INK)
    art.ellipse(x, y, 7, 7, AMBER)


def radio_mast(art: Canvas) -> None:
    """Draw a radio mast on a hill sending out rings of waves."""
    art.ramp([(0, NIGHT), (0.35, PETROL), (0.58, CORAL), (0.7, AMBER), (1, OCHRE)])
    stars(art, 260, 70)
    for index in range(9):
        radius = 90 + index * 105
        art.ring(980, 250, radius, radius, 15 - index * 1.2, mix(AMBER, CORAL, index / 9), alpha=0.75 - index * 0.075)
    art.glow(980, 250, 300, 300, LIGHT, 0.8)
    streaks(art, 420, 690, 8, BRICK, 0.35)
    ridge(art, 740, 34, mix(CORAL, DUSK, 0.5), step=200)
    ridge(art, 810, 30, mix(DUSK, WINE, 0.35), step=160)
    for x in range(0, 1620, 52):
        conifer(art, x, 880 + 18 * sin(x / 90), art.random.uniform(50, 100), mix(NIGHT, DUSK, 0.4))
    hill = spline([(-20, 1000), (300, 960), (660, 850), (980, 780), (1280, 850), (1640, 930)], closed=False)
    art.polygon([*hill, (1640, 1090), (-20, 1090)], mix(INK, DEEP, 0.5))
    art.shade([*hill, (1640, 1090), (-20, 1090)], CORAL, 0.4, 0)
    _mast(art, 980, 800, 560)
    for side, base in ((-1, 860), (1, 850)):
        for share in (0.35, 0.62, 0.88):
            art.line([(980, 800 - 560 * share), (980 + side * 300, base)], 1.8, INK)
    art.rectangle(1060, 726, 1190, 822, mix(BROWN, UMBER, 0.4))
    art.polygon([(1046, 730), (1125, 676), (1204, 730)], WINE)
    art.rectangle(1084, 756, 1116, 786, AMBER)
    art.glow(1100, 770, 90, 80, AMBER, 0.7)
    person(art, 560, 915, 150, Look(coat=INK, hat="wool", hair=BRICK), stride=0.04)
    art.line([(592, 830), (626, 800)], 3, INK)
    for x in (60, 160, 250, 1430, 1540, 1600):
        conifer(art, x, 1010 - abs(x - 800) * 0.03, art.random.uniform(150, 260), INK)


def _mast(art: Canvas, x: float, y: float, height: float) -> None:
    def half(share: float) -> float:
        return 52 * (1 - share) + 7

    for side in (-1, 1):
        art.line([(x + side * half(0), y + 20), (x + side * half(1), y - height)], 6, INK)
    for level in range(14):
        low, high = level / 14, (level + 1) / 14
        colour = BRICK if level % 4 < 2 else INK
        art.line([(x - half(low), y - height * low), (x + half(high), y - height * high)], 4, colour)
        art.line([(x + half(low), y - height * low), (x - half(high), y - height * high)], 4, colour)
        art.line([(x - half(high), y - height * high), (x + half(high), y - height * high)], 4, colour)
    art.line([(x, y - height), (x, y - height - 90)], 5, INK)
    for share in (0.72, 0.84):
        art.ellipse(x - half(share) - 18, y - height * share, 20, 26, CREAM)
        art.ellipse(x + half(share) + 18, y - height * share - 10, 18, 24, PAPER)
    art.glow(x, y - height - 92, 90, 90, BRICK, 0.95)
    art.ellipse(x, y - height - 92, 9, 9, CORAL)


def server_room(art: Canvas) -> None:
    """Draw an aisle of server racks with small lights and a technician at its end."""
    art.ramp([(0, INK), (0.5, PETROL), (1, INK)])
    vanish = (860, 500)
    art.glow(*vanish, 520, 460, TEAL, 0.9)
    floor = [(-300, 1090), (790, 600), (930, 600), (1920, 1090)]
    art.polygon(floor, mix(DEEP, NIGHT, 0.5))
    art.shade(floor, TEAL, 0.7, 0.0)
    for share in (0, 0.15, 0.32, 0.52, 0.76):
        y = 600 + 490 * share**1.6
        art.line([(0, y), (1620, y)], 1.5 + share * 2, INK, 0.5)
    art.polygon([(200, -10), (800, 420), (920, 420), (1460, -10)], INK)
    for share in (0.15, 0.42, 0.7):
        low, high = share, share + 0.14
        art.polygon(
            [
                (780 + (690 - 780) * (1 - low) * 3, 420 * low),
                (880 + 90 * (1 - low) * 2.4, 420 * low),
                (880 + 90 * (1 - high) * 2.4, 420 * high),
                (780 + (690 - 780) * (1 - high) * 3, 420 * high),
            ],
            CREAM,
            0.85,
        )
    edges = (0, 0.34, 0.56, 0.71, 0.81, 0.88)
    for side in (-1, 1):
        for index in range(5):
            _rack(art, vanish, side, edges[index], edges[index + 1])
    art.soft([(840, 668), (880, 668), (930, 800), (850, 800)], INK, 0.7, 8)
    person(art, 860, 670, 210, Look(coat=INK, rim=MIST, from_back=False), bag=BRICK)
    art.glow(*vanish, 260, 230, MIST, 0.35)


def _rack(art: Canvas, vanish: Point, side: int, near: float, far: float) -> None:
    edge = -60 if side < 0 else 1680

    def spot(depth: float, level: float) -> Point:
        outer = -140 + 1360 * level
        return (edge + (vanish[0] - edge) * depth, outer + (vanish[1] - outer) * depth)

    body = [spot(near, 0), spot(far, 0), spot(far, 1), spot(near, 1)]
    art.polygon(body, mix(INK, NIGHT, 0.7))
    art.shade(body, TEAL, 0.0 if side < 0 else 0.5, 0.5 if side < 0 else 0.0, across=True)
    art.line([spot(near, 0), spot(near, 1)], 9 * (1 - near) + 2, INK)
    for unit in range(21):
        low, high = 0.04 + unit * 0.044, 0.04 + unit * 0.044 + 0.034
        a, b = near + (far - near) * 0.1, near + (far - near) * 0.92
        art.polygon([spot(a, low), spot(b, low), spot(b, high), spot(a, high)], mix(INK, DEEP, 0.5))
        for light in range(7):
            depth = a + (b - a) * (0.1 + light * 0.12)
            if art.random.random() < 0.62:
                x, y = spot(depth, (low + high) / 2)
                size = 5.4 * (1 - depth) + 0.7
                colour = art.random.choice((AMBER, MIST, MIST, TEAL, CORAL, AMBER))
                if art.random.random() < 0.16:
                    art.glow(x, y, size * 6, size * 6, colour, 0.8)
                art.ellipse(x, y, size, size, colour)


SCENES = {
    "newsroom-desk": newsroom_desk,
    "printing-press": printing_press,
    "radio-mast": radio_mast,
    "server-room": server_room,
}
