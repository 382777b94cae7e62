"""The web application: `granian --interface wsgi apps.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import resolve

from apps.config.database import PROCESS_KIND

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
os.environ.setdefault(PROCESS_KIND, "web")

application = get_wsgi_application()
# Loads every door now: the first nurse of the day must not wait for it.
resolve("/")
