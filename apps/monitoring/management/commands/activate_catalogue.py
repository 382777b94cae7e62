from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from apps.accounts.models import User
from apps.assessments.active import REFRESH_SECONDS
from apps.core.errors import DomainError
from apps.monitoring.putting_in_force import put_in_force


class Command(BaseCommand):
    help = "Put a published version of the catalogue in force. The act is recorded with its author and reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("version")
        parser.add_argument("--by", required=True, help="user name of who decides it")
        parser.add_argument("--reason", required=True)

    def handle(self, *args: Any, version: str, by: str, reason: str, **options: Any) -> None:
        user = User.objects.filter(username=by).first()
        if user is None:
            raise CommandError(f"nobody is called “{by}” here")
        try:
            done = put_in_force(version=version, by=user, reason=reason, at=timezone.now())
        except DomainError as refusal:
            raise CommandError(refusal.message) from refusal
        self.stdout.write(
            f"{done.version} (sha256 {done.sha256}) is in force, by {user.display_name}. "
            f"Every process follows within {REFRESH_SECONDS:g} seconds."
        )
