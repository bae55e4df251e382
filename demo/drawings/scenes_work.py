"""Steel, gas, rail and wheat."""

from math import sin

from .buildings import brickwork, windows
from .canvas import Canvas
from .figures import Look, person
from .geometry import arc, spline
from .nature import bare_tree, glints, puffs, ridge, stars, streaks
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
    ROSE,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    mix,
)  # fmt: skip

FLAME = (
    (-16, 0), (-70, 70), (-50, 140), (-120, 250), (-20, 190), (10, 230), (30, 130), (52, 60), (16, 0),
)  # fmt: skip


def steel_mill(art: Canvas) -> None:
    """Draw the mill at Mirograd, its furnace glowing over the river."""
    art.ramp([(0, INK), (0.35, WINE), (0.62, BRICK), (0.7, OCHRE), (1, INK)])
    art.glow(960, 700, 800, 520, AMBER, 0.7)
    for x, top, size in ((300, 250, 30), (480, 190, 34), (1300, 230, 32)):
        puffs(
            art,
            [(x, top), (x + 60, top - 90), (x + 240, top - 150), (x + 520, top - 180), (x + 900, top - 260)],
            size,
            2.3,
            mix(UMBER, WINE, 0.5),
            CORAL,
        )
    for x, top, width in ((270, 250, 60), (448, 190, 66), (1270, 230, 62), (640, 400, 40)):
        stack = [(x - 8, 760), (x, top), (x + width, top), (x + width + 8, 760)]
        art.polygon(stack, mix(INK, WINE, 0.3))
        art.shade(stack, CORAL, 0, 0.6, across=True)
        for band in (20, 70):
            art.rectangle(x - 1, top + band, x + width + 1, top + band + 22, BRICK)
    _furnace(art, 940)
    hall = [
        (-20, 620),
        (120, 540),
        (120, 620),
        (260, 540),
        (260, 620),
        (400, 540),
        (400, 620),
        (540, 540),
        (540, 620),
        (680, 540),
        (680, 620),
        (700, 780),
        (-20, 780),
    ]
    art.polygon(hall, mix(INK, NIGHT, 0.5))
    windows(
        art, (0, 640, 690, 730), 17, 1, mix(INK, WINE, 0.4), lit=0.75, fill=(0.6, 0.7), lights=(AMBER, CORAL, OCHRE)
    )
    art.rectangle(1210, 590, 1640, 780, mix(INK, NIGHT, 0.4))
    windows(art, (1230, 620, 1630, 740), 10, 2, mix(INK, WINE, 0.4), lit=0.5, fill=(0.5, 0.5), lights=(AMBER, CORAL))
    art.line([(690, 560), (900, 400)], 26, INK)
    art.line([(1090, 420), (1230, 600)], 18, INK)
    art.rectangle(-20, 770, 1640, 790, INK)
    art.reflect(786, 294, WINE, 0.35, 6)
    art.veil(0, 786, 1620, 1080, INK, 0.05, 0.85)
    glints(art, 795, 1060, 160, AMBER, x=990, spread=90, alpha=0.7)
    art.polygon(spline([(-20, 1010), (260, 990), (620, 1030), (900, 1090), (-20, 1090)], closed=False), INK)
    person(art, 330, 1012, 190, Look(coat=INK, hat="cap", rim=CORAL))
    bare_tree(art, 110, 1010, 430, INK, 6)


def _furnace(art: Canvas, x: float) -> None:
    art.polygon(
        [(x - 30, 780), (x - 10, 420), (x + 40, 330), (x + 110, 330), (x + 160, 420), (x + 180, 780)],
        mix(INK, UMBER, 0.4),
    )
    art.shade(
        [(x - 30, 780), (x - 10, 420), (x + 40, 330), (x + 110, 330), (x + 160, 420), (x + 180, 780)],
        CORAL,
        0,
        0.5,
        across=True,
    )
    for level in (440, 520, 600):
        art.rectangle(x - 44, level, x + 194, level + 10, INK)
        for rail in range(x - 40, x + 194, 26):
            art.rectangle(rail, level - 24, rail + 3, level, INK)
    art.line([(x + 40, 336), (x + 75, 240), (x + 240, 230), (x + 300, 480)], 20, INK)
    art.polygon(arc(x + 75, 780, 62, 120, 180, 360), AMBER)
    art.polygon(arc(x + 75, 780, 40, 84, 180, 360), CREAM)
    art.glow(x + 75, 730, 330, 280, LIGHT, 0.95)
    for _ in range(90):
        px, py = x + 75 + art.random.gauss(0, 90), 720 - abs(art.random.gauss(0, 110))
        art.ellipse(px, py, 2.2, 2.2, LIGHT, 0.9)


