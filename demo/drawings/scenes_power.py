"""The Assembly, the president, the ministry and the vote."""

from math import cos, pi, sin

from .buildings import columns, lamp_post, pediment, steps, windows
from .canvas import Canvas
from .figures import Look, bust, hand, person, umbrella
from .geometry import Point, arc, spline
from .nature import rain, streaks
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
    ROSE,
    SKIN,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    Colour,
    mix,
)  # fmt: skip


def assembly_night(art: Canvas) -> None:
    """Draw the Assembly at night, its windows mirrored in the wet square."""
    art.ramp([(0, INK), (0.45, NIGHT), (0.7, PETROL), (1, DEEP)])
    streaks(art, 60, 420, 12, DUSK, 0.3)
    art.glow(810, 700, 1000, 420, OCHRE, 0.5)
    stone, shadow = mix(STEEL, NIGHT, 0.45), INK
    _dome(art, 810, 330, 150, stone, shadow)
    art.rectangle(240, 430, 1380, 730, stone)
    art.veil(240, 430, 1380, 730, AMBER, 0, 0.22)
    art.rectangle(224, 418, 1396, 440, mix(stone, PAPER, 0.25))
    for left in (262, 1050):
        windows(art, (left, 455, left + 308, 725), 6, 3, INK, lit=0.74, fill=(0.46, 0.62))
    art.rectangle(570, 400, 1050, 730, mix(INK, OCHRE, 0.35))
    windows(art, (590, 440, 1030, 720), 6, 2, mix(AMBER, LIGHT, 0.5), lit=1, fill=(0.7, 0.8))
    columns(art, 560, 1060, 425, 715, 6, mix(PAPER, STEEL, 0.35), NIGHT)
    pediment(art, 545, 1075, 430, 95, mix(PAPER, STEEL, 0.45), NIGHT)
    steps(art, 540, 1080, 712, 748, 4, mix(PAPER, STEEL, 0.5), NIGHT, spread=40)
    art.reflect(748, 332, DEEP, 0.42, 5)
    art.veil(0, 748, 1620, 1080, INK, 0.1, 0.75)
    for x, height in ((120, 330), (1500, 330), (330, 220), (1290, 220)):
        y = 640 + height * 0.9
        lamp_post(art, x, y, height)
        art.soft([(x - 9, y), (x + 9, y), (x + 26, y + 150), (x - 26, y + 150)], AMBER, 0.5, 12)
    _walker(art, 1010, 940, 210, BRICK)
    _walker(art, 560, 880, 150, mix(NIGHT, STEEL, 0.4))
    rain(art, 420, HAZE)


def _walker(art: Canvas, x: float, y: float, height: float, colour: Colour) -> None:
    art.soft([(x - 20, y), (x + 20, y), (x + 34, y + height * 0.6), (x - 30, y + height * 0.6)], INK, 0.8, 8)
    person(art, x, y, height, Look(coat=INK, rim=AMBER), stride=0.05)
    umbrella(art, x, y - height * 0.92, height * 0.86, colour, 0.12)


def _dome(art: Canvas, x: float, y: float, radius: float, stone: Colour, shadow: Colour) -> None:
    art.rectangle(x - radius * 1.25, y, x + radius * 1.25, y + 110, stone)
    windows(art, (x - radius * 1.2, y + 14, x + radius * 1.2, y + 76), 9, 1, AMBER, lit=0.6, fill=(0.4, 0.8))
    shell = arc(x, y + 4, radius, radius * 0.98, 180, 360)
    art.polygon(shell, mix(PETROL, STEEL, 0.3))
    art.shade(shell, shadow, 0.05, 0.9, across=True)
    for rib in (-0.6, -0.2, 0.2, 0.6):
        art.line(
            [(x + radius * rib, y), (x + radius * rib * 0.8, y - radius * 0.6), (x, y - radius * 0.97)], 1.5, shadow
        )
    art.rectangle(x - 22, y - radius - 44, x + 22, y - radius + 8, stone)
    art.rectangle(x - 10, y - radius - 36, x + 10, y - radius, AMBER)
    art.polygon([(x - 28, y - radius - 42), (x, y - radius - 78), (x + 28, y - radius - 42)], shadow)
    art.rectangle(x - 2, y - radius - 150, x + 2, y - radius - 70, shadow)
    art.blob(
        [(x, y - radius - 148), (x + 32, y - radius - 154), (x + 62, y - radius - 142), (x + 60, y - radius - 118),
         (x + 30, y - radius - 126), (x, y - radius - 118)], BRICK,
    )  # fmt: skip


