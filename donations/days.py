"""Days of the month, as plans count them."""

import calendar
import datetime


def after_months(day, months, *, anchor):
    """Return the day `months` later, on the anchor's day of the month or the last one that the month has."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return datetime.date(year, month + 1, min(anchor, calendar.monthrange(year, month + 1)[1]))
