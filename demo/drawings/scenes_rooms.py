"""Rooms of every day: the class, the ward, the kitchen window."""

from math import sin

from .canvas import Canvas
from .figures import Look, bust, hand, person
from .geometry import Point, arc, lerp, spline
from .nature import bare_tree
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
    SKIN,
    SNOW,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    mix,
)  # fmt: skip


def school_class(art: Canvas) -> None:
    """Draw a class from behind, a teacher at the blackboard."""
    art.ramp([(0, mix(PAPER, OCHRE, 0.3)), (0.6, PAPER), (1, BROWN)])
    art.rectangle(0, 610, 1620, 640, mix(PETROL, MIST, 0.2))
    art.rectangle(0, 640, 1620, 1080, mix(BROWN, OCHRE, 0.3))
    art.veil(0, 640, 1620, 1080, INK, 0, 0.6)
    art.rectangle(300, 120, 1180, 540, BROWN)
    art.rectangle(320, 140, 1160, 520, mix(DEEP, PETROL, 0.5))
    art.veil(320, 140, 1160, 520, INK, 0, 0.5, across=True)
    art.rectangle(290, 536, 1190, 556, OCHRE)
    _chalk(art)
    for left in (1270, 1450):
        art.rectangle(left - 12, 90, left + 150, 560, CREAM)
        art.ramp([(0, TEAL), (0.6, MIST), (1, CREAM)], (left, 104, left + 138, 546))
        art.ellipse(left + 90, 480, 60, 84, mix(MOSS, MIST, 0.25))
        art.rectangle(left + 66, 104, left + 72, 546, CREAM)
        art.rectangle(left, 310, left + 138, 316, CREAM)
    art.shade([(1270, 110), (1420, 110), (760, 1080), (300, 1080)], LIGHT, 0.5, 0.0)
    art.shade([(1450, 110), (1600, 110), (1380, 1080), (930, 1080)], LIGHT, 0.5, 0.0)
    art.ellipse(150, 210, 72, 72, UMBER)
    art.ellipse(150, 210, 62, 62, CREAM)
    art.line([(150, 210), (150, 168)], 6, INK)
    art.line([(150, 210), (184, 222)], 6, INK)
    art.rectangle(60, 340, 240, 520, mix(TEAL, MIST, 0.5))
    art.blob([(90, 400), (140, 370), (210, 410), (200, 470), (130, 490), (84, 450)], mix(OCHRE, PAPER, 0.3))
    art.line(spline([(130, 380), (150, 430), (140, 486)], closed=False), 4, PETROL)
    person(art, 900, 700, 440, Look(coat=BRICK, hair=UMBER, hat="bun", skirt=True, from_back=False), raised=True)
    _pupils(art)


def _chalk(art: Canvas) -> None:
    art.line(spline([(380, 440), (450, 330), (520, 430), (590, 260), (680, 400)], closed=False), 5, CREAM)
    art.line([(370, 470), (700, 470)], 4, CREAM)
    art.line([(370, 470), (370, 220)], 4, CREAM)
    art.ring(780, 270, 62, 62, 4, CREAM)
    art.line([(780, 270), (824, 226)], 4, OCHRE)
    for row in range(3):
        art.line([(960, 210 + row * 44), (1110 - row * 30, 208 + row * 44)], 5, MIST)


def _pupils(art: Canvas) -> None:
    coats = (PETROL, BRICK, NIGHT, OCHRE, WINE, TEAL, CREAM, DUSK)
    hairs = (UMBER, OCHRE, INK, BROWN, mix(BRICK, BROWN, 0.4), UMBER, AMBER)
    for row, (y, size, count) in enumerate(((800, 130, 6), (920, 178, 5), (1090, 240, 4))):
        for index in range(count):
            x = 810 + (index - (count - 1) / 2) * (1640 / count) * (0.86 + row * 0.06)
            pick = index * 3 + row * 2
            coat = coats[pick % 8]
            if (row, index) == (1, 1):
                art.stroke(
                    [
                        (x + size * 0.36, y - size * 0.3),
                        (x + size * 0.52, y - size * 0.8),
                        (x + size * 0.48, y - size * 1.3),
                    ],
                    size * 0.19,
                    coat,
                )
                art.ellipse(x + size * 0.48, y - size * 1.4, size * 0.1, size * 0.13, SKIN)
            bust(art, x, y, size, Look(coat=coat, hair=hairs[pick % 7], rim=LIGHT))
            if pick % 3 == 0:
                for side in (-1, 1):
                    art.stroke(
                        [
                            (x + side * size * 0.17, y - size * 0.72),
                            (x + side * size * 0.27, y - size * 0.5),
                            (x + side * size * 0.24, y - size * 0.26),
                        ],
                        size * 0.09,
                        hairs[pick % 7],
                    )
                    art.ellipse(x + side * size * 0.24, y - size * 0.3, size * 0.06, size * 0.05, BRICK)
            art.rectangle(x - size * 0.5, y - 4, x + size * 0.5, y + size * 0.44, mix(OCHRE, BROWN, 0.5), radius=10)
            art.rectangle(x - size * 0.5, y - 4, x + size * 0.5, y + 6, AMBER, radius=4)
            art.veil(x - size * 0.5, y + 6, x + size * 0.5, y + size * 0.44, INK, 0.0, 0.5)