def assembly_chamber(art: Canvas) -> None:
    """Draw the half-empty chamber from the gallery: rows of seats about a lone speaker."""
    art.ramp([(0, UMBER), (0.4, BROWN), (0.5, OCHRE), (1, INK)])
    art.rectangle(0, 0, 1620, 470, mix(BROWN, UMBER, 0.4))
    for x in range(0, 1620, 90):
        art.rectangle(x, 0, x + 80, 440, mix(BROWN, OCHRE, 0.1), 0.8)
        art.veil(x, 0, x + 80, 440, UMBER, 0, 0.7, across=True)
    for left, right in ((250, 430), (1190, 1370)):
        art.rectangle(left, 0, right, 440, DEEP)
        for fold in range(6):
            art.veil(left + fold * 30, 0, left + fold * 30 + 30, 440, INK, 0, 0.7, across=True)
    art.glow(810, 330, 640, 480, LIGHT, 0.85)
    art.ellipse(810, 190, 112, 112, OCHRE)
    art.ellipse(810, 190, 96, 96, WINE)
    for ray in range(12):
        angle = ray * pi / 6
        tip = (810 + 84 * cos(angle), 190 + 84 * sin(angle))
        side = [(810 + 22 * cos(angle + t), 190 + 22 * sin(angle + t)) for t in (-0.35, 0.35)]
        art.polygon([tip, *side], OCHRE)
    _tribune(art)
    art.ellipse(810, 600, 520, 80, mix(BRICK, WINE, 0.4))
    art.glow(810, 575, 420, 70, AMBER, 0.55)
    for row in range(7):
        _bench(art, row)
    art.shade([(740, 0), (880, 0), (1120, 600), (500, 600)], LIGHT, 0.3, 0)


def _tribune(art: Canvas) -> None:
    art.rectangle(560, 400, 1060, 530, mix(UMBER, WINE, 0.4))
    art.rectangle(550, 388, 1070, 404, OCHRE)
    for x in (630, 700, 920, 990):
        bust(art, x, 392, 62, Look(coat=NIGHT, from_back=False, hair=INK))
    person(art, 810, 560, 240, Look(coat=INK, from_back=False, rim=LIGHT), raised=True)
    art.polygon([(740, 430), (880, 430), (864, 580), (756, 580)], BROWN)
    art.veil(740, 430, 880, 580, INK, 0, 0.7, across=True)
    art.rectangle(732, 420, 888, 434, AMBER)


