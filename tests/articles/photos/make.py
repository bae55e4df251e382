"""Make the photos beside this file, as cameras, agencies and phones write them: needs exiftool, heif-enc and Debian's
colord-data. Run by hand; what it makes is committed, so that tests need nothing.

Whatever may not reach readers holds the word SECRET.
"""

import io
import random
import subprocess
from pathlib import Path

from PIL import Image, ImageDraw

HERE = Path(__file__).parent
ICC = Path("/usr/share/color/icc")
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}  # fmt: skip
BETRAYING = [
    "-GPSLatitude=56.8389", "-GPSLatitudeRef=N", "-GPSLongitude=60.6057", "-GPSLongitudeRef=E",
    "-GPSProcessingMethod=SECRET gps", "-Make=SECRET make", "-Model=SECRET model", "-SerialNumber=SECRET serial",
    "-LensSerialNumber=SECRET lens", "-OwnerName=SECRET owner", "-Software=SECRET software",
    "-UserComment=SECRET comment", "-ImageUniqueID=SECRET id", "-HostComputer=SECRET host",
    "-XMP-xmpMM:DocumentID=SECRET document", "-XMP-aux:SerialNumber=SECRET body", "-XMP-xmp:CreatorTool=SECRET tool",
    "-XMP-exif:GPSLatitude=56.8389", "-XMP-mwg-rs:RegionName=SECRET face",
    "-XMP-xmpMM:HistorySoftwareAgent=SECRET agent",
]  # fmt: skip
IPTC_ONLY = ["-IPTC:OriginatingProgram=SECRET program", "-IPTC:Writer-Editor=SECRET writer"]


def picture(seed, size=(96, 64)):
    """Return a small picture with enough in it to be told from another."""
    chance = random.Random(seed)
    image = Image.new("RGB", size, tuple(chance.randrange(256) for _channel in range(3)))
    draw = ImageDraw.Draw(image)
    for _number in range(9):
        x, y = chance.randrange(size[0]), chance.randrange(size[1])
        colour = tuple(chance.randrange(256) for _channel in range(3))
        draw.ellipse((x - 14, y - 14, x + 14, y + 14), fill=colour)
    return image


def quarters():
    """Return red, green, blue and white quarters, so that any turn shows."""
    image = Image.new("RGB", (48, 32), "white")
    image.paste("red", (0, 0, 24, 16))
    image.paste("lime", (24, 0, 48, 16))
    image.paste("blue", (0, 16, 24, 32))
    return image


def write(name, image, *arguments, **save):
    """Write a picture and have exiftool fill it."""
    path = HERE / name
    path.unlink(missing_ok=True)
    form = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "avif": "AVIF"}[path.suffix[1:]]
    image.save(path, form, **save)
    if arguments:
        fill(path, *arguments)


def fill(path, *arguments):
    """Have exiftool write into a file."""
    subprocess.run(["exiftool", "-q", "-m", "-overwrite_original", *arguments, str(path)], check=True)


def thumbnail():
    """Return the path of an embedded preview that shows what was cut away."""
    path = Path("/tmp/newsroom-preview.jpg")
    stream = io.BytesIO()
    picture(99, (48, 32)).save(stream, "JPEG", comment=b"SECRET preview")
    path.write_bytes(stream.getvalue())
    return path


def agencies():
    """Write photos as agencies send them."""
    words = [
        "-IPTC:Caption-Abstract=Очередь у школы № 5, Екатеринбург.", "-IPTC:By-line=Иван Щукин",
        "-IPTC:Credit=EPA/TASS", "-IPTC:CopyrightNotice=© 2026 EPA", "-IPTC:Keywords=выборы", "-IPTC:Keywords=очередь",
        "-IPTC:City=Екатеринбург", "-IPTC:Country-PrimaryLocationName=Россия", "-IPTC:DateCreated=2026:03:04",
        "-IPTC:SpecialInstructions=NO ARCHIVE", *IPTC_ONLY, *BETRAYING, "-Comment=SECRET jpeg comment",
        f"-ThumbnailImage<={thumbnail()}",
    ]  # fmt: skip
    adobe = (ICC / "compatibleWithAdobeRGB1998.icc").read_bytes()
    write("iptc-utf8.jpg", picture(1), "-CodedCharacterSet=UTF8", *words, icc_profile=adobe)
    write("iptc-cp1251.jpg", picture(2), "-charset", "iptc=Cyrillic", *[word for word in words if "©" not in word])
    write(
        "iptc-latin1.jpg", picture(3), "-charset", "iptc=Latin",
        "-IPTC:Caption-Abstract=Café à Zürich, « ouvert ».", "-IPTC:By-line=José Núñez", "-IPTC:Credit=José Núñez/AFP",
        "-IPTC:CopyrightNotice=© 2026 Núñez", "-IPTC:City=Zürich", "-IPTC:DateCreated=2026:03:05", *BETRAYING,
    )  # fmt: skip


def editors():
    """Write photos as picture programs keep them: XMP, in every format."""
    words = [
        "-XMP-dc:Description=Паром уходит на рассвете.", "-XMP-dc:Creator=Ada Bren", "-XMP-photoshop:Credit=Reuters",
        "-XMP-dc:Rights=© Ada Bren", "-XMP-dc:Subject=ferry", "-XMP-dc:Subject=harbour", "-XMP-photoshop:City=Piraeus",
        "-XMP-photoshop:Country=Greece", "-XMP-photoshop:DateCreated=2026:03:06 05:06:07",
        "-XMP-iptcCore:AltTextAccessibility=A ferry with its lights on.", "-XMP-xmpRights:UsageTerms=Once only",
        "-XMP-xmpRights:WebStatement=https://example.org/licence", *BETRAYING,
    ]  # fmt: skip
    for seed, name in enumerate(("xmp.jpg", "xmp.png", "xmp.webp", "xmp.avif"), start=10):
        write(name, picture(seed), *words)
    source = Path("/tmp/newsroom-heic.png")
    picture(14).save(source)
    subprocess.run(["heif-enc", "-q", "60", "-o", str(HERE / "phone.heic"), str(source)], check=True)
    fill(HERE / "phone.heic", *words)


def cameras():
    """Write photos as cameras do: EXIF alone."""
    words = ["-ImageDescription=A harbour at dawn.", "-Artist=Ada Bren", "-Copyright=Ada Bren 2026"]
    write("exif.jpg", picture(20), *words, "-DateTimeOriginal=2026:03:07 08:09:10", *BETRAYING)
    camera = ["-ImageDescription=OLYMPUS DIGITAL CAMERA", "-DateTimeOriginal=0000:00:00 00:00:00"]
    write("exif-nothing-said.jpg", picture(21), *camera, *BETRAYING)
    for number in range(1, 9):
        image = quarters().transpose(TURNS[number]) if number > 1 else quarters()
        write(f"turned-{number}.jpg", image, f"-Orientation#={number}", *BETRAYING[:6], quality=90)
    screen = (ICC / "colord/BruceRGB.icc").read_bytes()
    write("screen.jpg", picture(22), icc_profile=screen)
    write("srgb.jpg", picture(23), icc_profile=(ICC / "sRGB.icc").read_bytes())


if __name__ == "__main__":
    agencies()
    editors()
    cameras()
