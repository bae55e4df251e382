from django.conf import settings
from django.db import migrations, models

from newsroom.expanding import AddIndexConcurrently


class Migration(migrations.Migration):
    # Indexes of a large table are made while others write to it.
    atomic = False

    dependencies = [
        ("articles", "0016_live_ended"),
        ("newsroom", "0008_emergency"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="article",
            index=models.Index(
                fields=["section", "state", "-published_at", "-id", "expires_at", "embargo_until"],
                name="article_section_public",
            ),
        ),
        AddIndexConcurrently(
            model_name="article",
            index=models.Index(
                condition=models.Q(("expires_at__isnull", False)),
                fields=["state", "expires_at"],
                name="article_expiring",
            ),
        ),
        AddIndexConcurrently(
            model_name="article",
            index=models.Index(
                condition=models.Q(("embargo_until__isnull", False)),
                fields=["state", "embargo_until"],
                name="article_embargoed",
            ),
        ),
        migrations.RemoveIndex(model_name="article", name="article_section_newest"),
    ]
