"""Which versions of the rules there are, which is in force, and who put it in force and why."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from apps.accounts.models import User
from apps.assessments.activation import may_activate
from apps.assessments.active import active_version, forget_active
from apps.assessments.models import CatalogueActivation, ShadowRun
from apps.rules.publishing import Listed, list_catalogues


@dataclass(frozen=True, slots=True)
class VersionLine:
    listed: Listed
    is_in_force: bool
    activated: CatalogueActivation | None
    """Its last activation."""
    tried_at: datetime | None
    """When these very bytes were last tried in shadow mode."""

    @property
    def may_be_chosen(self) -> bool:
        return self.listed.is_published and not self.is_in_force


@dataclass(frozen=True, slots=True)
class CataloguePage:
    in_force: str
    activation: CatalogueActivation | None
    """The newest; None: the setting of this installation says what is in force."""
    is_unusable: bool
    """The newest activation names what this release cannot use, so that it goes by one before."""
    versions: tuple[VersionLine, ...]
    history: tuple[CatalogueActivation, ...]
    may_activate: bool

    @property
    def seen(self) -> int:
        """What a decision that is made on this page rests on."""
        return self.activation.number if self.activation else 0

    @property
    def published(self) -> tuple[str, ...]:
        return tuple(line.listed.version for line in self.versions if line.listed.is_published)

    @property
    def choices(self) -> tuple[str, ...]:
        return tuple(line.listed.version for line in self.versions if line.may_be_chosen)


def catalogue_page(user: User) -> CataloguePage:
    """Read anew, whatever this process remembers: a page on which somebody decides is never seconds old."""
    forget_active()
    in_force = active_version()
    history = tuple(CatalogueActivation.objects.select_related("activated_by"))
    newest = history[0] if history else None
    return CataloguePage(
        in_force=in_force,
        activation=newest,
        is_unusable=newest is not None and not _is_used(newest, in_force),
        versions=tuple(_lines(in_force, history)),
        history=history,
        may_activate=may_activate(user),
    )


def _is_used(newest: CatalogueActivation, in_force: str) -> bool:
    return newest.version == in_force and any(
        listed.version == in_force and listed.sha256 == newest.sha256 for listed in list_catalogues()
    )


def _lines(in_force: str, history: Iterable[CatalogueActivation]) -> Iterable[VersionLine]:
    last: dict[str, CatalogueActivation] = {}
    for activation in history:
        last.setdefault(activation.version, activation)
    tried = dict(ShadowRun.objects.order_by().values_list("sha256").annotate(last=Max("made_at")))
    newest_name_first = sorted(
        list_catalogues(), key=lambda listed: (not listed.fault, listed.version), reverse=True
    )
    for listed in newest_name_first:
        yield VersionLine(
            listed=listed,
            is_in_force=listed.version == in_force,
            activated=last.get(listed.version),
            tried_at=tried.get(listed.sha256),
        )
