"""Colour profiles: colours stay as they are, what a profile tells of a screen or a scanner does not.

A profile that means one of the usual spaces is replaced by our own few hundred bytes for that space. Any other, such as
one measured on somebody's screen or one for printing, is turned into sRGB. Format: ICC.1:2022.
"""

import io
import struct
from functools import cache

from PIL import Image, ImageCms

SRGB_CURVE = (3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
# name → red, green and blue in XYZ under D50, and the curve: function and its parameters (ICC.1:2022, 10.18).
SPACES = {
    "sRGB": ((0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410), SRGB_CURVE),
    "Display P3": ((0.51512, 0.24120, -0.00105), (0.29198, 0.69225, 0.04189), (0.15710, 0.06657, 0.78407), SRGB_CURVE),
    "Adobe RGB": ((0.60974, 0.31111, 0.01947), (0.20528, 0.62567, 0.06087), (0.14919, 0.06322, 0.74457), (0, 2.19922)),
    "ProPhoto RGB": ((0.79767, 0.28804, 0.0), (0.13519, 0.71188, 0.0), (0.03134, 0.00008, 0.82490), (0, 1.8)),
}
WHITE = (0.9642, 1.0, 0.8249)
CLOSE = 3
STEPS = range(0, 256, 17)
BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError, MemoryError)


def settle(image, profile):
    """Return (the picture in RGB, the profile to write into files of it or None); `profile` is what the file held."""
    if not profile:
        return image.convert("RGB"), None
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        name = space_of(source) if image.mode == "RGB" else None
        if name:
            return image, profile_of(name)
        if image.mode in {"RGB", "CMYK", "L"}:
            ours = ImageCms.ImageCmsProfile(io.BytesIO(profile_of("sRGB")))
            return ImageCms.profileToProfile(image, source, ours, outputMode="RGB"), profile_of("sRGB")
    except BROKEN:
        pass
    return image.convert("RGB"), None


def space_of(source):
    """Return the name of the usual space that a profile means, or None: no colour of a chart moves by more than 3/255.

    Near black eight bits are too coarse to tell, so the chart begins a step above it.
    """
    chart = _chart()
    for name in SPACES:
        ours = ImageCms.ImageCmsProfile(io.BytesIO(profile_of(name)))
        moved = ImageCms.profileToProfile(chart, source, ours, outputMode="RGB")
        pairs = zip(chart.tobytes(), moved.tobytes(), strict=True)
        if all(abs(before - after) <= CLOSE for before, after in pairs):
            return name
    return None


@cache
def _chart():
    colours = bytes(value for red in STEPS for green in STEPS for blue in STEPS for value in (red, green, blue))
    return Image.frombytes("RGB", (len(STEPS) ** 2, len(STEPS)), colours)


@cache
def profile_of(name):
    """Return our own profile for a space: matrix, curve and a name, no date, no maker, no device."""
    red, green, blue, (function, *numbers) = SPACES[name]
    curve = b"para" + bytes(4) + struct.pack(">HH", function, 0) + b"".join(map(_fixed, numbers))
    tags = {
        b"desc": _words(name), b"cprt": _words("CC0"), b"wtpt": _xyz(WHITE),
        b"rXYZ": _xyz(red), b"gXYZ": _xyz(green), b"bXYZ": _xyz(blue),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    return _assemble(tags)


def _assemble(tags):
    start = 128 + 4 + 12 * len(tags)
    table, data, places = b"", b"", {}
    for name, content in tags.items():
        if content not in places:
            places[content] = start + len(data)
            data += content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", places[content], len(content))
    size = start + len(data)
    head = struct.pack(">I4sI", size, b"", 0x04300000) + b"mntrRGB XYZ "
    head += struct.pack(">6H", 2000, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(_fixed, WHITE))
    return head.ljust(128, b"\x00") + struct.pack(">I", len(tags)) + table + data


def _fixed(number):
    return struct.pack(">i", round(number * 65536))


def _xyz(numbers):
    return b"XYZ " + bytes(4) + b"".join(map(_fixed, numbers))


def _words(text):
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