def hospital_corridor(art: Canvas) -> None:
    """Draw a nurse beside a bed in a long hospital corridor."""
    art.ramp([(0, MIST), (1, TEAL)])
    end = (660, 330, 960, 640)
    art.polygon([(0, -10), (1620, -10), (960, 330), (660, 330)], mix(MIST, CREAM, 0.4))
    art.polygon([(0, 1090), (1620, 1090), (960, 640), (660, 640)], mix(MIST, STEEL, 0.25))
    art.shade([(0, 1090), (1620, 1090), (960, 640), (660, 640)], PETROL, 0, 0.5)
    art.rectangle(*end, CREAM)
    art.glow(810, 480, 420, 420, LIGHT, 0.95)
    art.rectangle(720, 400, 900, 640, MIST)
    art.rectangle(728, 408, 807, 640, CREAM)
    art.rectangle(813, 408, 892, 640, CREAM)
    for x in (742, 828):
        art.rectangle(x, 424, x + 50, 520, TEAL, 0.6)
    for side in (0, 1620):
        wall: list[Point] = [
            (side, -10),
            (660 if side == 0 else 960, 330),
            (660 if side == 0 else 960, 640),
            (side, 1090),
        ]
        art.polygon(wall, mix(MIST, PAPER, 0.5))
        art.polygon(
            [(side, 640), (660 if side == 0 else 960, 512), (660 if side == 0 else 960, 640), (side, 1090)],
            mix(TEAL, MIST, 0.25),
        )
        art.shade(wall, PETROL, 0.4 if side == 0 else 0, 0 if side == 0 else 0.4, across=True)
        for near, far in ((0.1, 0.36), (0.52, 0.66), (0.76, 0.85)):
            _door(art, side, near, far)
    for share in (0.1, 0.45, 0.7, 0.85):
        y, half = 330 * share, lerp(250, 40, share)
        art.polygon(
            [
                (810 - half, y),
                (810 + half, y),
                (810 + half * 0.8, y + 70 * (1 - share)),
                (810 - half * 0.8, y + 70 * (1 - share)),
            ],
            CREAM,
        )
    art.shade([(700, 640), (920, 640), (1160, 1080), (460, 1080)], CREAM, 0.65, 0.0)
    art.soft([(760, 660), (790, 660), (800, 690), (740, 690)], PETROL, 0.6, 4)
    person(art, 775, 668, 170, Look(coat=STEEL, hair=INK, legs=NIGHT))
    _bed(art, 1080, 900)
    art.soft([(470, 990), (560, 990), (500, 1080), (330, 1080)], PETROL, 0.7, 12)
    nurse = Look(coat=CREAM, hair=UMBER, hat="bun", legs=TEAL, from_back=False)
    person(art, 520, 1000, 540, nurse)
    art.rectangle(496, 622, 560, 706, BROWN, radius=4)
    art.rectangle(502, 632, 554, 700, PAPER)
    for row in range(4):
        art.rectangle(508, 642 + row * 14, 546, 646 + row * 14, STEEL)


