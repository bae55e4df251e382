"""The WSGI entry point for the production server."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "newsroom.settings")
# Readers wait for what this process asks the database (DATABASE_SECONDS).
os.environ.setdefault("NEWSROOM_PROCESS", "web")
django_application = get_wsgi_application()

from newsroom.shortcut import Shortcut  # noqa: E402 - it reads settings

application = Shortcut(django_application)