def mill_gate(art: Canvas) -> None:
    """Draw workers streaming out of the mill gate with long shadows at the change of shift."""
    art.ramp([(0, STEEL), (0.4, HAZE), (0.6, AMBER), (1, OCHRE)])
    streaks(art, 40, 300, 9, CREAM, 0.4)
    for x, top in ((240, 120), (1330, 70), (1460, 150)):
        art.polygon([(x - 6, 620), (x + 4, top), (x + 52, top), (x + 62, 620)], mix(DUSK, ROSE, 0.3))
        puffs(art, [(x + 28, top), (x + 80, top - 50), (x + 200, top - 70), (x + 420, top - 110)], 20, 2.2, HAZE, CREAM)
    art.glow(810, 600, 640, 460, LIGHT, 0.95)
    art.polygon(
        [
            (420, 660),
            (420, 520),
            (540, 450),
            (540, 520),
            (660, 450),
            (660, 520),
            (780, 450),
            (780, 520),
            (900, 450),
            (900, 520),
            (1020, 450),
            (1020, 520),
            (1140, 450),
            (1140, 660),
        ],
        mix(DUSK, ROSE, 0.4),
    )
    wall = mix(BRICK, WINE, 0.35)
    for left, right in ((-20, 470), (1150, 1640)):
        art.rectangle(left, 400, right, 760, wall)
        brickwork(art, (left, 410, right, 750), 15, CORAL, 0.13)
        art.rectangle(left, 384, right, 408, PAPER)
        art.veil(left, 408, right, 760, INK, 0.1, 0.6)
    for x in (430, 1090):
        art.rectangle(x, 290, x + 100, 790, mix(wall, UMBER, 0.3))
        art.rectangle(x - 12, 276, x + 112, 304, PAPER)
        art.ellipse(x + 50, 252, 30, 30, AMBER)
    art.line(arc(810, 320, 330, 170, 180, 360), 20, INK)
    art.line(arc(810, 320, 290, 132, 180, 360), 8, INK)
    for index in range(13):
        p, q = (
            arc(810, 320, 330, 170, 188 + index * 13.6, 189 + index * 13.6, 1)[0],
            arc(810, 320, 290, 132, 188 + index * 13.6, 189 + index * 13.6, 1)[0],
        )
        art.line([p, q], 5, INK)
    art.ellipse(810, 158, 52, 52, INK)
    art.ellipse(810, 158, 40, 40, CREAM)
    art.line([(810, 158), (810, 128)], 5, INK)
    art.line([(810, 158), (832, 170)], 5, INK)
    art.ramp([(0, mix(OCHRE, CREAM, 0.3)), (1, mix(BROWN, UMBER, 0.3))], (0, 750, 1620, 1080))
    _shift(art)


