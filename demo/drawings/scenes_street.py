"""Streets and squares of Tarsk: protest, police, trams, blocks, flood."""

from .buildings import arch, columns, lamp_post, pediment, skyline, steps, windows
from .canvas import Canvas
from .figures import Look, bust, person, seated, umbrella
from .geometry import arc, lerp, spline
from .nature import bare_tree, glints, rain, snowfall, streaks
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
    Colour,
    mix,
)  # fmt: skip

COATS = (INK, NIGHT, DEEP, WINE, UMBER, mix(NIGHT, STEEL, 0.4), mix(BROWN, OCHRE, 0.3))


def protest_umbrellas(art: Canvas) -> None:
    """Draw a crowd under umbrellas filling a bridge in the rain."""
    art.ramp([(0, STEEL), (0.3, HAZE), (0.5, PAPER), (1, PETROL)])
    streaks(art, 40, 300, 14, DUSK, 0.3)
    skyline(art, 470, 40, 150, mix(HAZE, STEEL, 0.5), lit=0.03)
    art.mist(460, 110, PAPER, 0.6)
    skyline(art, 500, 20, 80, mix(STEEL, PETROL, 0.4), lit=0.05, step=50)
    art.ramp([(0, TEAL), (1, DEEP)], (0, 500, 1620, 1080))
    glints(art, 505, 760, 90, PAPER, alpha=0.35)
    deck = [(-10, 560), (300, 515), (720, 500), (1150, 560), (1630, 700)]
    _bridge(art, deck)
    for share in range(46):
        x = share * 36 - 10
        y = _height(deck, x) + 6
        size = lerp(62, 104, abs(x - 650) / 1000)
        person(art, x, y, size, Look(coat=art.random.choice(COATS)))
        umbrella(art, x + 6, y - size * 0.98, size * 0.86, _silk(art), art.random.uniform(-0.1, 0.1))
    for row in range(3):
        _umbrella_row(art, row)
    rain(art, 380, CREAM, 0.3)


def _silk(art: Canvas) -> Colour:
    return art.random.choice((BRICK, OCHRE, CREAM, PETROL, NIGHT, CORAL, WINE, PAPER, BRICK, INK))


def _umbrella_row(art: Canvas, row: int) -> None:
    count, size = (8, 6, 5)[row], (200, 270, 390)[row]
    for index in range(count):
        x = (index + 0.5 + 0.25 * (row % 2)) * 1620 / count + art.random.uniform(-30, 30)
        y = (790, 900, 1060)[row] + art.random.uniform(-26, 26)
        bust(art, x - size * 0.03, y + size * 0.66, size * 0.56, Look(coat=COATS[(index * 2 + row) % 7], rim=HAZE))
        umbrella(
            art,
            x,
            y,
            size,
            (BRICK, CREAM, PETROL, OCHRE, NIGHT, CORAL, PAPER)[(index * 3 + row) % 7],
            art.random.uniform(-0.12, 0.12),
        )


def _height(deck: list[tuple[float, float]], x: float) -> float:
    curve = spline(deck, closed=False)
    return min(curve, key=lambda point: abs(point[0] - x))[1]


def _bridge(art: Canvas, deck: list[tuple[float, float]]) -> None:
    curve = spline(deck, closed=False)
    art.polygon([*curve, (1630, 900), (-10, 900)], mix(BROWN, STEEL, 0.4))
    art.shade([*curve, (1630, 900), (-10, 900)], INK, 0.1, 0.8)
    for x, half in ((130, 130), (480, 150), (860, 160), (1280, 190)):
        arch(art, x - half, x + half, 620 + (x - 480) ** 2 / 9000, 920, mix(DEEP, INK, 0.3))
    art.line([(x, y + 8) for x, y in curve], 12, mix(PAPER, BROWN, 0.4))
    for x in (90, 480, 870, 1290):
        lamp_post(art, x, _height(deck, x), 190, reach=0.6)