def _bench(art: Canvas, row: int) -> None:
    share = row / 6
    y, rx, ry = 520 + 30 * row, 560 + 190 * row, 110 + 62 * row
    desk = mix(mix(OCHRE, BROWN, 0.55), UMBER, share * 0.7)
    depth = 26 + 13 * row
    front, back = arc(810, y, rx, ry, 160, 20, 60), arc(810, y + depth, rx + 20, ry, 20, 160, 60)
    art.polygon(front + back, desk)
    rim = arc(810, y + 7 + row, rx, ry, 20, 160, 60)
    art.polygon(front + rim, mix(desk, LIGHT, 0.5))
    seats = 15 + row * 2
    for seat in range(seats):
        angle = (24 + 132 * (seat + 0.5) / seats) * pi / 180
        x, base = 810 + (rx + 14) * cos(angle), y + ry * sin(angle) + depth + 24 + 6 * row
        width = 46 + 17 * row
        if not -60 < x < 1680 or abs(x - 810) < 30 + 10 * row:
            continue
        if art.random.random() < 0.3:
            coat = art.random.choice((NIGHT, INK, DEEP, mix(NIGHT, STEEL, 0.3)))
            hair = art.random.choice((INK, UMBER, BROWN, HAZE))
            bust(art, x, base, width * 0.86, Look(coat=coat, hair=hair, skin=mix(SKIN, UMBER, 0.25), rim=AMBER))
        art.rectangle(
            x - width * 0.4,
            base - width * 0.34,
            x + width * 0.4,
            base + width,
            mix(BRICK, WINE, 0.2 + share * 0.6),
            radius=width * 0.14,
        )
        art.rectangle(x - width * 0.34, base - width * 0.3, x + width * 0.34, base - width * 0.22, CORAL, 0.6)


def reval_podium(art: Canvas) -> None:
    """Draw the president from behind, facing the cameras between two flags."""
    art.ramp([(0, INK), (0.5, NIGHT), (0.8, DUSK), (1, INK)])
    for _ in range(46):
        x, y = art.random.uniform(0, 1620), art.random.gauss(640, 60)
        art.ellipse(x, y, 22, 27, mix(INK, DUSK, 0.5))
        art.ellipse(x, y + 62, 46, 40, mix(INK, DUSK, 0.3))
    for x, y, size in (
        (300, 560, 150),
        (520, 615, 90),
        (1120, 590, 130),
        (1330, 540, 170),
        (960, 630, 70),
        (690, 600, 60),
    ):
        art.glow(x, y, size, size, LIGHT, 0.95)
        art.ellipse(x, y, size * 0.08, size * 0.08, CREAM)
    art.glow(810, 500, 620, 620, AMBER, 0.75)
    for x in (420, 1200):
        art.shade([(x - 15, 0), (x + 15, 0), (x + 330, 1080), (x - 330, 1080)], LIGHT, 0.4, 0)
    _flag(art, 150, 1)
    _flag(art, 1470, -1)
    _speaker_from_behind(art)
    art.veil(0, 820, 1620, 1080, INK, 0, 0.7)


def _flag(art: Canvas, x: float, facing: int) -> None:
    art.rectangle(x - 7, 60, x + 7, 1080, OCHRE)
    art.ellipse(x, 56, 16, 16, AMBER)
    bands = ((BRICK, 0), (CREAM, 95), (PETROL, 150))
    for colour, shift in bands:
        cloth = spline(
            [(x, 110 + shift * 1.2), (x + facing * 120, 150 + shift * 1.5), (x + facing * 210, 330 + shift * 1.6),
             (x + facing * 250, 620 + shift), (x + facing * 215, 860)], closed=False,
        )  # fmt: skip
        art.polygon([*cloth, (x, 900)], mix(colour, NIGHT, 0.15))
    for fold in (40, 100, 160):
        edge = [
            (x + facing * fold, 180 + fold),
            (x + facing * (fold + 46), 240 + fold),
            (x + facing * (fold + 30), 860),
            (x + facing * (fold - 10), 880),
        ]
        art.shade(edge, INK, 0.1, 0.65)


