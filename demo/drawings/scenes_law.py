"""Prison, border and the lawyer's desk."""

from .buildings import lamp_post
from .canvas import Canvas
from .figures import Look, person
from .geometry import arc, spline
from .nature import bare_tree, conifer, ridge, snowfall, streaks
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
    SNOW,
    STEEL,
    TEAL,
    UMBER,
    WINE,
    Colour,
    mix,
)  # fmt: skip


def prison_wall(art: Canvas) -> None:
    """Draw a visitor in the snow below a long prison wall and its watchtower."""
    art.ramp([(0, STEEL), (0.35, HAZE), (0.55, ROSE), (1, SNOW)])
    streaks(art, 60, 420, 8, SNOW, 0.3)
    ridge(art, 720, 12, mix(HAZE, STEEL, 0.5))
    for x in range(20, 420, 34):
        conifer(art, x, 742, art.random.uniform(50, 110), mix(STEEL, PETROL, 0.5))
    wall = [(1080, 330), (1080, 1010), (120, 770), (120, 690)]
    art.polygon(wall, mix(BRICK, UMBER, 0.45))
    for row in range(1, 17):
        share = row / 17
        art.line([(1080, 330 + 680 * share), (120, 690 + 80 * share)], 1.5, UMBER, 0.45)
    art.shade(wall, INK, 0.5, 0, across=True)
    art.shade(wall, AMBER, 0.1, 0.1)
    art.polygon([(1080, 306), (1080, 334), (120, 694), (120, 684)], SNOW)
    for index in range(9):
        share = (index / 9) ** 1.7
        x = 1060 - 930 * share
        top, tall = 318 + 366 * (1060 - x) / 940, 74 * (1 - share) + 8
        art.line([(x, top), (x + 4, top - tall)], 4 * (1 - share) + 1, INK)
    for share in (0.35, 0.65, 0.95):
        art.line([(1080, 312 - 78 * share), (120, 686 - 10 * share)], 1.5, INK)
    _watchtower(art, 700, 560)
    snow = spline([(-20, 770), (300, 790), (640, 890), (1100, 1012)], closed=False)
    art.polygon([*snow, (1100, 1360), (-20, 1360)], SNOW)
    art.shade([*snow, (1100, 1360), (-20, 1360)], STEEL, 0.0, 0.5)
    art.shade([(420, 812), (1080, 1008), (1080, 1190), (560, 930)], DUSK, 0.55, 0.15)
    for step in range(14):
        share = (step / 13) ** 1.5
        art.ellipse(
            330 + 250 * share + 14 * (step % 2) * (0.4 + share),
            830 + 480 * share,
            5 + 11 * share,
            2.5 + 5 * share,
            STEEL,
        )
    art.soft([(390, 1120), (420, 1120), (700, 1210), (670, 1226)], DUSK, 0.8, 5)
    person(art, 400, 1122, 270, Look(coat=WINE, hat="scarf", hair=OCHRE, legs=INK, skirt=True), bag=PETROL)
    bare_tree(art, 70, 1100, 640, INK, 7)
    snowfall(art, 300, 5)


def _watchtower(art: Canvas, x: float, y: float) -> None:
    for side in (-1, 1):
        art.line([(x + side * 78, y), (x + side * 52, y - 250)], 12, INK)
        art.line([(x + side * 74, y - 20), (x - side * 58, y - 230)], 5, INK)
    art.rectangle(x - 96, y - 268, x + 96, y - 246, INK)
    art.rectangle(x - 80, y - 330, x + 80, y - 262, UMBER)
    art.rectangle(x - 80, y - 400, x + 80, y - 330, AMBER)
    art.glow(x, y - 366, 210, 190, LIGHT, 0.5)
    for post in (-80, -28, 28, 72):
        art.rectangle(x + post, y - 400, x + post + 8, y - 328, INK)
    art.ellipse(x - 4, y - 362, 13, 16, INK)
    art.rectangle(x - 24, y - 348, x + 18, y - 330, INK, radius=6)
    art.polygon([(x - 112, y - 398), (x - 40, y - 462), (x + 40, y - 462), (x + 112, y - 398)], mix(BRICK, UMBER, 0.5))
    art.polygon([(x - 88, y - 420), (x - 40, y - 466), (x + 40, y - 466), (x + 70, y - 440)], SNOW)
    art.line([(x, y - 462), (x, y - 540)], 3, INK)
    art.polygon([(x + 84, y - 300), (x + 120, y - 316), (x + 124, y - 284), (x + 88, y - 282)], INK)