def police_line(art: Canvas) -> None:
    """Draw a line of helmets and shields under street lamps."""
    art.ramp([(0, INK), (0.35, NIGHT), (0.62, mix(DUSK, OCHRE, 0.35)), (1, INK)])
    skyline(art, 640, 160, 420, mix(NIGHT, DUSK, 0.35), lit=0.05, step=130)
    art.mist(600, 240, mix(OCHRE, STEEL, 0.45), 0.6)
    for x, height in ((160, 520), (560, 430), (1060, 430), (1470, 520)):
        lamp_post(art, x, 690, height, reach=1.2)
    for index in range(16):
        person(art, 40 + index * 103, 760, 290, Look(coat=NIGHT, hat="helmet", hair=mix(NIGHT, STEEL, 0.25)))
    art.mist(720, 130, mix(OCHRE, STEEL, 0.5), 0.35)
    art.ramp([(0, mix(DUSK, OCHRE, 0.25)), (0.5, NIGHT), (1, INK)], (0, 790, 1620, 1080))
    for index in range(11):
        x = -20 + index * 166
        art.soft(
            [(x - 62, 880), (x + 62, 880), (x + (x - 810) * 0.35 + 90, 1080), (x + (x - 810) * 0.35 - 90, 1080)],
            INK,
            0.9,
            9,
        )
        _officer(art, x)
    _dropped_umbrella(art, 790, 1010)


def _dropped_umbrella(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 120, y + 30), (x + 130, y + 30), (x + 100, y + 56), (x - 90, y + 56)], INK, 0.9, 8)
    art.line([(x - 20, y - 10), (x + 190, y + 26), (x + 200, y + 8)], 6, AMBER)
    bowl = spline(
        [(x + 30, y - 76), (x - 70, y - 66), (x - 110, y + 4), (x - 66, y + 42), (x - 10, y + 46)], closed=False
    )
    art.polygon([*bowl, (x + 14, y + 18), (x - 8, y - 8), (x + 26, y - 34)], BRICK)
    art.shade([*bowl, (x + 14, y + 18), (x - 8, y - 8), (x + 26, y - 34)], INK, 0, 0.6)
    for rim in ((x + 30, y - 76), (x - 8, y - 8), (x - 10, y + 46)):
        art.line([(x - 112, y + 2), rim], 2.5, WINE)


def _officer(art: Canvas, x: float) -> None:
    coat = mix(INK, NIGHT, 0.5)
    for side in (-1, 1):
        art.rectangle(x + side * 30 - 24, 700, x + side * 30 + 24, 884, INK, radius=8)
    art.rectangle(x - 66, 470, x + 66, 760, coat, radius=36)
    art.ellipse(x, 432, 50, 58, SKIN)
    art.rectangle(x - 50, 430, x + 50, 484, mix(INK, UMBER, 0.3), radius=20)
    art.polygon(arc(x, 430, 62, 72, 180, 360), mix(NIGHT, STEEL, 0.2))
    art.shade(arc(x, 430, 62, 72, 180, 360), AMBER, 0.5, 0)
    art.rectangle(x - 62, 424, x + 62, 434, INK)
    art.polygon([(x - 56, 434), (x + 56, 434), (x + 46, 478), (x - 46, 478)], HAZE, 0.55)
    art.line([(x - 40, 440), (x - 12, 472)], 6, CREAM, 0.6)
    art.rectangle(x - 76, 520, x + 76, 860, INK, radius=22)
    art.rectangle(x - 72, 524, x + 72, 856, mix(PETROL, STEEL, 0.35), radius=20)
    art.veil(x - 70, 528, x + 70, 850, INK, 0.05, 0.75)
    art.polygon([(x - 60, 530), (x - 18, 530), (x - 64, 680), (x - 70, 680)], CREAM, 0.3)
    art.polygon([(x + 8, 530), (x + 26, 530), (x - 44, 760), (x - 62, 760)], CREAM, 0.2)
    art.rectangle(x - 52, 556, x + 52, 594, NIGHT, 0.8, radius=6)