def _speaker_from_behind(art: Canvas) -> None:
    art.polygon([(430, 850), (1190, 850), (1230, 1090), (390, 1090)], BROWN)
    art.rectangle(400, 820, 1220, 856, mix(BROWN, OCHRE, 0.4))
    art.rectangle(400, 820, 1220, 828, AMBER)
    for x, tip in ((470, 560), (540, 600), (1150, 560), (1080, 600)):
        art.line([(x, 820), (x + (810 - x) * 0.1, tip + 20)], 6, INK)
        art.ellipse(x + (810 - x) * 0.1, tip, 15, 28, INK)
        art.ellipse(x + (810 - x) * 0.1 - 4, tip - 6, 5, 12, STEEL)
    skin = mix(SKIN, BROWN, 0.3)
    for side in (-1, 1):
        art.ellipse(810 + side * 94, 474, 17, 32, mix(skin, CORAL, 0.3))
        art.stroke(
            [(810 + side * 200, 660), (810 + side * 290, 770), (810 + side * 262, 850)], 84, mix(INK, NIGHT, 0.4)
        )
    hair = mix(UMBER, INK, 0.3)
    art.rectangle(752, 480, 868, 610, skin)
    art.ellipse(810, 452, 94, 118, skin)
    art.blob(
        [
            (714, 470),
            (712, 400),
            (750, 332),
            (810, 316),
            (870, 332),
            (908, 400),
            (906, 470),
            (880, 540),
            (810, 556),
            (740, 540),
        ],
        hair,
    )
    art.shade(arc(810, 430, 98, 114, 180, 360), AMBER, 0.6, 0)
    coat = spline(
        [
            (520, 1090),
            (540, 780),
            (590, 660),
            (700, 606),
            (750, 584),
            (870, 584),
            (920, 606),
            (1030, 660),
            (1080, 780),
            (1100, 1090),
        ],
        closed=False,
    )
    art.polygon(coat, mix(INK, NIGHT, 0.5))
    art.shade(coat, AMBER, 0.55, 0)
    art.polygon([(744, 562), (876, 562), (886, 590), (734, 590)], CREAM)
    art.line([(810, 620), (810, 1080)], 3, INK)


def press_room(art: Canvas) -> None:
    """Draw a row of microphones waiting before empty chairs."""
    art.ramp([(0, DEEP), (0.7, PETROL), (1, DEEP)])
    for fold in range(27):
        art.veil(fold * 60, 0, fold * 60 + 60, 640, INK, 0.05, 0.75, across=True)
    art.glow(810, 330, 760, 460, TEAL, 0.6)
    art.shade([(560, 0), (660, 0), (1000, 640), (360, 640)], LIGHT, 0.35, 0)
    art.shade([(960, 0), (1060, 0), (1260, 640), (620, 640)], LIGHT, 0.35, 0)
    for x in (470, 810, 1150):
        _armchair(art, x, 640)
    art.rectangle(180, 640, 1440, 880, BRICK)
    for fold in range(21):
        art.veil(180 + fold * 60, 660, 240 + fold * 60, 880, WINE, 0, 0.8, across=True)
    art.polygon([(150, 640), (1470, 640), (1500, 672), (120, 672)], CORAL)
    art.veil(120, 672, 1500, 700, INK, 0.6, 0)
    cubes = (CREAM, OCHRE, PETROL, AMBER, MIST, BRICK, NIGHT, CREAM, OCHRE, TEAL, PAPER)
    for index, colour in enumerate(cubes):
        _microphone(art, 330 + index * 96, 655, 118 + 34 * sin(index * 2.1), colour)
    art.rectangle(0, 880, 1620, 1080, mix(INK, DEEP, 0.4))
    art.glow(810, 890, 900, 130, TEAL, 0.4)
    for index in range(7):
        x = 20 + index * 265
        art.rectangle(x - 92, 860, x + 92, 1080, INK, radius=34)
        art.rectangle(x - 70, 884, x + 70, 1080, mix(INK, NIGHT, 0.55), radius=22)
        art.rectangle(x - 78, 862, x + 78, 867, AMBER, 0.5)


def _armchair(art: Canvas, x: float, y: float) -> None:
    art.rectangle(x - 92, y - 290, x + 92, y, mix(UMBER, BROWN, 0.4), radius=46)
    art.rectangle(x - 70, y - 262, x + 70, y, BROWN, radius=34)
    art.veil(x - 70, y - 230, x + 70, y, INK, 0, 0.7)
    art.rectangle(x - 66, y - 284, x + 66, y - 278, AMBER, 0.7)