def border_dvory(art: Canvas) -> None:
    """Draw lorries queueing at the barrier of the Dvory crossing at dusk."""
    art.ramp([(0, DUSK), (0.3, STEEL), (0.5, ROSE), (0.58, AMBER), (1, OCHRE)])
    streaks(art, 60, 430, 12, mix(BRICK, DUSK, 0.4), 0.4)
    ridge(art, 570, 18, mix(STEEL, DUSK, 0.5))
    for x in range(-10, 1640, 36):
        conifer(art, x + art.random.uniform(-9, 9), 640, art.random.uniform(70, 180), mix(DEEP, DUSK, 0.35))
    art.ramp([(0, mix(OCHRE, BROWN, 0.5)), (1, UMBER)], (0, 630, 1620, 1080))
    art.polygon([(1500, 630), (1620, 630), (1620, 760), (1000, 1080), (-20, 1080), (-20, 900)], mix(NIGHT, STEEL, 0.35))
    art.shade([(1500, 630), (1620, 630), (1620, 760), (1000, 1080), (-20, 1080), (-20, 900)], INK, 0, 0.6)
    for share in (0.08, 0.25, 0.45, 0.7):
        x, y = 1500 - 1240 * share, 690 + 330 * share
        art.polygon(
            [
                (x, y),
                (x + 70 * share + 12, y - 24 * share - 4),
                (x + 76 * share + 14, y - 14 * share - 2),
                (x + 6, y + 12 * share + 2),
            ],
            CREAM,
            0.8,
        )
    tones = (PETROL, CREAM, BRICK, OCHRE, TEAL, HAZE, WINE)
    for index in range(6, -1, -1):
        size = 1 / (1 + index * 0.34)
        _lorry(art, 1500 - 860 * size, 660 + 245 * size, size, tones[index])
    _checkpoint(art)
    for x in (300, 1330):
        lamp_post(art, x, 880 if x < 800 else 700, 520 if x < 800 else 240)


def _lorry(art: Canvas, x: float, y: float, size: float, colour: Colour) -> None:
    def spot(dx: float, dy: float) -> tuple[float, float]:
        return (x + dx * size, y + dy * size)

    art.soft([spot(-120, 0), spot(560, -110), spot(560, -60), spot(-60, 60)], INK, 0.7, 12 * size + 2)
    art.polygon([spot(110, -400), spot(560, -330), spot(560, -120), spot(110, -50)], mix(colour, INK, 0.3))
    art.shade([spot(110, -400), spot(560, -330), spot(560, -120), spot(110, -50)], INK, 0.0, 0.6, across=True)
    art.polygon([spot(-130, -400), spot(110, -400), spot(110, -60), spot(-130, -60)], colour)
    for dx in (180, 300, 420):
        art.ellipse(*spot(dx, -62 - dx * 0.12), 26 * size, 44 * size, INK)
    cab = [spot(-120, -320), spot(110, -320), spot(110, -20), spot(-130, -20)]
    art.polygon(cab, mix(colour, CREAM, 0.25))
    art.shade(cab, INK, 0, 0.5)
    art.polygon([spot(-108, -296), spot(96, -296), spot(100, -190), spot(-114, -190)], INK)
    art.polygon([spot(-100, -288), spot(0, -288), spot(-60, -196), spot(-106, -196)], STEEL)
    art.polygon([spot(-90, -150), spot(76, -150), spot(76, -90), spot(-90, -90)], mix(INK, NIGHT, 0.5))
    for dx in (-96, 84):
        art.glow(*spot(dx, -62), 120 * size, 110 * size, LIGHT, 0.9)
        art.ellipse(*spot(dx, -62), 20 * size, 16 * size, CREAM)
        art.polygon([spot(dx - 30, -20), spot(dx + 30, -20), spot(dx + 30, 26), spot(dx - 30, 26)], INK)


