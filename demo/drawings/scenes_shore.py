"""Linnhaven and Olvent: ferry, harbour, fish market, lighthouse; and the marshes of the Lomen."""

from .buildings import brickwork, lamp_post, skyline, windows
from .canvas import Canvas
from .figures import Look, person
from .geometry import arc, lerp, spline
from .nature import glints, gull, ridge, stars, streaks
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
    Colour,
    mix,
)  # fmt: skip


def ferry_linnhaven(art: Canvas) -> None:
    """Draw the white ferry leaving Linnhaven at dawn."""
    art.ramp([(0, DUSK), (0.25, STEEL), (0.45, ROSE), (0.56, AMBER), (1, TEAL)])
    art.glow(1180, 560, 620, 460, LIGHT, 0.9)
    art.ellipse(1180, 540, 62, 62, CREAM)
    streaks(art, 80, 500, 16, CORAL, 0.35)
    ridge(art, 575, 24, mix(STEEL, ROSE, 0.35), step=150)
    skyline(art, 618, 16, 60, mix(DUSK, STEEL, 0.4), lit=0.1, step=34)
    art.ramp([(0, mix(AMBER, ROSE, 0.5)), (0.25, TEAL), (1, DEEP)], (0, 616, 1620, 1080))
    _ferry(art, 640, 720)
    art.reflect(730, 240, DEEP, 0.6, 5)
    glints(art, 622, 1060, 150, LIGHT, x=1190, spread=60, alpha=0.8)
    glints(art, 640, 1070, 130, DEEP, alpha=0.35)
    glints(art, 740, 800, 60, CREAM, x=250, spread=170, alpha=0.7)
    mole = [(1620, 800), (1400, 812), (1250, 850), (1300, 900), (1620, 940)]
    art.polygon(mole, INK)
    art.rectangle(1300, 650, 1346, 846, BRICK)
    art.rectangle(1300, 710, 1346, 760, CREAM)
    art.rectangle(1290, 640, 1356, 654, INK)
    art.rectangle(1304, 604, 1342, 642, LIGHT)
    art.glow(1323, 622, 130, 130, LIGHT, 0.8)
    art.polygon([(1296, 606), (1323, 576), (1350, 606)], INK)
    for x, y, span in ((300, 240, 120), (430, 320, 80), (1010, 200, 96), (1420, 330, 140), (200, 420, 60)):
        gull(art, x, y, span, CREAM if y < 300 else mix(CREAM, STEEL, 0.3), art.random.uniform(-0.3, 0.3))


def _ferry(art: Canvas, x: float, y: float) -> None:
    hull = [(x - 400, y - 96), (x + 450, y - 110), (x + 380, y + 10), (x - 380, y + 10)]
    art.polygon(hull, CREAM)
    art.polygon([(x - 392, y - 30), (x + 405, y - 30), (x + 380, y + 12), (x - 380, y + 12)], PETROL)
    art.polygon([(x - 396, y - 42), (x + 412, y - 42), (x + 405, y - 30), (x - 393, y - 30)], BRICK)
    for level, (left, right) in enumerate(((-380, 360), (-350, 300), (-260, 230))):
        top = y - 160 - level * 54
        art.rectangle(x + left, top, x + right, top + 66, CREAM)
        art.rectangle(x + left - 10, top - 6, x + right + 14, top + 2, mix(CREAM, STEEL, 0.35))
        windows(
            art,
            (x + left + 16, top + 10, x + right - 16, top + 46),
            22 - level * 4,
            1,
            DUSK,
            lit=0.55,
            fill=(0.56, 0.6),
        )
    art.polygon([(x + 110, y - 330), (x + 210, y - 330), (x + 236, y - 268), (x + 90, y - 268)], CREAM)
    art.rectangle(x + 112, y - 318, x + 216, y - 290, NIGHT)
    art.polygon([(x - 180, y - 370), (x - 80, y - 370), (x - 60, y - 268), (x - 190, y - 268)], PETROL)
    art.polygon([(x - 182, y - 346), (x - 78, y - 346), (x - 74, y - 320), (x - 185, y - 320)], OCHRE)
    art.shade(hull, DUSK, 0.5, 0, across=True)
    art.line([(x + 160, y - 330), (x + 160, y - 410)], 4, INK)
    art.line([(x + 160, y - 400), (x + 440, y - 110)], 1.5, INK, 0.7)
    for px in range(-330, -60, 120):
        art.rectangle(x + px, y - 288, x + px + 74, y - 270, BRICK, radius=8)
    art.soft(
        spline(
            [
                (x - 130, y - 380),
                (x - 210, y - 450),
                (x - 420, y - 470),
                (x - 600, y - 520),
                (x - 380, y - 420),
                (x - 190, y - 390),
            ],
            closed=True,
        ),
        MIST,
        0.55,
        22,
    )
    art.polygon([(x + 378, y + 10), (x + 440, y + 14), (x + 350, y - 14)], CREAM)