def _microphone(art: Canvas, x: float, y: float, height: float, cube: Colour) -> None:
    tip = (x + art.random.uniform(-18, 18), y - height)
    art.ellipse(x, y + 6, 30, 8, INK)
    art.line([(x, y), (x, y - height * 0.4), tip], 5, INK)
    art.rectangle(tip[0] - 21, tip[1] - 8, tip[0] + 21, tip[1] + 30, cube, radius=4)
    art.veil(tip[0], tip[1] - 8, tip[0] + 21, tip[1] + 30, INK, 0.15, 0.5, across=True)
    art.ellipse(tip[0], tip[1] - 34, 18, 29, INK)
    art.ellipse(tip[0] - 5, tip[1] - 40, 6, 14, STEEL)


def ballot_box(art: Canvas) -> None:
    """Draw a hand letting a ballot fall into the box before the curtain of a booth."""
    art.ramp([(0, WINE), (1, mix(WINE, INK, 0.5))])
    for fold in range(14):
        x = fold * 118 + art.random.uniform(-12, 12)
        art.shade([(x, 0), (x + 122, 0), (x + 130, 820), (x - 8, 820)], BRICK, 0.9, 0.1, across=True)
    art.glow(420, 260, 800, 720, CORAL, 0.6)
    art.rectangle(0, 26, 1620, 44, OCHRE)
    for x in range(30, 1620, 90):
        art.ring(x, 36, 16, 22, 5, AMBER)
    art.rectangle(0, 800, 1620, 1080, BROWN)
    art.veil(0, 800, 1620, 1080, INK, 0.1, 0.8)
    art.rectangle(0, 800, 1620, 808, CORAL)
    art.soft([(640, 960), (1110, 1010), (1560, 900), (1120, 830)], INK, 0.85, 26)
    _box(art)
    art.polygon([(676, 300), (1000, 196), (1040, 420), (718, 520)], CREAM)
    art.shade([(676, 300), (1000, 196), (1040, 420), (718, 520)], OCHRE, 0, 0.35)
    for row in range(3):
        y = 318 + row * 46
        art.line([(776 + row * 8, y), (950 + row * 8, y - 55)], 6, STEEL)
        art.ring(734 + row * 8, y + 16, 13, 13, 3, NIGHT)
    art.line([(732, 370), (744, 384), (772, 344)], 6, BRICK)
    art.polygon([(1620, 40), (1620, 300), (1210, 370), (1180, 200)], NIGHT)
    art.shade([(1620, 40), (1620, 300), (1210, 370), (1180, 200)], INK, 0, 0.8)
    art.polygon([(1226, 192), (1250, 376), (1196, 386), (1170, 206)], CREAM)
    hand(art, 1180, 292, 150, SKIN, facing=-1)


def _box(art: Canvas) -> None:
    front: list[Point] = [(480, 560), (1080, 600), (1080, 1000), (500, 940)]
    side: list[Point] = [(1080, 600), (1320, 530), (1300, 890), (1080, 1000)]
    lid: list[Point] = [(480, 560), (740, 500), (1320, 530), (1080, 600)]
    art.polygon(front, HAZE)
    art.shade(front, PETROL, 0.15, 0.85)
    art.polygon(side, STEEL)
    art.shade(side, INK, 0.2, 0.8)
    art.polygon(lid, MIST)
    art.shade(lid, PETROL, 0, 0.4, across=True)
    art.polygon([(680, 548), (1060, 560), (1072, 551), (696, 540)], INK)
    art.line([(480, 560), (1080, 600), (1320, 530)], 6, CREAM)
    art.line([(1080, 600), (1080, 1000)], 5, CREAM)
    art.ellipse(790, 740, 82, 78, BRICK)
    art.ellipse(790, 740, 62, 58, ROSE)
    art.polygon([(790, 694), (806, 730), (840, 740), (806, 752), (790, 788), (774, 752), (740, 740), (774, 730)], BRICK)


