"""The site's own tables."""

from newsroom.models.count import DailyCount
from newsroom.models.edition import Edition
from newsroom.models.emergency import Emergency
from newsroom.models.mirror import Mirror
from newsroom.models.observation import Observation
from newsroom.models.rate import RateCount
from newsroom.models.schedule import ScheduleRun
from newsroom.models.sealing import SealingKey
from newsroom.models.session import StaffSession
from newsroom.models.staff import StaffAction
from newsroom.models.user import User

__all__ = [
    "DailyCount",
    "Edition",
    "Emergency",
    "Mirror",
    "Observation",
    "RateCount",
    "ScheduleRun",
    "SealingKey",
    "StaffAction",
    "StaffSession",
    "User",
]
