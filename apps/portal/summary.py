"""What fits on one printed page."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models.functions import Coalesce

from apps.patients.models import Patient
from apps.portal.fortnight import Fortnight
from apps.portal.strips import SLIM_HEIGHT, Picture, Strip, picture
from apps.tapers.models import Dose

MOST_DOSES = 6
MOST_STRIPS = 16
"""Strips for which there is room beside the rest; the other signs are named with their words."""


@dataclass(frozen=True, slots=True)
class OnePage:
    picture: Picture
    strips: tuple[Strip, ...]
    """Signs of danger first."""
    others: tuple[Strip, ...]
    """Also there, and not drawn."""


def one_page(shown: Fortnight, *, from_right: bool) -> OnePage:
    drawn = picture(shown, from_right=from_right, height=SLIM_HEIGHT)
    return OnePage(drawn, drawn.there[:MOST_STRIPS], drawn.there[MOST_STRIPS:])


def last_doses(patient: Patient, at: datetime) -> list[Dose]:
    """The newest of which somebody told, by when they were taken or due."""
    told = Dose.objects.in_force().filter(patient=patient).annotate(moment=Coalesce("taken_at", "due_at"))
    return list(told.filter(moment__lte=at).order_by("-moment")[:MOST_DOSES])