def _door(art: Canvas, side: int, near: float, far: float) -> None:
    edge = 660 if side == 0 else 960

    def spot(depth: float, level: float) -> Point:
        return (lerp(side, edge, depth), lerp(lerp(-10, 330, depth), lerp(1090, 640, depth), level))

    panel = [spot(near, 0.34), spot(far, 0.34), spot(far, 0.985), spot(near, 0.985)]
    art.polygon(panel, mix(OCHRE, PAPER, 0.3))
    art.shade(panel, BROWN, 0.1, 0.6)
    inset = near + (far - near) * 0.2, far - (far - near) * 0.2
    art.polygon(
        [spot(inset[0], 0.4), spot(inset[1], 0.4), spot(inset[1], 0.56), spot(inset[0], 0.56)], mix(TEAL, CREAM, 0.4)
    )
    x, y = spot(far - (far - near) * 0.1, 0.7)
    art.ellipse(x, y, 8 * (1 - near), 8 * (1 - near), INK)


def _bed(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 240, y + 70), (x + 440, y + 70), (x + 400, y + 130), (x - 220, y + 130)], PETROL, 0.8, 16)
    for dx in (-230, 380):
        art.line([(x + dx, y - 60), (x + dx, y + 70)], 12, STEEL)
        art.ellipse(x + dx, y + 78, 20, 20, INK)
    art.polygon(
        [(x - 250, y - 60), (x - 170, y - 120), (x + 440, y - 120), (x + 400, y - 20), (x - 250, y - 20)], CREAM
    )
    art.shade(
        [(x - 250, y - 60), (x - 170, y - 120), (x + 440, y - 120), (x + 400, y - 20), (x - 250, y - 20)], STEEL, 0, 0.5
    )
    art.blob(
        [
            (x - 60, y - 60),
            (x - 20, y - 190),
            (x + 110, y - 180),
            (x + 280, y - 140),
            (x + 400, y - 120),
            (x + 392, y - 24),
            (x + 100, y - 18),
            (x - 60, y - 20),
        ],
        mix(TEAL, PETROL, 0.3),
    )
    art.shade(
        spline(
            [
                (x - 60, y - 60),
                (x - 20, y - 190),
                (x + 110, y - 180),
                (x + 280, y - 140),
                (x + 400, y - 120),
                (x + 392, y - 24),
                (x + 100, y - 18),
                (x - 60, y - 20),
            ],
            closed=True,
        ),
        INK,
        0,
        0.55,
    )
    art.blob([(x - 230, y - 100), (x - 200, y - 190), (x - 80, y - 186), (x - 70, y - 110)], SNOW)
    art.ellipse(x - 130, y - 170, 44, 40, SKIN)
    art.blob([(x - 180, y - 160), (x - 176, y - 206), (x - 130, y - 222), (x - 96, y - 200), (x - 140, y - 190)], HAZE)
    art.rectangle(x - 266, y - 240, x - 248, y + 60, STEEL)
    art.rectangle(x + 396, y - 190, x + 412, y + 60, STEEL)
    art.line([(x - 250, y - 20), (x + 404, y - 20)], 10, STEEL)
    art.line([(x - 300, y + 80), (x - 300, y - 440)], 7, STEEL)
    art.line([(x - 330, y - 430), (x - 270, y - 430)], 6, STEEL)
    art.rectangle(x - 296, y - 424, x - 252, y - 340, MIST, radius=12)
    art.rectangle(x - 292, y - 384, x - 256, y - 344, ROSE, radius=8)
    art.line(
        spline([(x - 274, y - 340), (x - 262, y - 250), (x - 190, y - 210), (x - 120, y - 120)], closed=False), 3, CREAM
    )