def _checkpoint(art: Canvas) -> None:
    art.polygon([(-20, 330), (560, 420), (560, 456), (-20, 392)], CREAM)
    art.polygon([(-20, 392), (560, 456), (560, 468), (-20, 410)], BRICK)
    for x, top in ((430, 450), (40, 400)):
        art.rectangle(x, top, x + 18, 960, mix(NIGHT, STEEL, 0.4))
    art.rectangle(60, 590, 330, 1000, mix(PETROL, NIGHT, 0.3))
    art.rectangle(46, 570, 344, 594, INK)
    art.rectangle(90, 640, 300, 780, AMBER)
    art.glow(195, 710, 260, 230, LIGHT, 0.5)
    art.rectangle(192, 640, 200, 780, INK)
    art.ellipse(140, 716, 20, 24, UMBER)
    art.rectangle(108, 738, 172, 780, UMBER, radius=16)
    art.veil(60, 790, 330, 1000, INK, 0, 0.7)
    person(art, 440, 1010, 270, Look(coat=DEEP, hat="cap", rim=AMBER, from_back=False))
    art.rectangle(520, 800, 566, 1010, mix(INK, NIGHT, 0.5))
    start, end = (530, 836), (1250, 726)
    for part in range(10):
        a = [start[i] + (end[i] - start[i]) * part / 10 for i in (0, 1)]
        b = [start[i] + (end[i] - start[i]) * (part + 1) / 10 for i in (0, 1)]
        width = 26 - part * 1.3
        art.line([tuple(a), tuple(b)], width, BRICK if part % 2 == 0 else CREAM)
    art.glow(790, 786, 80, 80, BRICK, 0.9)
    art.ellipse(790, 800, 13, 13, CORAL)


def lawyer_desk(art: Canvas) -> None:
    """Draw files and a pair of glasses in the circle of a desk lamp."""
    art.ramp([(0, DEEP), (1, mix(DEEP, UMBER, 0.7))])
    _night_window(art)
    for row in range(3):
        _bindings(art, 80 + row * 215)
    art.glow(720, 520, 900, 560, AMBER, 0.6)
    art.polygon([(0, 720), (1620, 720), (1620, 1080), (0, 1080)], BROWN)
    art.shade([(0, 720), (1620, 720), (1620, 1080), (0, 1080)], INK, 0.0, 0.75)
    art.glow(720, 850, 760, 190, LIGHT, 0.85)
    _lamp(art)
    for index, colour in enumerate((BRICK, PAPER, PETROL, CREAM, OCHRE, CREAM, WINE, PAPER, TEAL)):
        top, shift = 846 - index * 34, art.random.uniform(-16, 16)
        art.rectangle(1010 + shift, top, 1400 + shift, top + 32, colour, radius=3)
        art.rectangle(1016 + shift, top + 22, 1394 + shift, top + 27, CREAM, 0.6)
        art.veil(1010 + shift, top, 1400 + shift, top + 32, INK, 0.05, 0.65, across=True)
        art.rectangle(1180 + shift, top, 1196 + shift, top + 32, INK, 0.5)
    page = [(470, 850), (820, 830), (930, 990), (500, 1020)]
    art.polygon([(x + 14, y + 12) for x, y in page], UMBER)
    art.polygon(page, CREAM)
    for row in range(6):
        y = 868 + row * 22
        art.line([(520 + row * 6, y), (780 + row * 14 - (row % 3) * 40, y - 14)], 5, STEEL)
    art.ellipse(850, 960, 30, 17, BRICK, 0.8)
    art.line([(930, 820), (1010, 940)], 11, INK)
    _glasses(art, 640, 945)
    art.soft([(180, 905), (330, 905), (300, 960), (150, 960)], INK, 0.7, 10)
    art.polygon([(180, 800), (310, 800), (296, 930), (194, 930)], PETROL)
    art.ring(312, 855, 36, 36, 13, PETROL)
    art.ellipse(245, 801, 65, 14, UMBER)
    art.shade([(180, 800), (310, 800), (296, 930), (194, 930)], INK, 0.7, 0, across=True)