def harbour_cranes(art: Canvas) -> None:
    """Draw the gantry cranes and stacked containers of Olvent."""
    art.ramp([(0, PETROL), (0.3, TEAL), (0.55, PAPER), (0.68, AMBER), (1, DEEP)])
    art.glow(480, 690, 700, 460, LIGHT, 0.9)
    art.ellipse(480, 610, 78, 78, CREAM)
    streaks(art, 60, 480, 12, CREAM, 0.35)
    ridge(art, 720, 10, mix(TEAL, PAPER, 0.45))
    for x, size in ((260, 0.55), (470, 0.55), (700, 0.62)):
        _crane(art, x, 760, size, mix(PETROL, PAPER, 0.35))
    art.ramp([(0, AMBER), (0.2, TEAL), (1, DEEP)], (0, 740, 1620, 1080))
    _ship(art)
    glints(art, 748, 1000, 130, LIGHT, x=480, spread=90, alpha=0.7)
    _crane(art, 1010, 940, 1.25, mix(BRICK, WINE, 0.3))
    _crane(art, 1430, 960, 1.35, INK)
    art.polygon([(560, 940), (1620, 930), (1620, 1080), (380, 1080)], mix(INK, DEEP, 0.5))
    tones = (BRICK, OCHRE, PETROL, TEAL, PAPER, WINE, DUSK, CORAL)
    for row in range(3):
        for column in range(6 - row):
            _container(art, 620 + column * 164 + row * 40, 1010 - row * 74, tones[(column * 3 + row * 5) % 8])
    person(art, 520, 1050, 150, Look(coat=OCHRE, hat="helmet", hair=CREAM))
    for x, y, span in ((160, 250, 90), (290, 330, 60), (700, 200, 70)):
        gull(art, x, y, span, INK)


