"""Patterns that no catalogue lists: they are about the watching itself, not about what a patient has."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NOT_ASSESSED = "not_assessed"
SILENCE = "silence"
RECOVERY = "recovery"
SUPPLY = "supply"
DISAGREEMENT = "disagreement"

LABELS: Mapping[str, Promise] = {
    NOT_ASSESSED: _("Could not be assessed: read the log"),
    SILENCE: _("Not heard from: contact the person"),
    RECOVERY: _("Not better since baclofen was given again"),
    SUPPLY: _("Supply of baclofen runs out"),
    DISAGREEMENT: _("Patient and carer say different things: look for yourself"),
}