def courthouse_steps(art: Canvas) -> None:
    """Draw people waiting on the steps of a columned courthouse in low morning light."""
    art.ramp([(0, STEEL), (0.4, HAZE), (0.75, ROSE), (1, CREAM)])
    streaks(art, 40, 260, 9, CREAM, 0.45)
    stone, shadow = PAPER, mix(BROWN, DUSK, 0.5)
    art.rectangle(-20, 260, 1640, 640, mix(OCHRE, PAPER, 0.4))
    art.rectangle(300, 300, 1320, 640, mix(UMBER, BROWN, 0.5))
    for x in (520, 810, 1100):
        art.rectangle(x - 52, 400, x + 52, 640, INK)
        art.rectangle(x - 44, 408, x - 2, 640, BRICK)
        art.rectangle(x + 2, 408, x + 44, 640, WINE)
    windows(art, (20, 300, 270, 620), 3, 2, DUSK, fill=(0.45, 0.68))
    windows(art, (1350, 300, 1600, 620), 3, 2, DUSK, fill=(0.45, 0.68))
    columns(art, 280, 1340, 262, 645, 7, mix(CREAM, OCHRE, 0.15), shadow)
    pediment(art, 250, 1370, 268, 150, mix(CREAM, OCHRE, 0.2), shadow)
    _scales(art, 810, 160)
    steps(art, 220, 1400, 640, 940, 11, stone, mix(BROWN, DUSK, 0.4), spread=300)
    art.rectangle(0, 940, 1620, 1080, mix(PAPER, BROWN, 0.4))
    art.veil(0, 640, 1620, 1080, AMBER, 0.35, 0.0, across=True)
    people = (
        (420, 722, 178, INK), (500, 722, 170, WINE), (690, 668, 150, NIGHT), (930, 776, 196, PETROL),
        (1010, 776, 190, UMBER), (1250, 858, 226, NIGHT), (1170, 690, 158, BRICK), (300, 906, 250, DEEP),
        (600, 858, 224, BROWN), (800, 985, 285, INK), (1440, 960, 270, WINE),
    )  # fmt: skip
    for index, (x, y, height, coat) in enumerate(people):
        art.soft(
            [(x - 14, y), (x + 16, y), (x + height * 1.05, y + height * 0.16), (x + height * 0.95, y + height * 0.2)],
            INK,
            0.62,
            4,
        )
        look = Look(
            coat=coat,
            hat=("", "wool", "scarf", "", "bun")[index % 5],
            hair=(UMBER, BRICK, OCHRE, INK, HAZE)[index % 5],
            skirt=index % 3 == 1,
        )
        person(art, x, y, height, look, bag=BROWN if index % 4 == 0 else None)


def _scales(art: Canvas, x: float, y: float) -> None:
    art.line([(x, y - 40), (x, y + 48)], 5, UMBER)
    art.line([(x - 62, y - 22), (x + 62, y - 22)], 5, UMBER)
    for side in (-62, 62):
        art.line([(x + side - 22, y + 16), (x + side, y - 22), (x + side + 22, y + 16)], 2, UMBER)
        art.polygon(arc(x + side, y + 16, 24, 15, 0, 180), UMBER)


def tram_tarsk(art: Canvas) -> None:
    """Draw a lit tram coming up a snowed-in street at dusk."""
    art.ramp([(0, DUSK), (0.35, STEEL), (0.55, ROSE), (1, HAZE)])
    for side in (-1, 1):
        _street_wall(art, side)
    art.glow(810, 560, 520, 300, LIGHT, 0.7)
    art.polygon([(0, 1080), (0, 800), (740, 590), (880, 590), (1620, 800), (1620, 1080)], SNOW)
    art.shade([(0, 1080), (0, 800), (740, 590), (880, 590), (1620, 800), (1620, 1080)], STEEL, 0.1, 0.65)
    for top, low in ((770, 500), (806, 640), (846, 980), (884, 1120)):
        art.polygon([(top - 1, 600), (top + 1, 600), (low + 12, 1080), (low - 12, 1080)], DUSK)
    for x, y, height in ((250, 860, 420), (1440, 900, 460), (560, 690, 210), (1110, 690, 210)):
        lamp_post(art, x, y, height)
    _tram(art, 890, 890, 1.0)
    for x, y, height, coat in (
        (300, 960, 240, BRICK),
        (400, 985, 258, INK),
        (520, 880, 170, PETROL),
        (1370, 860, 170, WINE),
    ):
        art.soft([(x - 20, y - 4), (x + 20, y - 4), (x - 40, y + 70), (x - 90, y + 70)], DUSK, 0.6, 6)
        person(
            art, x, y, height, Look(coat=coat, hat="wool", hair=OCHRE if coat == INK else NIGHT, rim=AMBER), stride=0.03
        )
    art.line([(810, 0), (880, 400)], 2, INK)
    art.line([(0, 210), (880, 330), (1620, 190)], 2, INK)
    snowfall(art, 620, 6)


