"""The limited palette every drawing is printed in."""

Colour = tuple[int, int, int]

INK: Colour = (13, 22, 41)
NIGHT: Colour = (22, 38, 66)
DUSK: Colour = (42, 66, 100)
STEEL: Colour = (84, 113, 140)
HAZE: Colour = (150, 172, 182)
DEEP: Colour = (13, 52, 64)
PETROL: Colour = (24, 84, 96)
TEAL: Colour = (62, 128, 132)
MIST: Colour = (172, 199, 192)
MOSS: Colour = (82, 104, 72)
UMBER: Colour = (66, 40, 36)
BROWN: Colour = (112, 66, 46)
OCHRE: Colour = (214, 148, 56)
AMBER: Colour = (245, 190, 92)
LIGHT: Colour = (255, 226, 158)
WINE: Colour = (98, 30, 34)
BRICK: Colour = (178, 66, 44)
CORAL: Colour = (222, 112, 72)
ROSE: Colour = (234, 170, 134)
SKIN: Colour = (222, 164, 122)
CREAM: Colour = (246, 234, 208)
PAPER: Colour = (232, 216, 184)
SNOW: Colour = (236, 238, 232)


def mix(first: Colour, second: Colour, share: float) -> Colour:
    """Return the colour lying `share` (0 to 1) of the way from first to second."""
    return tuple(round(a + (b - a) * share) for a, b in zip(first, second, strict=True))