def _shift(art: Canvas) -> None:
    coats = (NIGHT, BROWN, DEEP, INK, WINE, mix(DUSK, NIGHT, 0.4), UMBER)
    crowd = []
    for row, (y, height, count) in enumerate(((750, 150, 13), (810, 205, 10), (890, 280, 8), (1010, 380, 6))):
        for index in range(count):
            spread = (520, 760, 1180, 1560)[row]
            x = 810 + (index + 0.5 - count / 2) * spread / count + art.random.uniform(-18, 18)
            crowd.append((y + art.random.uniform(-12, 20), x, height))
    for index, (y, x, height) in enumerate(sorted(crowd)):
        drift = (x - 810) * 0.5
        art.soft(
            [
                (x - height * 0.07, y),
                (x + height * 0.07, y),
                (x + drift + height * 0.2, y + height * 0.95),
                (x + drift - height * 0.1, y + height * 0.95),
            ],
            INK,
            0.5,
            5,
        )
        hat = ("cap", "wool", "", "cap", "helmet", "scarf")[index % 6]
        hair = (UMBER, BRICK, BROWN, INK, OCHRE, PAPER)[index % 6]
        look = Look(
            coat=coats[index % 7],
            hat=hat,
            hair=hair,
            from_back=False,
            rim=AMBER if x < 810 else None,
            skirt=hat == "scarf",
        )
        person(art, x, y, height, look, stride=0.045, bag=(BROWN, PETROL, None, None, BRICK)[index % 5])


def train_velrail(art: Canvas) -> None:
    """Draw a long train crossing the viaduct over the Sev."""
    art.ramp([(0, TEAL), (0.3, MIST), (0.5, CREAM), (0.6, ROSE), (1, PETROL)])
    art.ellipse(1230, 300, 84, 84, CORAL)
    streaks(art, 80, 420, 12, CREAM, 0.5)
    ridge(art, 470, 60, mix(HAZE, ROSE, 0.35), step=210)
    ridge(art, 560, 50, mix(STEEL, TEAL, 0.4), step=180)
    art.mist(640, 110, CREAM, 0.55)
    ridge(art, 690, 36, mix(PETROL, MOSS, 0.5), step=150)
    river = spline([(600, 700), (760, 740), (660, 820), (380, 930), (200, 1090)], closed=False)
    bank = spline([(1300, 1090), (1120, 930), (1000, 830), (900, 740), (700, 698)], closed=False)
    art.polygon([*river, *bank], mix(MIST, CREAM, 0.3))
    art.shade([*river, *bank], PETROL, 0, 0.7)
    stone, dark = mix(OCHRE, BROWN, 0.3), UMBER
    art.rectangle(-20, 470, 1640, 700, stone)
    for index in range(7):
        left = -60 + index * 250
        art.rectangle(left - 38, 690, left + 38, 1010, stone)
        art.veil(left - 38, 470, left + 38, 1010, dark, 0.1, 0.75, across=True)
        art.rectangle(left - 48, 700, left + 48, 716, PAPER)
        art.veil(left - 38, 800, left + 38, 1010, DEEP, 0, 0.6)
    _viaduct_openings(art)
    art.rectangle(-20, 462, 1640, 482, PAPER)
    art.rectangle(-20, 482, 1640, 490, dark)
    _train(art, 462)
    for x in range(40, 1620, 200):
        art.line([(x, 462), (x, 310)], 4, INK)
        art.line([(x, 326), (x + 36, 318)], 3, INK)
    art.line([(0, 320), (1620, 320)], 1.5, INK)
    near = spline([(-20, 930), (240, 960), (420, 1040), (520, 1090)], closed=False)
    art.polygon([*near, (-20, 1090)], mix(DEEP, MOSS, 0.3))
    right = spline([(1140, 1090), (1300, 1000), (1460, 960), (1640, 930)], closed=False)
    art.polygon([*right, (1640, 1090)], mix(DEEP, MOSS, 0.3))
    bare_tree(art, 110, 960, 420, INK, 6)
    for x, y, height in ((1380, 1000, 130), (1480, 980, 180), (1570, 970, 150)):
        art.blob(
            [
                (x - height * 0.22, y),
                (x - height * 0.25, y - height * 0.5),
                (x, y - height),
                (x + height * 0.25, y - height * 0.5),
                (x + height * 0.22, y),
            ],
            mix(BRICK, UMBER, 0.4),
        )


