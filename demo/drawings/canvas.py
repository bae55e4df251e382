"""The sheet a scene is drawn on: shapes, veils of grain, glows and the final print."""

from collections.abc import Sequence
from itertools import pairwise
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .geometry import Point, bounds, spline
from .palette import CREAM, INK, Colour

SCALE = 2
LANDSCAPE = (1620, 1080)
PORTRAIT = (1080, 1350)
GRAIN_SHARE = 0.3
RIM = 176  # value of Pillow's radial gradient where its circle meets the edges


class Canvas:
    """Draw in final pixels; edges are smoothed and paper grain added by `finish`."""

    def __init__(self, key: str, size: tuple[int, int] = LANDSCAPE):
        self.width, self.height = size
        self.random = Random(key)  # noqa: S311 - a picture, not a secret
        self.image = Image.new("RGB", (self.width * SCALE, self.height * SCALE), INK)
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        noise = self.random.randbytes(self.width * self.height)
        self.noise = Image.frombytes("L", size, noise)
        self.grains = self.noise.resize(self.image.size, Image.Resampling.NEAREST)

    # Flat shapes

    def polygon(self, points: Sequence[Point], colour: Colour, alpha: float = 1) -> None:
        """Fill a polygon."""
        self.pen.polygon(_scaled(points), fill=_ink(colour, alpha))

    def blob(self, points: Sequence[Point], colour: Colour, alpha: float = 1) -> None:
        """Fill the smooth closed curve through the points."""
        self.polygon(spline(points, closed=True), colour, alpha)

    def rectangle(
        self,
        left: float,
        top: float,
        right: float,
        bottom: float,
        colour: Colour,
        alpha: float = 1,
        radius: float = 0,
    ) -> None:
        """Fill a rectangle, with rounded corners if a radius is given."""
        if right <= left or bottom <= top:
            return
        box = [left * SCALE, top * SCALE, right * SCALE - 1, bottom * SCALE - 1]
        if radius:
            self.pen.rounded_rectangle(box, radius * SCALE, fill=_ink(colour, alpha))
        else:
            self.pen.rectangle(box, fill=_ink(colour, alpha))

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float = 1) -> None:
        """Fill an ellipse given by its centre and radii."""
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.pen.ellipse(box, fill=_ink(colour, alpha))

    def ring(
        self, x: float, y: float, rx: float, ry: float, width: float, colour: Colour, *,
        alpha: float = 1, start: float = 0, end: float = 360,
    ) -> None:  # fmt: skip
        """Draw an arc of an ellipse, clockwise from start to end in degrees from the right."""
        box = [(x - rx) * SCALE, (y - ry) * SCALE, (x + rx) * SCALE, (y + ry) * SCALE]
        self.pen.arc(box, start, end, fill=_ink(colour, alpha), width=round(width * SCALE))

    def line(self, points: Sequence[Point], width: float, colour: Colour, alpha: float = 1) -> None:
        """Draw a polyline with square ends."""
        stroke = max(1, round(width * SCALE))
        self.pen.line(_scaled(points), fill=_ink(colour, alpha), width=stroke, joint="curve")

    def stroke(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """Draw a smooth brush stroke with round ends through the points."""
        self.line(spline(points, closed=False), width, colour)
        for x, y in (points[0], points[-1]):
            self.ellipse(x, y, width / 2, width / 2, colour)

    # Veils and light

    def ramp(
        self,
        stops: Sequence[tuple[float, Colour]],
        box: tuple[float, float, float, float] | None = None,
    ) -> None:
        """Fill a box, or the sheet, with a vertical gradient through (share, colour) stops."""
        left, top, right, bottom = box or (0, 0, self.width, self.height)
        height = max(1, round((bottom - top) * SCALE))
        strip = Image.new("RGB", (1, 512))
        pen = ImageDraw.Draw(strip)
        for row in range(512):
            pen.point((0, row), _at(stops, row / 511))
        strip = strip.resize((1, height), Image.Resampling.BILINEAR)
        width = max(1, round((right - left) * SCALE))
        self.image.paste(
            strip.resize((width, height), Image.Resampling.NEAREST),
            (round(left * SCALE), round(top * SCALE)),
        )

    def shade(
        self,
        points: Sequence[Point],
        colour: Colour,
        start: float,
        end: float,
        *,
        across: bool = False,
    ) -> None:
        """Lay a grainy veil over a polygon, its opacity running from start to end."""
        left, top, right, bottom = (round(v * SCALE) for v in bounds(points))
        size = (max(1, right - left), max(1, bottom - top))
        gradient = Image.linear_gradient("L")
        if across:
            gradient = gradient.transpose(Image.Transpose.ROTATE_90)
        gradient = gradient.point([round(255 * (start + (end - start) * v / 255)) for v in range(256)])
        veil = self._grainy(gradient.resize(size, Image.Resampling.BILINEAR), left, top)
        shape = Image.new("L", size)
        outline = [(x * SCALE - left, y * SCALE - top) for x, y in points]
        ImageDraw.Draw(shape).polygon(outline, fill=255)
        self.image.paste(colour, (left, top), ImageChops.multiply(veil, shape))

    def veil(
        self, left: float, top: float, right: float, bottom: float, colour: Colour,
        start: float, end: float, *, across: bool = False,
    ) -> None:  # fmt: skip
        """Lay a grainy veil over a rectangle."""
        corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
        self.shade(corners, colour, start, end, across=across)

    def mist(self, y: float, reach: float, colour: Colour, alpha: float) -> None:
        """Lay a band of mist across the sheet, densest at y."""
        self.veil(0, y - reach, self.width, y, colour, 0, alpha)
        self.veil(0, y, self.width, y + reach, colour, alpha, 0)

    def glow(self, x: float, y: float, rx: float, ry: float, colour: Colour, alpha: float) -> None:
        """Lay a round grainy light that fades out towards its radii."""
        left, top = round((x - rx) * SCALE), round((y - ry) * SCALE)
        size = (max(2, round(rx * 2 * SCALE)), max(2, round(ry * 2 * SCALE)))
        falloff = [round(255 * alpha * (max(0, 1 - v / RIM)) ** 1.4) for v in range(256)]
        light = Image.radial_gradient("L").point(falloff)
        light = light.resize(size, Image.Resampling.BILINEAR)
        self.image.paste(colour, (left, top), self._grainy(light, left, top))

    def soft(self, points: Sequence[Point], colour: Colour, alpha: float, blur: float) -> None:
        """Fill a polygon with blurred edges, as for smoke and cast shadows."""
        left, top, right, bottom = bounds(points)
        left, top = left - blur * 2, top - blur * 2
        size = (round((right - left + blur * 2) / 4), round((bottom - top + blur * 2) / 4))
        shape = Image.new("L", size)
        outline = [((x - left) / 4, (y - top) / 4) for x, y in points]
        ImageDraw.Draw(shape).polygon(outline, fill=round(255 * alpha))
        shape = shape.filter(ImageFilter.GaussianBlur(blur / 4))
        shape = shape.resize((size[0] * 4 * SCALE, size[1] * 4 * SCALE), Image.Resampling.BILINEAR)
        corner = (round(left * SCALE), round(top * SCALE))
        self.image.paste(colour, corner, self._grainy(shape, *corner))

    def reflect(self, y: float, depth: float, colour: Colour, tint: float, ripple: float) -> None:
        """Mirror what stands above y into the water below it, tinted and broken by ripples."""
        rows, line = round(depth * SCALE), round(y * SCALE)
        above = self.image.crop((0, line - rows, self.image.width, line))
        mirror = Image.blend(
            above.transpose(Image.Transpose.FLIP_TOP_BOTTOM), Image.new("RGB", above.size, colour), tint
        )
        water = mirror.copy()
        top = 0
        while top < rows:
            band = round((2 + 7 * top / rows) * SCALE)
            strip = mirror.crop((0, top, mirror.width, top + band))
            shift = self.random.gauss(0, 1) * ripple * SCALE * (0.4 + top / rows)
            water.paste(strip, (round(shift), top))
            top += band
        fade = Image.linear_gradient("L").point([min(255, round((255 - v) * 3)) for v in range(256)])
        self.image.paste(water, (0, line), fade.resize(water.size, Image.Resampling.BILINEAR))

    def finish(self) -> Image.Image:
        """Return the printed picture: edges smoothed, corners weighted, grain of the paper."""
        image = self.image.reduce(SCALE)
        corners = Image.radial_gradient("L").resize(image.size, Image.Resampling.BILINEAR)
        image.paste(INK, (0, 0), corners.point([round(max(0, v - 120) * 0.5) for v in range(256)]))
        tint = Image.new("RGB", image.size, CREAM)
        image = Image.blend(image, ImageChops.multiply(image, tint), 0.5)
        fine = self.noise.filter(ImageFilter.GaussianBlur(0.7))
        coarse = self.noise.reduce(4).resize(image.size, Image.Resampling.BICUBIC)
        paper = Image.blend(fine, coarse, 0.4).point([round(128 + (v - 127) * 0.5) for v in range(256)])
        return ImageChops.soft_light(image, Image.merge("RGB", (paper, paper, paper)))

    def _grainy(self, veil: Image.Image, left: int, top: int) -> Image.Image:
        """Break a smooth veil up into grains, so that light looks sprayed on."""
        noise = self.grains.crop((left, top, left + veil.width, top + veil.height))
        speckle = ImageChops.subtract(veil, noise).point([0] + [255] * 255)
        return Image.blend(veil, speckle, GRAIN_SHARE)


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def _ink(colour: Colour, alpha: float) -> tuple[int, int, int, int]:
    return (*colour, round(alpha * 255))


def _at(stops: Sequence[tuple[float, Colour]], share: float) -> Colour:
    """Return the colour of a gradient at a share of its length."""
    for (low, first), (high, second) in pairwise(stops):
        if share <= high:
            part = max(0, (share - low) / (high - low))
            return tuple(round(a + (b - a) * part) for a, b in zip(first, second, strict=True))
    return stops[-1][1]
