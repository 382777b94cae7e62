"""Limits beyond which a plan needs a second clinician. They stand between a slip of the pen and a patient; which
taper is right for whom they do not say.

Each limit has a source and a tag as in the catalogue of rules, and may be set by the site. Numbers come from
docs/evidence.md and the working rules for abrupt stops; none is made up here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

PUBLISHED, PROJECT, SITE = "published", "project choice", "site setting"


@dataclass(frozen=True, slots=True)
class GuardRail:
    """`limit`: a part of the dose (0 to 1) or days, None where the thing itself is refused."""

    code: str
    title: str | Promise
    limit: Decimal | None
    source: str
    tag: str
    is_refusal: bool = True
    """False: shown, and nobody is held up."""


GUARD_RAILS = {
    rail.code: rail
    for rail in (
        GuardRail(
            "abrupt_stop",
            gettext_lazy("Abrupt stop"),
            None,
            "FDA 2002 boxed warning; US oral label 5.1: abrupt discontinuation",
            PUBLISHED,
        ),
        GuardRail(
            "gap_in_plan",
            gettext_lazy("A gap without baclofen in the middle of the plan"),
            None,
            "as an abrupt stop",
            PUBLISHED,
        ),
        GuardRail(
            "step_above_limit",
            gettext_lazy("One step takes too large a part of the dose"),
            Decimal("0.33"),
            "docs/rules.md, abrupt stop: a cut by a third or more; same-night symptoms after a one-third cut",
            PROJECT,
        ),
        GuardRail(
            "large_step",
            gettext_lazy("A large step"),
            Decimal("0.25"),
            "docs/rules.md, abrupt stop: a planned step of a quarter or more is watched",
            PROJECT,
            is_refusal=False,
        ),
        GuardRail(
            "dose_rises",
            gettext_lazy("The dose rises"),
            None,
            "a taper lowers the dose; a slip of the pen, or mg for microgram, is seen here",
            PROJECT,
            is_refusal=False,
        ),
        GuardRail(
            "week_above_limit",
            gettext_lazy("Seven days take too large a part of the dose"),
            Decimal("0.5"),
            "Ottawa long-stay protocol: halving each week succeeded in most of 26 monitored patients",
            PROJECT,
        ),
        GuardRail(
            "plan_too_short",
            gettext_lazy("The taper is too short"),
            Decimal(7),
            "UK Committee on Safety of Medicines, through secondary pages: one to two weeks or longer",
            PUBLISHED,
        ),
    )
}


def with_site_limits(settings: Mapping[str, tuple[Decimal, str]]) -> dict[str, GuardRail]:
    """The guard rails with what this site has set: code -> (limit, source)."""
    found = dict(GUARD_RAILS)
    for code, (limit, source) in settings.items():
        if code in found:
            found[code] = replace(found[code], limit=limit, source=source, tag=SITE)
    return found
