"""Points, curves and outlines in the plane of the sheet."""

from collections.abc import Sequence
from math import cos, pi, sin

Point = tuple[float, float]


def spline(points: Sequence[Point], *, closed: bool, steps: int = 8) -> list[Point]:
    """Return the Catmull-Rom curve through the points as a polyline."""
    count = len(points)
    if count < 3:
        return list(points)
    curve = []
    for index in range(count if closed else count - 1):
        near = [_neighbour(points, index + offset, closed=closed) for offset in (-1, 0, 1, 2)]
        curve += [_between(*near, step / steps) for step in range(steps)]
    return curve if closed else [*curve, points[-1]]


def bounds(points: Sequence[Point]) -> tuple[float, float, float, float]:
    """Return the left, top, right and bottom edge of a set of points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 24) -> list[Point]:
    """Return points along an ellipse, clockwise from start to end in degrees from the right."""
    angles = [(start + (end - start) * step / steps) * pi / 180 for step in range(steps + 1)]
    return [(x + rx * cos(angle), y + ry * sin(angle)) for angle in angles]


def lerp(first: float, second: float, share: float) -> float:
    """Return the number lying `share` of the way from first to second."""
    return first + (second - first) * share


def _neighbour(points: Sequence[Point], index: int, *, closed: bool) -> Point:
    if closed:
        return points[index % len(points)]
    return points[min(max(index, 0), len(points) - 1)]


def _between(before: Point, start: Point, end: Point, after: Point, share: float) -> Point:
    """Return the point of a Catmull-Rom segment at a share of its way."""
    return tuple(
        0.5 * (2 * b + (c - a) * share + (2 * a - 5 * b + 4 * c - d) * share**2 + (3 * b - a - 3 * c + d) * share**3)
        for a, b, c, d in zip(before, start, end, after, strict=True)
    )