def _viaduct_openings(art: Canvas) -> None:
    """Lay the valley back into the arches of the viaduct."""
    for index in range(7):
        left, right = -22 + index * 250, 152 + index * 250
        stone = mix(OCHRE, BROWN, 0.3)
        span = arc((left + right) / 2, 600, (right - left) / 2, 90, 180, 360)
        art.polygon([(left, 700), *span, (right, 700)], mix(STEEL, TEAL, 0.25))
        art.shade([(left, 700), *span, (right, 700)], CREAM, 0.2, 0.6)
        hills = spline([(left, 650), (left + 60, 632), (right - 50, 660), (right, 640)], closed=False)
        art.polygon([*hills, (right, 700), (left, 700)], mix(PETROL, MIST, 0.25))
        art.ring((left + right) / 2, 600, (right - left) / 2 + 7, 97, 7, PAPER, start=180, end=360)
        shade = [(left, 700), *span[:13], (left + 40, 560), (left + 22, 610), (left + 22, 700)]
        art.polygon(shade, mix(stone, UMBER, 0.6))


def _train(art: Canvas, y: float) -> None:
    for index in range(6):
        left = 130 + index * 214
        art.rectangle(left, y - 96, left + 206, y - 14, BRICK, radius=8)
        art.rectangle(left, y - 40, left + 206, y - 30, CREAM)
        art.rectangle(left + 4, y - 104, left + 202, y - 90, mix(STEEL, NIGHT, 0.5), radius=6)
        windows(art, (left + 12, y - 84, left + 194, y - 50), 7, 1, NIGHT, lit=0.72, fill=(0.7, 0.9))
        for wheel in (30, 62, 144, 176):
            art.ellipse(left + wheel, y - 10, 11, 11, INK)
        art.veil(left, y - 50, left + 206, y - 14, INK, 0, 0.4)
    art.polygon(
        [(1414, y - 104), (1560, y - 104), (1606, y - 60), (1616, y - 14), (1414, y - 14)], mix(BRICK, WINE, 0.5)
    )
    art.polygon([(1530, y - 90), (1560, y - 90), (1586, y - 60), (1530, y - 60)], AMBER)
    art.rectangle(1414, y - 40, 1612, y - 30, CREAM)
    art.glow(1612, y - 30, 110, 90, LIGHT, 0.9)
    for wheel in (1440, 1476, 1550, 1584):
        art.ellipse(wheel, y - 10, 12, 12, INK)
    art.rectangle(20, y - 92, 122, y - 14, mix(BRICK, WINE, 0.3), radius=8)
    windows(art, (28, y - 84, 116, y - 50), 4, 1, NIGHT, lit=0.7, fill=(0.7, 0.9))


def gas_flare(art: Canvas) -> None:
    """Draw a gas plant at dusk under its burning flare."""
    art.ramp([(0, INK), (0.4, DEEP), (0.64, mix(PETROL, CORAL, 0.35)), (0.74, OCHRE), (1, INK)])
    stars(art, 260, 60)
    streaks(art, 220, 640, 11, mix(WINE, DUSK, 0.4), 0.5)
    art.glow(1250, 230, 760, 620, CORAL, 0.75)
    art.line([(1222, 830), (1244, 330)], 13, INK)
    art.line([(1272, 830), (1252, 330)], 13, INK)
    for level in range(12):
        y = 820 - level * 40
        half = 26 - level * 1.7
        art.line([(1248 - half, y), (1248 + half, y - 40)], 4, INK)
        art.line([(1248 + half, y), (1248 - half, y - 40)], 4, INK)
    puffs(art, [(1230, 120), (1120, 60), (960, 20), (760, -20)], 30, 1.8, UMBER, WINE)
    _flame(art, 1248, 330)
    for x, y, radius in ((250, 700, 120), (520, 720, 100)):
        _sphere(art, x, y, radius)
    for x, top in ((700, 470), (780, 400), (850, 520), (1010, 560), (1420, 500), (1500, 580)):
        art.rectangle(x, top, x + 46, 840, mix(INK, DEEP, 0.6), radius=18)
        art.veil(x, top + 10, x + 46, 830, CORAL, 0.0, 0.55, across=True)
        for level in range(int(top) + 50, 820, 66):
            art.rectangle(x - 10, level, x + 56, level + 6, INK)
            art.ellipse(x + 52, level - 6, 3.4, 3.4, LIGHT)
    for index, y in enumerate((760, 784, 808)):
        art.line(
            [(-20, y), (640, y), (660, y - 40 * index), (1640, y - 40 * index + 30)],
            12,
            (mix(OCHRE, BROWN, 0.3), mix(TEAL, INK, 0.3), mix(BRICK, INK, 0.3))[index],
        )
    art.rectangle(-20, 836, 1640, 1090, INK)
    art.shade([(0, 836), (1620, 836), (1620, 1080), (0, 1080)], mix(BRICK, OCHRE, 0.4), 0.65, 0.0)
    for x in range(20, 1620, 46):
        art.line([(x, 1000), (x, 900), (x + 12, 884)], 4, INK)
    for y in (910, 940, 970):
        art.line([(0, y), (1620, y)], 2, INK)
    art.soft([(840, 1040), (870, 1040), (700, 1080), (620, 1080)], INK, 0.9, 6)
    person(art, 860, 1050, 240, Look(coat=mix(OCHRE, BROWN, 0.3), hat="helmet", hair=CREAM, rim=AMBER))