def _street_wall(art: Canvas, side: int) -> None:
    tones = (mix(NIGHT, DUSK, 0.4), mix(BROWN, DUSK, 0.35), mix(DUSK, STEEL, 0.4), mix(BRICK, DUSK, 0.55))
    edges = (0, 240, 430, 580, 680)
    for index in range(4):
        near, far = edges[index], edges[index + 1]
        x0, x1 = (near, far) if side < 0 else (1620 - far, 1620 - near)
        top = (40, 160, 290, 380)[index]
        art.rectangle(x0, top, x1, 860 - index * 70, tones[index])
        art.rectangle(x0 - 6, top - 14, x1 + 6, top + 4, SNOW)
        windows(
            art,
            (x0 + 8, top + 30, x1 - 8, 700 - index * 26),
            4 - index // 2,
            6,
            mix(tones[index], INK, 0.5),
            lit=0.4,
            fill=(0.46, 0.55),
        )
        art.veil(x0, top, x1, 860 - index * 70, HAZE, 0.0, 0.1 + index * 0.15)


def _tram(art: Canvas, x: float, y: float, scale: float) -> None:
    def box(left, top, right, bottom, colour, radius=0):
        art.rectangle(x + left * scale, y + top * scale, x + right * scale, y + bottom * scale, colour, radius=radius)

    flank = [(x + 190, y - 440), (x + 190, y - 20), (x + 420, y - 140), (x + 420, y - 400)]
    art.soft([(x - 240, y - 10), (x + 440, y - 120), (x + 420, y + 50), (x - 220, y + 60)], INK, 0.7, 14)
    art.polygon(flank, mix(BRICK, WINE, 0.5))
    for index in range(4):
        left, right = x + 206 + index * 54, x + 246 + index * 53
        art.polygon(
            [
                (left, y - 370 + index * 6),
                (right, y - 366 + index * 6),
                (right, y - 216 - index * 12),
                (left, y - 204 - index * 12),
            ],
            AMBER,
        )
    art.polygon([(x + 180, y - 452), (x + 426, y - 410), (x + 420, y - 396), (x + 190, y - 430)], SNOW)
    box(-190, -450, 200, -16, BRICK, 34)
    box(-190, -200, 200, -150, CREAM)
    box(-180, -462, 190, -430, SNOW, 14)
    box(-166, -390, 176, -216, INK, 18)
    box(-156, -380, 166, -226, AMBER, 14)
    art.veil(x - 150, y - 376, x + 160, y - 230, LIGHT, 0.8, 0)
    for px in (-90, 10, 96):
        bust(art, x + px, y - 226, 66, Look(coat=mix(UMBER, BROWN, 0.3), from_back=False, skin=mix(SKIN, BROWN, 0.5)))
    box(-6, -390, 6, -216, INK)
    box(-60, -428, 70, -400, INK, 4)
    box(-44, -421, 52, -407, LIGHT)
    for px in (-130, 140):
        art.glow(x + px, y - 100, 170, 150, LIGHT, 0.9)
        art.ellipse(x + px, y - 100, 25, 25, CREAM)
    box(-176, -40, 186, 10, INK, 8)
    art.line([(x - 20, y - 460), (x + 60, y - 520), (x - 10, y - 560)], 5, INK)


