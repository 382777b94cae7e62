from datetime import datetime

from apps.accounts.models import User
from apps.wards.models import Duty, Job, Ward


def people_of_ward(ward: Ward) -> list[User]:
    """Everybody who works there and can sign in, on shift or not. In a fixed order."""
    members = User.objects.filter(is_active=True, memberships__ward=ward, memberships__ended_at=None)
    return list(members.distinct().order_by("display_name", "id"))


def people_on_duty(*, ward: Ward, job: Job | str, at: datetime) -> list[User]:
    """Who of this job is on shift there now, can sign in, and still works on the ward. In a fixed order."""
    now = Duty.objects.current(at).filter(ward=ward, job=job)
    return list(
        User.objects.filter(is_active=True, duties__in=now, memberships__ward=ward, memberships__ended_at=None)
        .distinct()
        .order_by("display_name", "id")
    )
