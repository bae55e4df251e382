"""Drawn pictures for the demo title, one for each photo key."""

from PIL import Image

from .canvas import LANDSCAPE, PORTRAIT, Canvas
from .scenes import SCENES

KEYS: tuple[str, ...] = tuple(SCENES)

_PORTRAITS = frozenset({"portrait-woman-window", "rope-factory", "prison-wall"})


def draw(key: str) -> Image.Image:
    """Return the picture of a key in RGB, the same pixels at every call; KeyError if unknown."""
    scene = SCENES[key]
    canvas = Canvas(key, PORTRAIT if key in _PORTRAITS else LANDSCAPE)
    scene(canvas)
    return canvas.finish()
