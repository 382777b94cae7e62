"""The patient and somebody who is with them say different things of the same day. Who is getting confused often
does not notice it, so that the difference itself is worth a look (issue: two grades or more on orientation, sleep
or behaviour). It says nothing of who is right and lowers nothing."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from apps.alerts.patterns import DISAGREEMENT
from apps.rules.catalogue import Catalogue
from apps.rules.types import Facts, Hit, Level, LogFacts, Matched, Reporter

WITHIN_HOURS = 24.0
"""Both reports speak of the same day: project choice."""
GRADES = 2
"""Issue and product: two steps of the five."""
ASKED = (
    "confusion", "disorientation", "inattention", "insomnia", "agitation", "restlessness", "irritability",
    "aggression", "delusions", "visual_hallucinations", "auditory_hallucinations",
)  # fmt: skip
"""Orientation, sleep and behaviour, as far as both are asked: project choice of codes."""


def find_disagreement(facts: Facts, catalogue: Catalogue) -> Hit | None:
    """Of the newest answers of each that lie no more than a day apart and before now; None where they agree."""
    found = [
        match for code in ASKED if code in catalogue.symptoms for match in _differences(facts, catalogue, code)
    ]
    if not found:
        return None
    return Hit(
        rule_id="REPORTERS-DIFFER",
        pattern=DISAGREEMENT,
        level=Level.WATCH,
        because=_(
            "The patient and a carer differ by two grades or more. Whoever is confused may not notice it: "
            "look for yourself."
        ),
        matched=tuple(found),
        missing=(),
        source=("PROJECT",),
        tag="project choice",
    )


def _differences(facts: Facts, catalogue: Catalogue, code: str) -> Iterator[Matched]:
    own, others = _newest(facts, Reporter.PATIENT, code), _newest(facts, Reporter.CARER, code)
    if own is None or others is None or abs(own.t - others.t) > WITHIN_HOURS:
        return
    said, seen = own.answers[code], others.answers[code]
    if not isinstance(said, int) or not isinstance(seen, int) or abs(said - seen) < GRADES:
        return
    symptom = catalogue.symptoms[code]
    yield Matched(
        code,
        symptom.clinical_label,
        _("patient %(said)s, carer %(seen)s") % {"said": said, "seen": seen},
        _("%(grades)s grades apart") % {"grades": GRADES},
        max(own, others, key=lambda log: log.t).id,
        max(own.t, others.t),
    )


def _newest(facts: Facts, reporter: Reporter, code: str) -> LogFacts | None:
    """The newest graded answer of this reporter within a day of now."""
    logs = [
        log
        for log in facts.logs
        if log.reporter == reporter
        and facts.t - WITHIN_HOURS <= log.t <= facts.t
        and type(log.answers.get(code)) is int
    ]
    return max(logs, key=lambda log: log.t, default=None)
