"""Recognise a picture that is in the library already in another size, format or compression.

A likeness is 128 bits: whether the light grows from left to right and from top to bottom on a grid of 8 by 8
(difference hash, after N. Krawetz, "Kind of like that", 2013).
"""

from PIL import Image

SIDE = 8
NEAR = 6  # bits of 128; a recompressed or resized copy differs by 0 to 4
FLAT = 3  # steps of light that are noise, not a picture
LEAST_BITS = 24


def of(image):
    """Return the likeness of an upright picture as 32 hexadecimal digits, or "" when it shows too little to compare."""
    grey = image.convert("RGB").convert("L")
    across = grey.resize((SIDE + 1, SIDE), Image.Resampling.BOX).tobytes()
    down = grey.resize((SIDE, SIDE + 1), Image.Resampling.BOX).tobytes()
    steps = [across[row * (SIDE + 1) + column + 1] - across[row * (SIDE + 1) + column]
             for row in range(SIDE) for column in range(SIDE)]  # fmt: skip
    steps += [down[(row + 1) * SIDE + column] - down[row * SIDE + column]
              for row in range(SIDE) for column in range(SIDE)]  # fmt: skip
    if sum(abs(step) > FLAT for step in steps) < LEAST_BITS:
        return ""
    return f"{sum(1 << place for place, step in enumerate(steps) if step > FLAT):032x}"


def nearest(likeness, known):
    """Return the key of the likest of `known`, (key, likeness) pairs, or None when none is near."""
    if not likeness:
        return None
    wanted = int(likeness, 16)
    distances = [((wanted ^ int(other, 16)).bit_count(), key) for key, other in known if other]
    distance, key = min(distances, default=(NEAR + 1, None))
    return key if distance <= NEAR else None