def portrait_woman_window(art: Canvas) -> None:
    """Draw an older woman at a winter window with a glass of tea."""
    art.ramp([(0, mix(PETROL, NIGHT, 0.3)), (1, DEEP)])
    for x in range(20, 1080, 120):
        for y in range(30, 1350, 120):
            art.polygon([(x, y - 24), (x + 16, y), (x, y + 24), (x - 16, y)], TEAL, 0.22)
    art.rectangle(70, 90, 640, 950, CREAM)
    art.ramp([(0, STEEL), (0.5, HAZE), (0.72, ROSE), (1, SNOW)], (98, 118, 612, 922))
    for x, top in ((110, 600), (230, 540), (350, 640), (480, 570)):
        art.rectangle(x, top, x + 108, 840, mix(STEEL, DUSK, 0.35))
        art.polygon([(x - 8, top + 2), (x + 54, top - 54), (x + 116, top + 2)], SNOW)
        for dy in (40, 100, 160):
            for dx in (22, 64):
                art.rectangle(
                    x + dx, top + dy, x + dx + 20, top + dy + 28, AMBER if (x // 10 + dx + dy) % 3 == 0 else DUSK
                )
    art.ramp([(0, SNOW), (1, HAZE)], (98, 820, 612, 922))
    bare_tree(art, 262, 870, 300, UMBER, 6)
    for _ in range(110):
        art.ellipse(art.random.uniform(104, 606), art.random.uniform(124, 916), 3, 3, SNOW, 0.9)
    art.rectangle(346, 118, 366, 922, CREAM)
    art.rectangle(98, 340, 612, 356, CREAM)
    art.rectangle(612, 90, 640, 950, PAPER)
    art.shade([(70, 90), (640, 90), (640, 950), (70, 950)], LIGHT, 0.12, 0.0)
    for fold in range(3):
        art.shade(
            spline(
                [
                    (560 + fold * 40, 40),
                    (640 + fold * 46, 400),
                    (600 + fold * 60, 960),
                    (640 + fold * 62, 960),
                    (700 + fold * 46, 400),
                    (610 + fold * 40, 40),
                ],
                closed=False,
            ),
            ROSE,
            0.85,
            0.5,
        )
    art.rectangle(30, 44, 760, 62, BROWN)
    art.polygon([(20, 940), (720, 940), (760, 990), (0, 990)], CREAM)
    art.polygon([(0, 990), (760, 990), (760, 1010), (0, 1010)], PAPER)
    _geranium(art, 150, 945)
    _woman(art)
    art.polygon([(-20, 1180), (1100, 1150), (1100, 1360), (-20, 1360)], mix(BROWN, UMBER, 0.2))
    art.shade([(-20, 1180), (1100, 1150), (1100, 1360), (-20, 1360)], INK, 0, 0.6)
    art.line([(-20, 1182), (1100, 1152)], 6, OCHRE)
    art.stroke([(900, 1060), (780, 1150), (560, 1140)], 118, WINE)
    _tea_glass(art, 410, 1180)
    hand(art, 560, 1126, 92, SKIN, facing=-1)


def _woman(art: Canvas) -> None:
    body = spline(
        [
            (520, 1360),
            (560, 1120),
            (610, 900),
            (700, 800),
            (790, 770),
            (900, 800),
            (1010, 900),
            (1090, 1100),
            (1110, 1360),
        ],
        closed=False,
    )
    art.polygon(body, mix(WINE, BRICK, 0.3))
    art.shade(body, INK, 0.0, 0.7, across=True)
    art.polygon([(700, 660), (820, 690), (850, 800), (740, 830), (690, 780)], mix(SKIN, BROWN, 0.3))
    shawl = spline(
        [
            (600, 960),
            (650, 830),
            (730, 780),
            (760, 850),
            (840, 770),
            (960, 830),
            (1040, 960),
            (900, 1010),
            (740, 900),
            (660, 1060),
        ],
        closed=True,
    )
    art.polygon(shawl, OCHRE)
    art.shade(shawl, UMBER, 0.05, 0.7, across=True)
    for index in range(6):
        art.polygon(
            [
                (690 + index * 56, 880 + index * 8 + 20 * sin(index)),
                (706 + index * 56, 896 + index * 8),
                (690 + index * 56, 916 + index * 8),
                (676 + index * 56, 896 + index * 8),
            ],
            BRICK,
            0.8,
        )
    profile = spline(
        [(680, 430), (640, 450), (618, 500), (612, 548), (588, 600), (580, 616), (602, 630), (600, 648),
         (608, 660), (602, 676),
         (614, 696), (622, 726), (670, 738), (740, 710), (800, 640), (800, 520), (760, 440)], closed=True,
    )  # fmt: skip
    art.polygon(profile, SKIN)
    art.shade(profile, LIGHT, 0.6, 0.0, across=True)
    art.shade(profile, BROWN, 0.0, 0.45, across=True)
    hair = spline(
        [
            (640, 456),
            (690, 392),
            (780, 390),
            (850, 450),
            (866, 560),
            (830, 660),
            (780, 690),
            (770, 620),
            (740, 560),
            (720, 490),
            (680, 476),
        ],
        closed=True,
    )
    art.polygon(hair, mix(HAZE, SNOW, 0.4))
    art.shade(hair, DUSK, 0.0, 0.7, across=True)
    art.ellipse(880, 540, 66, 72, mix(HAZE, SNOW, 0.25))
    art.shade(arc(880, 540, 66, 72, 0, 360), DUSK, 0.1, 0.8, across=True)
    for bend in (0, 1, 2):
        art.line(
            spline(
                [(680 + bend * 36, 440 - bend * 12), (770 + bend * 20, 450 + bend * 10), (820 + bend * 10, 540)],
                closed=False,
            ),
            3,
            STEEL,
        )
    art.line(spline([(630, 546), (650, 538), (674, 546)], closed=False), 5, UMBER)
    art.line(spline([(622, 512), (650, 498), (682, 508)], closed=False), 6, mix(HAZE, BROWN, 0.3))
    art.line(spline([(602, 656), (622, 652), (640, 660)], closed=False), 5, mix(WINE, BRICK, 0.5))
    art.line(spline([(628, 622), (650, 640), (652, 668)], closed=False), 3, mix(SKIN, BROWN, 0.5))
    for dy in (0, 12):
        art.line([(684, 548 + dy), (708, 540 + dy * 2)], 2.5, mix(SKIN, BROWN, 0.5))
    art.ellipse(660, 612, 30, 22, CORAL, 0.35)
    art.ellipse(768, 640, 9, 9, AMBER)
    art.blob([(752, 566), (786, 560), (792, 600), (770, 628), (754, 600)], mix(SKIN, BROWN, 0.2))


def _tea_glass(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 70, y + 8), (x + 90, y + 8), (x + 190, y + 50), (x + 20, y + 56)], INK, 0.8, 10)
    art.ellipse(x, y + 14, 110, 26, PAPER)
    art.rectangle(x - 56, y - 168, x + 56, y + 8, MIST, 0.75, radius=10)
    art.rectangle(x - 52, y - 138, x + 52, y + 4, mix(BRICK, OCHRE, 0.45), radius=8)
    art.veil(x - 52, y - 138, x + 52, y + 4, AMBER, 0.7, 0)
    art.ellipse(x, y - 138, 52, 11, AMBER)
    art.rectangle(x - 62, y - 84, x + 62, y + 14, mix(STEEL, NIGHT, 0.2), radius=8)
    art.veil(x - 62, y - 84, x + 62, y + 14, INK, 0.0, 0.7, across=True)
    for dx in (-36, 0, 36):
        art.ring(x + dx, y - 36, 16, 24, 4, HAZE)
    art.ring(x - 76, y - 46, 32, 36, 10, mix(STEEL, NIGHT, 0.2), start=60, end=300)
    art.line([(x + 20, y - 130), (x + 52, y - 236)], 6, HAZE)
    for dx, rise in ((-20, 0), (16, 26)):
        steam = spline(
            [
                (x + dx, y - 190),
                (x + dx + 18, y - 250),
                (x + dx - 12, y - 310 - rise),
                (x + dx + 14, y - 370 - rise),
                (x + dx + 2, y - 310 - rise),
                (x + dx + 30, y - 250),
            ],
            closed=True,
        )
        art.soft(steam, CREAM, 0.8, 6)


def _geranium(art: Canvas, x: float, y: float) -> None:
    for dx, dy in ((-60, 150), (0, 210), (56, 160), (-24, 120), (30, 120)):
        art.line([(x, y - 80), (x + dx, y - dy)], 5, MOSS)
        art.ellipse(x + dx * 1.1, y - dy + 40, 36, 28, mix(MOSS, PETROL, 0.4))
    for dx, dy in ((-66, 170), (4, 236), (62, 180)):
        for px, py in ((0, 0), (20, 6), (-20, 6), (10, -16), (-10, -16)):
            art.ellipse(x + dx + px, y - dy + py, 16, 15, BRICK if px else CORAL)
    art.polygon([(x - 62, y - 90), (x + 62, y - 90), (x + 46, y + 10), (x - 46, y + 10)], mix(BRICK, BROWN, 0.4))
    art.rectangle(x - 70, y - 100, x + 70, y - 76, mix(BRICK, CORAL, 0.3))


SCENES = {
    "school-class": school_class,
    "hospital-corridor": hospital_corridor,
    "portrait-woman-window": portrait_woman_window,
}
