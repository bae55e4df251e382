"""The settings of a site under faults: mail goes to a real mail server, and one that hangs is waited for briefly."""

import datetime
import os
from pathlib import Path

from django.utils import timezone

from newsroom.settings import *  # noqa: F403

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_TIMEOUT = 2


def _jumping(now):
    """Return a clock that goes as far wrong as the file FAULTS_CLOCK says, in seconds."""
    file = Path(os.environ["FAULTS_CLOCK"])

    def wrong():
        return now() + datetime.timedelta(seconds=int(file.read_text() or 0) if file.exists() else 0)

    return wrong


timezone.now = _jumping(timezone.now)