def _flame(art: Canvas, x: float, y: float) -> None:
    art.glow(x - 20, y - 110, 260, 260, AMBER, 0.95)
    for colour, size in ((BRICK, 1.0), (CORAL, 0.84), (AMBER, 0.64), (CREAM, 0.38)):
        flame = [(x + dx * size, y - dy * size) for dx, dy in FLAME]
        art.blob(flame, colour)
    for _ in range(26):
        art.ellipse(x - 60 + art.random.gauss(-30, 70), y - 200 - abs(art.random.gauss(0, 80)), 2.5, 2.5, AMBER, 0.9)


def _sphere(art: Canvas, x: float, y: float, radius: float) -> None:
    for dx in (-0.8, -0.4, 0.4, 0.8):
        art.line([(x + dx * radius, y), (x + dx * radius, 840)], 10, INK)
    art.ellipse(x, y, radius, radius, mix(STEEL, PETROL, 0.4))
    art.shade(arc(x, y, radius, radius, 0, 360, 50), INK, 0.85, 0, across=True)
    art.glow(x + radius * 0.45, y - radius * 0.45, radius * 0.55, radius * 0.55, ROSE, 0.9)
    art.ring(x, y, radius, radius * 0.24, 3, INK, alpha=0.6, start=0, end=180)
    art.line([(x - radius * 0.2, y - radius), (x + radius * 0.2, y - radius)], 10, INK)


def wheat_fields(art: Canvas) -> None:
    """Draw a combine at work in fields of ripe wheat."""
    art.ramp([(0, TEAL), (0.28, MIST), (0.5, CREAM), (1, OCHRE)])
    art.glow(1250, 330, 520, 380, LIGHT, 0.9)
    art.ellipse(1250, 300, 66, 66, CREAM)
    for x, y, size in ((300, 170, 1.0), (860, 110, 0.8), (1450, 200, 0.7)):
        for dx, dy, radius in ((-150, 0, 50), (-80, -36, 72), (10, -52, 86), (100, -24, 66), (170, 0, 46)):
            art.ellipse(x + dx * size, y + dy * size, radius * 1.3 * size, radius * 0.7 * size, CREAM)
    ridge(art, 500, 22, mix(TEAL, MIST, 0.5), step=180)
    ridge(art, 530, 14, mix(MOSS, MIST, 0.3), step=140)
    for x in (90, 180, 240, 640, 700, 1430, 1520):
        art.ellipse(x, 522, 34, 40, mix(MOSS, DEEP, 0.3))
    art.ramp([(0, AMBER), (0.4, OCHRE), (1, mix(OCHRE, BROWN, 0.6))], (0, 545, 1620, 1080))
    for index in range(-16, 30):
        x = 700 + index * 18
        low = 700 + index * 210
        art.polygon([(x, 548), (x + 5, 548), (low + 66, 1080), (low, 1080)], mix(BROWN, OCHRE, 0.5), 0.45)
    art.polygon([(860, 546), (1080, 546), (1900, 900), (1640, 1080), (1200, 1080)], mix(PAPER, OCHRE, 0.45))
    for index in range(6):
        art.polygon(
            [(880 + index * 34, 548), (886 + index * 34, 548), (1330 + index * 150, 1080), (1296 + index * 150, 1080)],
            mix(BROWN, OCHRE, 0.6),
            0.5,
        )
    art.soft(
        spline([(980, 700), (1100, 560), (1300, 520), (1480, 560), (1400, 660), (1180, 740)], closed=True),
        PAPER,
        0.75,
        36,
    )
    _combine(art, 760, 790)
    for x, y in ((1240, 640), (1400, 720), (1130, 590)):
        art.ellipse(x, y, 46 * y / 720, 40 * y / 720, mix(OCHRE, BROWN, 0.25))
        art.ring(x, y, 28 * y / 720, 24 * y / 720, 3, BROWN)
    for _ in range(190):
        _ear(art, art.random.uniform(-20, 1640), art.random.uniform(1040, 1120), art.random.uniform(110, 230))