def _night_window(art: Canvas) -> None:
    art.rectangle(80, 60, 560, 620, UMBER)
    art.ramp([(0, NIGHT), (0.7, DUSK), (1, STEEL)], (100, 80, 540, 600))
    for index in range(7):
        x = 100 + index * 63
        top = 440 + art.random.uniform(-70, 60)
        art.rectangle(x, top, x + 63, 600, INK)
        for dy in (20, 60, 100):
            if art.random.random() < 0.6:
                art.rectangle(x + 14, top + dy, x + 26, top + dy + 18, AMBER)
    art.ellipse(420, 170, 34, 34, CREAM)
    art.rectangle(312, 80, 326, 600, UMBER)
    art.rectangle(100, 320, 540, 332, UMBER)
    art.rectangle(60, 600, 580, 632, BROWN)


def _bindings(art: Canvas, y: float) -> None:
    art.rectangle(930, y + 172, 1620, y + 190, UMBER)
    x = 940.0
    while x < 1600:
        width = art.random.uniform(22, 46)
        tall = art.random.uniform(120, 165)
        colour = mix(art.random.choice((WINE, PETROL, BROWN, OCHRE, NIGHT, BRICK)), INK, 0.35)
        art.rectangle(x, y + 172 - tall, x + width - 3, y + 172, colour)
        art.rectangle(x, y + 190 - tall, x + width - 3, y + 196 - tall, AMBER, 0.5)
        x += width


def _lamp(art: Canvas) -> None:
    art.shade([(600, 470), (860, 430), (1180, 860), (380, 900)], LIGHT, 0.65, 0.1)
    art.ellipse(420, 800, 110, 26, INK)
    art.ellipse(420, 790, 104, 24, mix(BRICK, WINE, 0.4))
    art.line([(420, 788), (360, 560), (560, 330)], 14, mix(BRICK, WINE, 0.4))
    art.line([(416, 788), (356, 560), (556, 330)], 4, CORAL)
    art.ellipse(360, 560, 18, 18, INK)
    shade = spline([(560, 300), (620, 296), (700, 330), (868, 428), (600, 474), (556, 380)], closed=True)
    art.polygon(shade, BRICK)
    art.shade(shade, INK, 0.0, 0.6)
    art.ellipse(735, 450, 60, 22, LIGHT)


def _glasses(art: Canvas, x: float, y: float) -> None:
    for dx in (-74, 66):
        art.ellipse(x + dx, y + 10, 60, 30, mix(PAPER, BROWN, 0.5), 0.5)
        art.ellipse(x + dx, y, 60, 36, MIST, 0.6)
        art.ring(x + dx, y, 62, 38, 7, INK)
        art.line(arc(x + dx, y, 46, 25, 200, 250, 6), 4, CREAM)
    art.stroke([(x - 16, y - 8), (x - 4, y - 16), (x + 8, y - 8)], 7, INK)
    art.stroke([(x - 132, y - 8), (x - 150, y - 66), (x - 60, y - 84)], 7, INK)
    art.stroke([(x + 126, y - 8), (x + 144, y - 66), (x + 60, y - 90)], 7, INK)


SCENES = {"prison-wall": prison_wall, "border-dvory": border_dvory, "lawyer-desk": lawyer_desk}