def apartment_blocks(art: Canvas) -> None:
    """Draw panel blocks with evening windows behind a playground."""
    art.ramp([(0, NIGHT), (0.4, DUSK), (0.7, CORAL), (0.85, AMBER), (1, OCHRE)])
    streaks(art, 120, 560, 12, BRICK, 0.35)
    for x, top, width in ((-40, 520, 260), (520, 470, 230), (1010, 540, 330)):
        art.rectangle(x, top, x + width, 900, mix(DUSK, CORAL, 0.35))
        windows(art, (x + 10, top + 14, x + width - 10, 880), 9, 10, mix(DUSK, CORAL, 0.2), lit=0.3, fill=(0.45, 0.4))
    for x, top, width, floors, bays in ((80, 240, 420, 12, 8), (720, 320, 330, 10, 6), (1220, 140, 460, 14, 9)):
        _block(art, x, top, width, floors, bays)
    art.mist(880, 120, CORAL, 0.4)
    art.rectangle(0, 890, 1620, 1080, mix(INK, NIGHT, 0.3))
    art.shade([(0, 890), (1620, 890), (1620, 1080), (0, 1080)], mix(BRICK, UMBER, 0.5), 0.5, 0)
    for x, height in ((60, 380), (620, 300), (1130, 330), (1560, 300)):
        bare_tree(art, x, 930, height, INK, 6)
    _swings(art, 800, 1010)
    lamp_post(art, 430, 1000, 330)
    person(art, 330, 1040, 190, Look(coat=INK, rim=AMBER), stride=0.05, bag=BRICK)
    person(art, 1240, 1030, 170, Look(coat=INK, hat="wool", hair=BRICK), stride=0.04)
    person(art, 1300, 1034, 100, Look(coat=INK, hat="wool", hair=OCHRE), stride=0.04)


def _block(art: Canvas, x: float, top: float, width: float, floors: int, bays: int) -> None:
    wall = mix(NIGHT, STEEL, 0.28)
    art.rectangle(x, top, x + width, 920, wall)
    art.rectangle(x - 6, top - 10, x + width + 6, top + 6, mix(wall, CREAM, 0.25))
    floor = (900 - top) / floors
    windows(art, (x + 8, top + 10, x + width - 8, 900), bays, floors, mix(INK, NIGHT, 0.4), lit=0.42, fill=(0.5, 0.52))
    for level in range(1, floors):
        art.rectangle(x, top + 10 + level * floor - 1.5, x + width, top + 10 + level * floor + 1.5, INK, 0.5)
    bay = (width - 16) / bays
    for column in (1, bays - 2):
        for level in range(floors):
            left, y = x + 8 + column * bay, top + 10 + (level + 0.62) * floor
            art.rectangle(
                left, y, left + bay, y + floor * 0.32, art.random.choice((PETROL, STEEL, BROWN, mix(BRICK, NIGHT, 0.3)))
            )
    art.veil(x, top, x + width, 920, INK, 0, 0.6, across=True)
    for _ in range(3):
        mast = x + art.random.uniform(0.1, 0.9) * width
        art.line([(mast, top), (mast, top - 46)], 2, INK)
        art.line([(mast - 16, top - 38), (mast + 16, top - 38)], 2, INK)


def _swings(art: Canvas, x: float, y: float) -> None:
    for side in (-150, 150):
        art.line([(x + side - 44, y), (x + side, y - 220), (x + side + 44, y)], 8, INK)
    art.rectangle(x - 158, y - 226, x + 158, y - 216, INK)
    for left, sway in ((-90, 36), (40, 0)):
        for rope in (0, 50):
            art.line([(x + left + rope, y - 218), (x + left + rope + sway, y - 62)], 2.5, INK)
        art.rectangle(x + left + sway - 6, y - 64, x + left + sway + 58, y - 54, BRICK)


