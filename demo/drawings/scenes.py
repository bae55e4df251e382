"""Every scene under its photo key."""

from collections.abc import Callable

from . import (
    scenes_culture,
    scenes_law,
    scenes_money,
    scenes_power,
    scenes_press,
    scenes_rooms,
    scenes_shore,
    scenes_street,
    scenes_work,
)
from .canvas import Canvas

SCENES: dict[str, Callable[[Canvas], None]] = {
    **scenes_power.SCENES,
    **scenes_street.SCENES,
    **scenes_law.SCENES,
    **scenes_shore.SCENES,
    **scenes_press.SCENES,
    **scenes_work.SCENES,
    **scenes_money.SCENES,
    **scenes_rooms.SCENES,
    **scenes_culture.SCENES,
}
