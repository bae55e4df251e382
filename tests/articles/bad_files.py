"""Pictures that are broken or hostile, made by rule and by chance: the same ones for the same number."""

import io
import random
import struct
import zlib
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from PIL import Image

GOOD = Path(__file__).parent / "photos"
SCRIPT = b"<script>alert(1)</script>"
FORMATS = {"JPEG": "photo.jpg", "PNG": "photo.png", "WEBP": "photo.webp", "AVIF": "photo.avif"}


@dataclass(frozen=True)
class BadFile:
    """One file; `may_be_fine` tells that a decoder may still find a picture in it."""

    kind: str
    name: str
    content: bytes
    may_be_fine: bool = False


def bad_files(count):
    """Yield `count` bad files, all kinds in turn."""
    chance = random.Random(4)
    for make in islice(cycle(KINDS), count):
        yield make(chance)


def _whole(form, chance, size=(160, 120)):
    image = Image.frombytes("RGB", size, chance.randbytes(size[0] * size[1] * 3))
    stream = io.BytesIO()
    image.save(stream, form)
    return stream.getvalue()


def _form(chance):
    return chance.choice(list(FORMATS))


def truncated(chance):
    """Return the first part of a file."""
    form = _form(chance)
    content = _whole(form, chance)
    return BadFile("truncated", FORMATS[form], content[: chance.randrange(4, len(content) * 2 // 3)], may_be_fine=True)


def header_alone(chance):
    """Return the first bytes, enough to name the format."""
    form = _form(chance)
    return BadFile("header", FORMATS[form], _whole(form, chance)[: chance.choice([4, 12, 16, 33])])


def flipped(chance):
    """Return a file in which bytes were changed."""
    form = _form(chance)
    content = bytearray(_whole(form, chance))
    for _number in range(chance.randrange(1, 60)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    return BadFile("flipped", FORMATS[form], bytes(content), may_be_fine=True)


def flipped_words(chance):
    """Return a photo whose metadata are damaged."""
    path = chance.choice(sorted(path for path in GOOD.iterdir() if path.suffix != ".py" and path.is_file()))
    content = bytearray(path.read_bytes())
    for _number in range(chance.randrange(1, 80)):
        content[chance.randrange(2, min(len(content), 4000))] = chance.randrange(256)
    return BadFile("flipped-words", path.name, bytes(content), may_be_fine=True)


def noise(chance):
    """Return bytes that mean nothing."""
    return BadFile("noise", "photo.jpg", chance.randbytes(chance.randrange(1, 4000)))


def nothing(_chance):
    """Return no byte."""
    return BadFile("nothing", "photo.jpg", b"")


def drawing(chance):
    """Return an SVG with a script."""
    svg = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">' + SCRIPT + b"</svg>"
    return BadFile("svg", chance.choice(["photo.svg", "photo.jpg", "photo.png"]), svg)


def page(chance):
    """Return a page with a script under the name of a photo."""
    return BadFile("page", chance.choice(["photo.jpg.html", "photo.php.jpg", "../../photo.jpg"]), b"<html>" + SCRIPT)


def other_format(chance):
    """Return a picture in a format that is not taken in, under the name of one that is."""
    form = chance.choice(["GIF", "BMP", "TIFF", "PPM", "ICO", "TGA"])
    stream = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(stream, form)
    return BadFile("other-format", "photo.jpg", stream.getvalue())


def postscript(_chance):
    """Return PostScript, for which a decoder would start a program."""
    return BadFile("postscript", "photo.jpg", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) run\n")


def _png(width, height, data, *chunks):
    def chunk(name, content):
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"".join([
        b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head), *(chunk(*each) for each in chunks), chunk(b"IDAT", data),
        chunk(b"IEND", b""),
    ])  # fmt: skip


def bomb(chance):
    """Return a small file that claims, or holds, billions of pixels."""
    side = chance.choice([12_000, 30_000, 65_535, 2**31 - 1])
    return BadFile("bomb", "photo.png", _png(side, side, zlib.compress(bytes(4_000_000), 9)))


def text_bomb(_chance):
    """Return a file whose text unfolds without an end."""
    return BadFile(
        "text-bomb", "photo.png",
        _png(64, 64, zlib.compress(bytes(64 * 193)), (b"zTXt", b"a\x00\x00" + zlib.compress(bytes(80_000_000), 9))),
        may_be_fine=True,
    )  # fmt: skip


def zip_bomb(_chance):
    """Return pixels that unfold to more than the file says."""
    return BadFile("zip-bomb", "photo.png", _png(64, 64, zlib.compress(bytes(90_000_000), 9)), may_be_fine=True)


def wide(chance):
    """Return a strip: 12,000 pixels wide and hardly high."""
    stream = io.BytesIO()
    Image.new("L", (12_000, chance.choice([1, 2, 40]))).save(stream, "PNG")
    return BadFile("wide", "photo.png", stream.getvalue())


def wide_and_high(_chance):
    """Return a black picture of 12,000 by 12,000."""
    return BadFile("wide-and-high", "photo.jpg", _jpeg_claiming(12_000, 12_000))


def _jpeg_claiming(width, height):
    stream = io.BytesIO()
    Image.new("L", (16, 16)).save(stream, "JPEG")
    content = bytearray(stream.getvalue())
    place = content.index(b"\xff\xc0")
    content[place + 5 : place + 9] = struct.pack(">HH", height, width)
    return bytes(content)


def longer_than_it_is(_chance):
    """Return a JPEG that claims more lines than it has."""
    return BadFile("claims-more", "photo.jpg", _jpeg_claiming(2_000, 2_000), may_be_fine=True)


def polyglot(chance):
    """Return a picture that is a page or an archive too."""
    form = _form(chance)
    tail = chance.choice([SCRIPT, b"<?php system('id'); ?>", b"PK\x03\x04" + bytes(200), b"%PDF-1.7\n"])
    return BadFile("polyglot", "photo.php.jpg", _whole(form, chance) + tail, may_be_fine=True)


def polyglot_comment(chance):
    """Return a JPEG whose comment is a page."""
    stream = io.BytesIO()
    Image.frombytes("RGB", (40, 30), chance.randbytes(3600)).save(stream, "JPEG", comment=b"*/" + SCRIPT)
    return BadFile("polyglot-comment", "photo.html", stream.getvalue(), may_be_fine=True)


def page_before(chance):
    """Return a page with a picture after it."""
    return BadFile("page-before", "photo.jpg", b"<!doctype html>" + SCRIPT + _whole("JPEG", chance))


def mixed(chance):
    """Return the head of one format on the body of another."""
    one, other = chance.sample(list(FORMATS), 2)
    return BadFile("mixed", FORMATS[one], _whole(one, chance)[:12] + _whole(other, chance)[12:], may_be_fine=True)


def heic(chance):
    """Return a phone's photo, cut or changed."""
    content = bytearray((GOOD / "phone.heic").read_bytes())
    for _number in range(chance.randrange(0, 30)):
        content[chance.randrange(12, len(content))] = chance.randrange(256)
    return BadFile("heic", "photo.heic", bytes(content[: chance.randrange(20, len(content))]), may_be_fine=True)


KINDS = [
    truncated, header_alone, flipped, flipped_words, noise, nothing, drawing, page, other_format, postscript, bomb,
    text_bomb, zip_bomb, wide, wide_and_high, longer_than_it_is, polyglot, polyglot_comment, page_before, mixed, heic,
]  # fmt: skip