def river_flood(art: Canvas) -> None:
    """Draw a flooded street with two people rowing between the houses."""
    art.ramp([(0, STEEL), (0.35, HAZE), (0.55, CREAM), (1, TEAL)])
    streaks(art, 30, 320, 14, DUSK, 0.28)
    tones = (mix(OCHRE, BROWN, 0.3), mix(BRICK, BROWN, 0.2), mix(TEAL, HAZE, 0.4), mix(PAPER, OCHRE, 0.3))
    art.glow(800, 480, 420, 240, LIGHT, 0.8)
    for index, (left, right, top) in enumerate(((640, 720, 400), (880, 970, 410), (530, 650, 330), (960, 1110, 310))):
        _house(art, left, right, top, 545, mix(tones[(index + 2) % 4], HAZE, 0.45), 2, 3)
    _house(art, 300, 545, 210, 560, tones[0], 3, 3)
    _house(art, 1100, 1350, 190, 560, tones[1], 3, 3)
    _house(art, -60, 310, 60, 580, tones[2], 4, 4)
    _house(art, 1340, 1700, 40, 580, tones[3], 4, 4)
    art.reflect(560, 520, PETROL, 0.5, 4)
    art.veil(0, 560, 1620, 1080, DEEP, 0, 0.75)
    glints(art, 575, 1060, 150, CREAM, alpha=0.4)
    for x in (420, 1220):
        art.rectangle(x - 4, 330, x + 4, 640, INK)
        art.rectangle(x - 26, 322, x + 26, 342, INK, radius=6)
        art.veil(x - 4, 640, x + 4, 830, INK, 0.7, 0)
    art.rectangle(1000, 560, 1010, 640, UMBER)
    art.ellipse(1005, 540, 40, 40, CREAM)
    art.ring(1005, 540, 40, 40, 9, BRICK)
    _rowing_boat(art, 760, 840)


def _house(
    art: Canvas, left: float, right: float, top: float, base: float, wall: Colour, bays: int, floors: int
) -> None:
    art.rectangle(left, top, right, base, wall)
    roof = [(left - 14, top), ((left + right) / 2, top - (right - left) * 0.3), (right + 14, top)]
    art.polygon(roof, mix(wall, WINE, 0.65))
    art.shade(roof, INK, 0.1, 0.5, across=True)
    windows(
        art,
        (left + 8, top + 8, right - 8, base + 20),
        bays,
        floors,
        mix(NIGHT, PETROL, 0.4),
        lit=0.08,
        fill=(0.42, 0.6),
    )
    art.veil(left, top, right, base, INK, 0.0, 0.35, across=left < 800)
    art.rectangle(left, base - 46, right, base - 38, mix(wall, UMBER, 0.6), 0.6)


def _rowing_boat(art: Canvas, x: float, y: float) -> None:
    art.soft([(x - 240, y + 30), (x + 240, y + 30), (x + 170, y + 130), (x - 190, y + 130)], INK, 0.75, 14)
    art.line([(x - 40, y - 60), (x - 270, y + 66)], 8, OCHRE)
    seated(art, x + 120, y - 20, 190, Look(coat=PETROL, hair=HAZE, legs=INK), facing=-1)
    seated(art, x - 80, y - 20, 200, Look(coat=BRICK, hair=INK, legs=INK))
    art.rectangle(x - 200, y - 86, x - 140, y - 10, BROWN)
    art.rectangle(x - 206, y - 92, x - 134, y - 78, PAPER)
    hull = spline(
        [(x - 280, y - 34), (x - 240, y + 30), (x - 150, y + 58), (x + 150, y + 58), (x + 240, y + 26),
         (x + 290, y - 40)],
        closed=False,
    )  # fmt: skip
    art.polygon([*hull, (x + 200, y - 14), (x - 200, y - 12)], CREAM)
    art.shade([*hull, (x + 200, y - 14), (x - 200, y - 12)], DUSK, 0.05, 0.7)
    art.line([(x - 282, y - 34), (x - 200, y - 12), (x + 200, y - 14), (x + 292, y - 40)], 8, BRICK)
    for ripple in range(3):
        art.ring(x, y + 56, 330 + ripple * 90, 34 + ripple * 16, 2, CREAM, alpha=0.35, start=10, end=170)


SCENES = {
    "protest-umbrellas": protest_umbrellas,
    "police-line": police_line,
    "courthouse-steps": courthouse_steps,
    "tram-tarsk": tram_tarsk,
    "apartment-blocks": apartment_blocks,
    "river-flood": river_flood,
}
