from django.contrib import admin

from apps.core.read_only_admin import ReadOnlyAdmin
from apps.tapers.models import (
    Dose,
    GuardRailSetting,
    PlanProposal,
    PlanSignature,
    PlanVersion,
    Product,
    PumpDates,
    PumpEvent,
    StepRelease,
    SupplyCount,
    SupplyEvent,
    TaperStep,
)


class TaperStepInline(admin.TabularInline):
    model = TaperStep
    extra = 0
    can_delete = False


@admin.register(PlanVersion)
class PlanVersionAdmin(ReadOnlyAdmin):
    list_display = ("plan", "number", "kind", "effective_at", "author")
    list_filter = ("kind",)
    list_select_related = ("plan__patient", "author")
    inlines = (TaperStepInline,)


@admin.register(PlanProposal)
class PlanProposalAdmin(ReadOnlyAdmin):
    list_display = ("patient", "kind", "author", "proposed_at", "version", "withdrawn_at")
    list_filter = ("kind",)
    list_select_related = ("patient", "author", "version__plan__patient")


@admin.register(PlanSignature, StepRelease)
class SigningAdmin(ReadOnlyAdmin):
    list_display = ("version", "by", "at")
    list_select_related = ("version__plan__patient", "by")


@admin.register(Product)
class ProductAdmin(admin.ModelAdmin):
    """A setting of the site. A product that a plan once used stays: it is set aside, not deleted."""

    list_display = ("name", "route", "form", "strength", "smallest_part", "is_active", "note")
    list_filter = ("route", "form", "is_active")

    def has_delete_permission(self, request: object, obj: object = None) -> bool:
        return False


@admin.register(GuardRailSetting)
class GuardRailSettingAdmin(admin.ModelAdmin):
    """A limit of this site in place of the one that comes with the product, and on whose word."""

    list_display = ("code", "limit", "source")


@admin.register(Dose)
class DoseAdmin(ReadOnlyAdmin):
    list_display = ("patient", "route", "due_at", "status", "taken_at", "reporter")
    list_filter = ("status", "route")
    list_select_related = ("patient",)


@admin.register(PumpEvent, SupplyEvent)
class SupplyAdmin(ReadOnlyAdmin):
    list_display = ("patient", "kind", "occurred_at", "recorded_at", "ended_at")
    list_filter = ("kind",)
    list_select_related = ("patient",)


@admin.register(PumpDates)
class PumpDatesAdmin(ReadOnlyAdmin):
    list_display = ("patient", "refill_due_on", "low_reservoir_on", "service_ends_on", "recorded_at")
    list_select_related = ("patient",)


@admin.register(SupplyCount)
class SupplyCountAdmin(ReadOnlyAdmin):
    list_display = ("patient", "amount", "counted_at", "recorded_at")
    list_select_related = ("patient",)
