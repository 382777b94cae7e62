"""The web application: `granian --interface wsgi apps.config.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

from apps.config.database import PROCESS_KIND

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
os.environ.setdefault(PROCESS_KIND, "web")

application = get_wsgi_application()