def _ear(art: Canvas, x: float, y: float, height: float) -> None:
    sway = 24 + 14 * sin(x / 120)
    tone = art.random.choice((AMBER, OCHRE, mix(OCHRE, BROWN, 0.4), LIGHT))
    tip = (x + sway, y - height)
    art.line([(x, y), (x + sway * 0.4, y - height * 0.6), tip], 2.4, tone)
    art.blob(
        [(tip[0] - 7, tip[1] + 20), (tip[0] - 3, tip[1] - 12), (tip[0] + 8, tip[1] - 30), (tip[0] + 9, tip[1] - 4)],
        tone,
    )


def _combine(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 330, y - 10), (x + 300, y - 10), (x + 240, y + 50), (x - 330, y + 40)], UMBER, 0.8, 12)
    art.polygon([(x - 130, y - 250), (x + 260, y - 250), (x + 290, y - 90), (x - 110, y - 70)], BRICK)
    art.shade([(x - 130, y - 250), (x + 260, y - 250), (x + 290, y - 90), (x - 110, y - 70)], INK, 0, 0.55)
    art.polygon([(x - 20, y - 250), (x + 10, y - 300), (x + 220, y - 300), (x + 250, y - 250)], WINE)
    art.polygon([(x - 200, y - 300), (x - 60, y - 300), (x - 50, y - 120), (x - 220, y - 120)], INK)
    art.polygon([(x - 190, y - 288), (x - 78, y - 288), (x - 72, y - 180), (x - 206, y - 180)], MIST)
    art.ellipse(x - 126, y - 226, 16, 20, UMBER)
    art.rectangle(x - 150, y - 206, x - 104, y - 180, UMBER, radius=10)
    art.rectangle(x - 214, y - 316, x - 46, y - 298, CREAM)
    art.line([(x + 150, y - 296), (x + 270, y - 380), (x + 350, y - 370)], 22, BRICK)
    art.polygon([(x - 210, y - 130), (x - 330, y - 20), (x - 290, y + 10), (x - 160, y - 70)], mix(BRICK, WINE, 0.6))
    for px, radius in ((x - 60, 82), (x + 220, 52)):
        art.ellipse(px, y - radius + 10, radius, radius, INK)
        art.ellipse(px, y - radius + 10, radius * 0.5, radius * 0.5, AMBER)
    art.ellipse(x - 350, y - 30, 76, 76, mix(BRICK, WINE, 0.4))
    art.ellipse(x - 350, y - 30, 58, 58, OCHRE)
    for tip in arc(x - 350, y - 30, 74, 74, 0, 315, 7):
        art.line([(x - 350, y - 30), tip], 6, WINE)
    art.rectangle(x - 440, y + 20, x - 250, y + 42, INK)


SCENES = {
    "steel-mill": steel_mill,
    "mill-gate": mill_gate,
    "train-velrail": train_velrail,
    "gas-flare": gas_flare,
    "wheat-fields": wheat_fields,
}