def _crane(art: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    def spot(dx: float, dy: float) -> tuple[float, float]:
        return (x + dx * size, y + dy * size)

    for dx in (-90, 90):
        art.line([spot(dx * 1.2, 0), spot(dx, -420)], 15 * size, colour)
    art.line([spot(-100, -190), spot(100, -190)], 12 * size, colour)
    art.line([spot(-96, -190), spot(92, -400)], 7 * size, colour)
    art.line([spot(-330, -420), spot(250, -420)], 20 * size, colour)
    art.line([spot(-330, -396), spot(250, -396)], 5 * size, colour)
    for dx in range(-320, 250, 40):
        art.line([spot(dx, -420), spot(dx + 20, -396), spot(dx + 40, -420)], 3 * size, colour)
    art.line([spot(-60, -420), spot(0, -590), spot(90, -420)], 11 * size, colour)
    art.line([spot(-320, -424), spot(0, -586), spot(240, -424)], 3.5 * size, colour)
    art.polygon([spot(150, -470), spot(236, -470), spot(236, -416), spot(150, -416)], colour)
    art.polygon([spot(-214, -396), spot(-160, -396), spot(-166, -352), spot(-208, -352)], colour)
    for dx in (-204, -172):
        art.line([spot(dx, -352), spot(dx, -240)], 2 * size, colour)
    art.polygon([spot(-236, -240), spot(-140, -240), spot(-140, -196), spot(-236, -196)], mix(OCHRE, colour, 0.25))


def _ship(art: Canvas) -> None:
    tones = (BRICK, CREAM, PETROL, OCHRE, DUSK, CORAL, WINE)
    for row in range(4):
        for column in range(9 - row):
            x, y = 40 + column * 72, 780 - row * 38
            art.rectangle(x, y, x + 70, y + 36, mix(tones[(column * 2 + row * 3) % 7], DUSK, 0.3))
    art.rectangle(690, 640, 790, 830, PAPER)
    windows(art, (694, 650, 786, 740), 5, 3, NIGHT, lit=0.3)
    art.rectangle(710, 600, 750, 644, BRICK)
    art.polygon([(-40, 814), (860, 806), (830, 900), (-40, 910)], INK)
    art.polygon([(-40, 872), (840, 866), (830, 900), (-40, 910)], mix(BRICK, WINE, 0.5))


def _container(art: Canvas, x: float, y: float, colour: Colour) -> None:
    art.rectangle(x, y - 70, x + 158, y, colour)
    for rib in range(13):
        art.rectangle(x + 6 + rib * 12, y - 62, x + 10 + rib * 12, y - 8, INK, 0.28)
    art.veil(x, y - 70, x + 158, y, INK, 0.0, 0.55)
    art.rectangle(x, y - 70, x + 158, y - 66, CREAM, 0.35)


def fish_market(art: Canvas) -> None:
    """Draw stalls and crates of fish on the quay of Linnhaven, with gulls about."""
    art.ramp([(0, TEAL), (0.3, MIST), (0.55, CREAM), (1, STEEL)])
    streaks(art, 40, 240, 8, CREAM, 0.5)
    for index, (x, top) in enumerate(
        (
            (0, 190),
            (170, 240),
            (320, 170),
            (470, 230),
            (600, 200),
            (760, 250),
            (900, 180),
            (1070, 230),
            (1230, 190),
            (1390, 240),
            (1520, 200),
        )
    ):
        tone = mix((BRICK, OCHRE, CREAM, PETROL, CORAL)[index % 5], MIST, 0.35)
        art.rectangle(x, top + 70, x + 170, 560, tone)
        art.polygon([(x, top + 71), (x + 85, top - 20), (x + 170, top + 71)], mix(tone, UMBER, 0.25))
        windows(art, (x + 14, top + 84, x + 156, 540), 3, 4, mix(STEEL, tone, 0.3), fill=(0.42, 0.55))
    art.mist(520, 150, CREAM, 0.5)
    for x in (90, 700, 1130, 1540):
        art.line([(x, 90), (x, 620)], 6, UMBER)
        art.line([(x, 120), (x - 110, 560)], 2, UMBER)
        art.line([(x, 120), (x + 120, 560)], 2, UMBER)
    art.ramp([(0, HAZE), (1, mix(STEEL, DUSK, 0.5))], (0, 600, 1620, 1080))
    for x, coat, hat in ((150, WINE, "scarf"), (640, PETROL, "wool"), (1010, UMBER, ""), (1480, NIGHT, "wool")):
        person(art, x, 770, 280, Look(coat=coat, hat=hat, hair=OCHRE, from_back=False))
    _stall(art, 60, 560, BRICK)
    _stall(art, 820, 560, PETROL)
    person(art, 700, 930, 380, Look(coat=NIGHT, hat="wool", hair=BRICK, rim=CREAM), bag=OCHRE)
    for index in range(6):
        _crate(art, 30 + index * 190 + (index > 2) * 420, 960 + (index % 2) * 36)
    for x, y, span, tilt in (
        (420, 210, 170, 0.2),
        (720, 130, 110, -0.2),
        (1240, 130, 200, 0.1),
        (1010, 260, 90, 0.3),
        (170, 120, 90, -0.1),
    ):
        gull(art, x, y, span, CREAM, tilt)
    _standing_gull(art, 560, 985)


def _stall(art: Canvas, x: float, y: float, colour: Colour) -> None:
    for post in (20, 690):
        art.rectangle(x + post, y - 160, x + post + 12, y + 350, UMBER)
    art.rectangle(x, y + 170, x + 720, y + 200, CREAM)
    art.rectangle(x + 10, y + 200, x + 710, y + 350, mix(BROWN, UMBER, 0.3))
    art.veil(x + 10, y + 200, x + 710, y + 350, INK, 0.5, 0.1)
    for index in range(15):
        px = x + 40 + index * 46
        _fish(art, px, y + 158 - (index % 2) * 12, 54, (STEEL, HAZE, CORAL)[index % 3])
    art.polygon([(x + 30, y - 190), (x + 690, y - 190), (x + 750, y - 70), (x - 30, y - 70)], colour)
    for stripe in range(0, 10, 2):
        a, b = stripe / 10, (stripe + 1) / 10
        art.polygon(
            [
                (x + lerp(30, 690, a), y - 190),
                (x + lerp(30, 690, b), y - 190),
                (x + lerp(-30, 750, b), y - 70),
                (x + lerp(-30, 750, a), y - 70),
            ],
            CREAM,
        )
    for scallop in range(10):
        art.polygon(arc(x - 30 + 78 * scallop + 39, y - 71, 39, 30, 0, 180), CREAM if scallop % 2 == 0 else colour)
    art.shade([(x + 30, y - 190), (x + 690, y - 190), (x + 750, y - 70), (x - 30, y - 70)], INK, 0, 0.35)


def _fish(art: Canvas, x: float, y: float, length: float, colour: Colour) -> None:
    body = spline(
        [(x - length / 2, y), (x, y - length * 0.19), (x + length * 0.42, y - 2), (x, y + length * 0.17)], closed=True
    )
    art.polygon(body, colour)
    art.polygon(
        [(x + length * 0.34, y), (x + length * 0.6, y - length * 0.16), (x + length * 0.54, y + length * 0.16)], colour
    )
    art.shade(body, CREAM, 0, 0.8)
    art.ellipse(x - length * 0.34, y - length * 0.03, length * 0.035, length * 0.035, INK)


def _crate(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 6, y + 60), (x + 190, y + 60), (x + 220, y + 96), (x + 20, y + 96)], INK, 0.6, 8)
    art.rectangle(x, y - 26, x + 176, y + 20, MIST)
    for index in range(8):
        _fish(art, x + 30 + (index % 4) * 40, y - 18 + (index // 4) * 16, 66, (STEEL, HAZE, TEAL)[index % 3])
    art.rectangle(x - 4, y + 6, x + 180, y + 80, mix(OCHRE, BROWN, 0.35))
    for slat in (28, 53):
        art.rectangle(x - 4, y + slat, x + 180, y + slat + 4, UMBER)
    art.veil(x - 4, y + 6, x + 180, y + 80, INK, 0, 0.4)


def _standing_gull(art: Canvas, x: float, y: float) -> None:
    art.line([(x - 4, y), (x - 4, y + 40)], 4, OCHRE)
    art.line([(x + 10, y), (x + 10, y + 40)], 4, OCHRE)
    art.blob([(x - 70, y + 2), (x - 30, y - 30), (x + 20, y - 44), (x + 46, y - 20), (x + 10, y + 10)], CREAM)
    art.blob([(x - 84, y + 2), (x - 30, y - 26), (x + 14, y - 20), (x - 20, y + 2)], STEEL)
    art.ellipse(x + 42, y - 52, 20, 18, CREAM)
    art.polygon([(x + 60, y - 56), (x + 84, y - 48), (x + 60, y - 46)], OCHRE)
    art.ellipse(x + 48, y - 56, 3, 3, INK)


def rope_factory(art: Canvas) -> None:
    """Draw the old brick rope factory with the newsroom lit on its upper floors."""
    art.ramp([(0, NIGHT), (0.35, DUSK), (0.6, CORAL), (0.7, AMBER), (1, DEEP)])
    stars(art, 380, 60)
    streaks(art, 330, 700, 8, BRICK, 0.4)
    wall = mix(BRICK, WINE, 0.4)
    art.rectangle(770, 110, 860, 520, wall)
    art.rectangle(758, 100, 872, 126, BRICK)
    art.veil(770, 126, 860, 520, INK, 0, 0.45, across=True)
    for y in range(170, 440, 60):
        art.rectangle(766, y, 864, y + 8, mix(BRICK, CORAL, 0.3))
    art.polygon(
        [(150, 470), (330, 380), (330, 470), (510, 380), (510, 470), (690, 380), (690, 470), (870, 380), (870, 470)],
        mix(WINE, INK, 0.45),
    )
    art.rectangle(150, 460, 940, 1070, wall)
    brickwork(art, (150, 470, 940, 1070), 12, CORAL, 0.1)
    brickwork(art, (150, 470, 940, 1070), 12, UMBER, 0.1)
    art.veil(150, 460, 940, 1070, INK, 0, 0.5, across=True)
    art.rectangle(136, 448, 954, 472, mix(BRICK, CORAL, 0.4))
    for row in range(3):
        for column in range(5):
            _tall_window(art, 184 + column * 150, 512 + row * 186, lit=(row < 2) and (column + row) % 4 != 3)
    art.rectangle(0, 1066, 1080, 1130, mix(STEEL, NIGHT, 0.5))
    art.rectangle(0, 1066, 1080, 1076, HAZE)
    art.veil(0, 1076, 1080, 1130, INK, 0.2, 0.8)
    lamp_post(art, 70, 1068, 330)
    person(art, 300, 1070, 150, Look(coat=INK, rim=AMBER), stride=0.05, bag=OCHRE)
    _bicycle(art, 470, 1036)
    art.ramp([(0, DEEP), (1, INK)], (0, 1130, 1080, 1350))
    art.reflect(1130, 220, DEEP, 0.5, 4)
    glints(art, 1140, 1340, 110, AMBER, x=480, spread=230, alpha=0.5)


def _tall_window(art: Canvas, x: float, y: float, *, lit: bool) -> None:
    pane = [(x, y + 140), *arc(x + 46, y + 30, 46, 30, 180, 360), (x + 92, y + 140)]
    art.polygon([(x - 7, y + 146), *arc(x + 46, y + 30, 54, 38, 180, 360), (x + 99, y + 146)], mix(CORAL, BRICK, 0.5))
    art.polygon(pane, AMBER if lit else mix(NIGHT, DUSK, 0.4))
    if lit:
        art.shade(pane, LIGHT, 0.9, 0)
        art.rectangle(x + 14, y + 112, x + 80, y + 140, UMBER)
        if art.random.random() < 0.7:
            art.ellipse(x + 40, y + 80, 11, 13, UMBER)
            art.rectangle(x + 22, y + 94, x + 58, y + 140, UMBER, radius=12)
        art.rectangle(x + 58, y + 92, x + 84, y + 114, PETROL)
    else:
        art.shade(pane, CORAL, 0.5, 0)
    for dx in (30, 60):
        art.rectangle(x + dx, y, x + dx + 3, y + 140, INK)
    for dy in (36, 74, 108):
        art.rectangle(x, y + dy, x + 92, y + dy + 3, INK)
    art.rectangle(x - 10, y + 140, x + 102, y + 150, PAPER, 0.7)


def _bicycle(art: Canvas, x: float, y: float) -> None:
    for dx in (0, 88):
        art.ring(x + dx, y, 32, 32, 4, INK)
    art.line([(x, y), (x + 28, y - 44), (x + 74, y - 44), (x + 40, y), (x, y)], 4, INK)
    art.line([(x + 88, y), (x + 70, y - 62), (x + 90, y - 66)], 4, INK)
    art.line([(x + 40, y), (x + 24, y - 56)], 4, INK)
    art.line([(x + 12, y - 58), (x + 38, y - 58)], 6, BRICK)


def marsh_lomen(art: Canvas) -> None:
    """Draw birch trunks standing in the misty water of the Lomen."""
    art.ramp([(0, MIST), (0.35, CREAM), (0.5, mix(AMBER, CREAM, 0.5)), (0.56, MIST), (1, PETROL)])
    art.glow(1100, 400, 520, 420, LIGHT, 0.9)
    art.ellipse(1100, 380, 56, 56, CREAM)
    for depth in range(3):
        tone = mix(MIST, mix(TEAL, DEEP, 0.3), 0.25 + depth * 0.3)
        for _ in range(26 - depth * 6):
            x = art.random.uniform(-20, 1640)
            width = art.random.uniform(6, 12) * (1 + depth * 0.6)
            art.polygon(
                [
                    (x - width / 2, 560 + depth * 26),
                    (x - width * 0.3, 0),
                    (x + width * 0.3, 0),
                    (x + width / 2, 560 + depth * 26),
                ],
                tone,
            )
        art.ellipse(art.random.uniform(200, 1400), 566 + depth * 26, 500, 22, mix(tone, MOSS, 0.4))
        art.mist(560 + depth * 20, 150, CREAM, 0.5)
    art.reflect(620, 460, TEAL, 0.35, 6)
    art.veil(0, 620, 1620, 1080, DEEP, 0, 0.8)
    glints(art, 640, 1060, 90, CREAM, x=1100, spread=140, alpha=0.6)
    art.mist(640, 110, CREAM, 0.6)
    for x, base, width in ((180, 900, 62), (420, 800, 40), (1290, 840, 48), (1500, 980, 78), (640, 740, 28)):
        _birch(art, x, base, width)
    _heron(art, 880, 830)
    for _ in range(150):
        x, base = (
            art.random.choice((art.random.uniform(0, 700), art.random.uniform(1150, 1620))),
            art.random.uniform(980, 1090),
        )
        tip = (x + art.random.uniform(-30, 40), base - art.random.uniform(70, 240))
        art.polygon(
            [(x - 4, base), tip, (x + 4, base)],
            art.random.choice((DEEP, mix(DEEP, MOSS, 0.6), mix(OCHRE, BROWN, 0.5), INK)),
        )


def _birch(art: Canvas, x: float, base: float, width: float) -> None:
    lean = art.random.uniform(-30, 30)
    trunk = [
        (x - width * 0.6, base),
        (x + lean - width * 0.38, -10),
        (x + lean + width * 0.38, -10),
        (x + width * 0.6, base),
    ]
    art.polygon(trunk, CREAM)
    art.shade(trunk, DUSK, 0, 0.8, across=True)
    for _ in range(20):
        share = art.random.random()
        y, middle = base * share, x + lean * (1 - share)
        half = width * (0.38 + 0.2 * share)
        left = middle + art.random.uniform(-1, 0.2) * half
        right = min(left + art.random.uniform(0.3, 1) * half, middle + half)
        art.polygon(
            [(left, y), ((left + right) / 2, y - width * 0.09), (right, y + 3), ((left + right) / 2, y + width * 0.08)],
            INK,
        )
    for _ in range(3):
        y = art.random.uniform(40, base * 0.55)
        side = art.random.choice((-1, 1))
        art.line(
            [(x + lean * (1 - y / base), y), (x + side * width * 2.2, y - 60), (x + side * width * 3.6, y - 160)],
            width * 0.1,
            UMBER,
        )
    art.veil(x - width * 0.6, base, x + width * 0.6, base + 150, CREAM, 0.55, 0)


def _heron(art: Canvas, x: float, y: float) -> None:
    art.line([(x - 6, y - 90), (x - 10, y)], 4, INK)
    art.line([(x + 12, y - 90), (x + 22, y - 50), (x + 8, y)], 4, INK)
    art.blob([(x - 84, y - 80), (x - 40, y - 130), (x + 20, y - 140), (x + 34, y - 110), (x - 6, y - 84)], DUSK)
    art.stroke([(x + 20, y - 124), (x + 50, y - 168), (x + 24, y - 208), (x + 44, y - 240)], 11, DUSK)
    art.ellipse(x + 48, y - 242, 17, 11, DUSK)
    art.polygon([(x + 60, y - 247), (x + 112, y - 238), (x + 60, y - 236)], OCHRE)
    art.line([(x + 44, y - 250), (x + 8, y - 262)], 4, INK)


def kettil_lighthouse(art: Canvas) -> None:
    """Draw the lighthouse on the cliff of Kettil, its beam over the Grey Sound."""
    art.ramp([(0, INK), (0.4, NIGHT), (0.62, PETROL), (0.7, TEAL), (1, DEEP)])
    stars(art, 420, 130)
    art.ellipse(300, 190, 52, 52, CREAM)
    art.glow(300, 190, 320, 320, MIST, 0.5)
    streaks(art, 260, 600, 9, DUSK, 0.5)
    art.ramp([(0, TEAL), (0.3, PETROL), (1, INK)], (0, 700, 1620, 1080))
    art.polygon([(-10, 702), (120, 672), (320, 690), (420, 702)], mix(DUSK, PETROL, 0.5))
    glints(art, 706, 1060, 160, MIST, x=310, spread=80, alpha=0.6)
    glints(art, 710, 1060, 120, INK, alpha=0.4)
    art.shade([(1090, 226), (-20, 60), (-20, 420), (1090, 250)], LIGHT, 0.1, 0.75, across=True)
    art.shade([(1120, 226), (1640, 150), (1640, 340), (1120, 250)], LIGHT, 0.75, 0.1, across=True)
    cliff = spline(
        [(700, 1090), (740, 980), (820, 930), (830, 800), (900, 740), (930, 640), (1040, 600), (1250, 606), (1400, 580),
         (1640, 610)], closed=False,
    )  # fmt: skip
    art.polygon([*cliff, (1640, 1090)], mix(UMBER, INK, 0.3))
    art.shade([*cliff, (1640, 1090)], INK, 0.1, 0.9, across=True)
    for index in range(13):
        y = 680 + index * 32
        left = 850 + abs(index - 5) * 12 - index * 14
        art.polygon(
            [(left, y), (left + art.random.uniform(140, 420), y + 8), (left + 90, y + 15)], mix(OCHRE, BROWN, 0.5), 0.4
        )
        art.polygon(
            [(left + 330, y + 12), (left + art.random.uniform(520, 700), y + 20), (left + 420, y + 26)], BROWN, 0.35
        )
    art.polygon([*[(x, y) for x, y in cliff if y < 650], (1640, 640), (930, 660)], MOSS)
    for _ in range(26):
        x = 640 + art.random.gauss(70, 110)
        art.ellipse(
            x, 1040 + art.random.uniform(-30, 30), art.random.uniform(14, 46), art.random.uniform(5, 14), CREAM, 0.6
        )
    _lighthouse(art, 1105, 610)
    art.rectangle(1230, 520, 1420, 606, CREAM)
    art.polygon([(1214, 524), (1260, 462), (1390, 462), (1436, 524)], BRICK)
    windows(art, (1244, 530, 1410, 600), 4, 1, AMBER, lit=1, fill=(0.4, 0.5))
    art.veil(1230, 520, 1420, 606, INK, 0.1, 0.6, across=True)
    for x, y, span in ((640, 480, 90), (740, 560, 60), (520, 560, 50)):
        gull(art, x, y, span, CREAM)


def _lighthouse(art: Canvas, x: float, y: float) -> None:
    tower = [(x - 66, y), (x - 42, y - 330), (x + 42, y - 330), (x + 66, y)]
    art.polygon(tower, CREAM)
    for low, high in ((0.12, 0.34), (0.56, 0.78)):
        art.polygon(
            [
                (x - lerp(66, 42, low), y - 330 * low),
                (x - lerp(66, 42, high), y - 330 * high),
                (x + lerp(66, 42, high), y - 330 * high),
                (x + lerp(66, 42, low), y - 330 * low),
            ],
            BRICK,
        )
    art.shade(tower, INK, 0, 0.75, across=True)
    for dy in (70, 170, 270):
        art.rectangle(x - 9, y - dy - 26, x + 9, y - dy, INK)
    art.rectangle(x - 62, y - 346, x + 62, y - 328, INK)
    art.glow(x, y - 376, 240, 240, LIGHT, 0.95)
    art.rectangle(x - 32, y - 410, x + 32, y - 346, LIGHT)
    for dx in (-32, -2, 28):
        art.rectangle(x + dx, y - 410, x + dx + 4, y - 346, INK)
    art.polygon([(x - 42, y - 408), (x, y - 456), (x + 42, y - 408)], BRICK)
    art.line([(x, y - 450), (x, y - 490)], 4, INK)


SCENES = {
    "ferry-linnhaven": ferry_linnhaven,
    "harbour-cranes": harbour_cranes,
    "fish-market": fish_market,
    "rope-factory": rope_factory,
    "marsh-lomen": marsh_lomen,
    "kettil-lighthouse": kettil_lighthouse,
}