def ministry_facade(art: Canvas) -> None:
    """Draw the dark facade of the ministry with a single lit window."""
    art.ramp([(0, NIGHT), (0.5, DUSK), (1, INK)])
    art.ellipse(1450, 120, 46, 46, CREAM)
    art.glow(1450, 120, 240, 240, MIST, 0.5)
    wall: list[Point] = [(0, 96), (1180, 150), (1180, 920), (0, 960)]
    flank: list[Point] = [(1180, 150), (1420, 250), (1420, 900), (1180, 920)]
    art.polygon(flank, mix(STEEL, DUSK, 0.4))
    art.shade(flank, INK, 0, 0.5)
    art.polygon(wall, mix(NIGHT, DUSK, 0.6))
    art.shade(wall, INK, 0, 0.6)
    _facade_grid(art)
    art.polygon([(0, 60), (1196, 122), (1196, 156), (0, 104)], STEEL)
    art.polygon([(1196, 122), (1436, 236), (1430, 256), (1196, 156)], HAZE)
    art.rectangle(0, 900, 1620, 1080, mix(INK, NIGHT, 0.4))
    art.polygon([(0, 905), (1180, 880), (1430, 880), (1620, 900), (1620, 915), (0, 940)], mix(DUSK, STEEL, 0.3))
    door: list[Point] = [(430, 640), (650, 646), (650, 905), (430, 908)]
    art.polygon(door, INK)
    art.polygon([(400, 600), (680, 610), (680, 640), (400, 632)], STEEL)
    for x in (420, 648):
        art.rectangle(x - 10, 632, x + 10, 908, STEEL)
    art.shade([(700, 912), (900, 912), (1330, 1080), (760, 1080)], AMBER, 0.35, 0.0)
    person(art, 700, 915, 132, Look(coat=INK, hat="cap"))
    person(
        art, 1270, 1040, 235, Look(coat=mix(INK, WINE, 0.4), rim=HAZE, hat="wool", hair=BRICK), stride=0.05, bag=UMBER
    )
    art.soft([(1240, 1042), (1300, 1042), (1120, 1080), (1000, 1080)], INK, 0.8, 10)
    art.mist(915, 100, STEEL, 0.22)


def _facade_grid(art: Canvas) -> None:
    for row in range(6):
        for column in range(15):
            x = 30 + column * 78
            top = 150 + 110 * row + column * (3.6 - row * 0.9)
            if row == 5 and 380 < x < 700:
                continue
            lit = (row, column) == (2, 10)
            art.rectangle(x, top, x + 38, top + 70, AMBER if lit else mix(INK, NIGHT, 0.3))
            art.rectangle(x - 5, top + 70, x + 43, top + 77, STEEL, 0.7)
            if lit:
                art.rectangle(x + 8, top + 26, x + 26, top + 70, UMBER)
                art.ellipse(x + 17, top + 22, 7, 9, UMBER)
                art.glow(x + 19, top + 35, 150, 150, AMBER, 0.6)
            else:
                art.polygon([(x, top), (x + 38, top), (x, top + 48)], STEEL, 0.22)
    for column in range(16):
        x = 8 + column * 78
        art.polygon([(x, 100 + column * 3.6), (x + 10, 100 + column * 3.6), (x + 10, 920), (x, 920)], STEEL, 0.4)
    for row in range(5):
        for column in range(5):
            x, top = 1204 + column * 43, 205 + column * 16 + row * (126 - column * 1.5)
            art.rectangle(x, top, x + 20, top + 74, mix(INK, NIGHT, 0.5))


SCENES = {
    "assembly-night": assembly_night,
    "assembly-chamber": assembly_chamber,
    "reval-podium": reval_podium,
    "press-room": press_room,
    "ballot-box": ballot_box,
    "ministry-facade": ministry_facade,
}
