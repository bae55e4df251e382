"""When each scheduled job last ran."""

from django.db import models


class ScheduleRun(models.Model):
    """The last run of a job in `newsroom.schedules`; claimed by a conditional update, so each run happens once."""

    name = models.CharField(max_length=100, unique=True)
    last_run_at = models.DateTimeField()
    failed_at = models.DateTimeField(null=True)

    def __str__(self):
        return self.name
