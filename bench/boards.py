"""A nurse signed in at a simulated ward, in the database of the settings."""

import re
from uuid import uuid4

import django

django.setup()

from django.db import connection  # noqa: E402
from django.db.models import Count  # noqa: E402
from django.test import Client as Browser  # noqa: E402
from django.utils import timezone  # noqa: E402

from apps.accounts.models import User  # noqa: E402
from apps.alerts.models import Alert  # noqa: E402
from apps.monitoring.intake import submit_symptom_log  # noqa: E402
from apps.monitoring.pipeline import assess_owed  # noqa: E402
from apps.patients.models import Stay  # noqa: E402
from apps.symptoms.models import Reporter  # noqa: E402
from apps.wards.models import Job, Membership, Ward  # noqa: E402


class Desk:
    """Each way of asking answers how many bytes came."""

    def __init__(self, browser: Browser, ward: Ward) -> None:
        self.browser, self.board = browser, f"/ward/{ward.pk}/"
        page = browser.get(self.board).content
        self.rows = page.count(b'class="tb-row ')
        self.version = _version(page)
        self.alerts = Alert.objects.exclude(status=Alert.Status.RESOLVED).count()
        if not self.rows:
            raise RuntimeError("the board shows nobody")

    def changed(self) -> int:
        return self._get(self.board, 200)

    def unchanged(self) -> int:
        answer = self.browser.get(self.board, {"v": self.version}, headers={"HX-Request": "true"})
        if answer.status_code == 200:
            # Something ran out meanwhile: as htmx would, ask with the new one.
            self.version = _version(answer.content)
        return len(answer.content)

    def floor(self) -> int:
        """One ward: straight on to its board."""
        return self._get("/ward/", 302)

    def _get(self, address: str, status: int) -> int:
        answer = self.browser.get(address, headers={"HX-Request": "true"})
        if answer.status_code != status:
            raise RuntimeError(f"{address} answered {answer.status_code}")
        return len(answer.content)

    def close(self) -> None:
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]


def _open_alerts(ward: Ward, nurse: User) -> None:
    """Of every second patient: a bad evening."""
    at = timezone.now()
    for stay in Stay.objects.filter(ward=ward, discharged_at=None).select_related("patient")[::2]:
        taken = submit_symptom_log(
            patient=stay.patient,
            by=nurse,
            reporter=Reporter.STAFF,
            at=at,
            client_id=uuid4(),
            observed_at=at,
            answers={"visual_hallucinations": 3, "confusion": 2, "agitation": 3, "severe_rigidity": 2},
            vital_signs={},
            channel="ward",
        )
        assess_owed([taken.log.pk], at)


def _version(page: bytes) -> str:
    named = re.search(rb"[?]v=(\w+)", page)
    if named is None:
        raise RuntimeError("the board does not say which version it is")
    return named[1].decode()


def nurse_at_the_busiest_ward() -> Desk:
    at = timezone.now()
    ward = Ward.objects.annotate(beds=Count("stays")).order_by("-beds")[0]
    nurse = User.objects.create_user("bench-nurse", "never-typed-here", display_name="Bench", role=User.Role.STAFF)
    Membership.objects.create(ward=ward, user=nurse, job=Job.NURSE, started_at=at)
    _open_alerts(ward, nurse)
    browser = Browser(headers={"Host": "127.0.0.1"})
    browser.force_login(nurse)
    return Desk(browser, ward)
