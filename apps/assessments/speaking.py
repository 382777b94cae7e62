"""Which of several assessments speaks for a log: that by the version put in force last (whatever its name), and of
those the one asked for last, in whatever order two workers finished."""

from django.db.models import F, Max, OuterRef, QuerySet, Subquery

from apps.assessments.models import Assessment, CatalogueActivation

SPEAKS_FIRST = """(select max(c.number) from assessments_catalogueactivation c
            where c.version = a.catalogue_version) desc nulls last,
        a.catalogue_version desc, a.generation desc, a.assessed_at desc"""
"""The same order in SQL, of an assessment called `a`."""


def speaking_first(rows: QuerySet[Assessment]) -> QuerySet[Assessment]:
    """Of each log, the assessment that speaks for it stands before the others."""
    activated = (
        CatalogueActivation.objects.filter(version=OuterRef("catalogue_version")).order_by().values("version")
    )
    number = Subquery(activated.annotate(last=Max("number")).values("last"))
    return rows.annotate(activation=number).order_by(
        F("activation").desc(nulls_last=True), "-catalogue_version", "-generation", "-assessed_at"
    )
