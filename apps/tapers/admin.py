from django.contrib import admin

from apps.core.read_only_admin import ReadOnlyAdmin
from apps.tapers.models import Dose, PlanVersion, PumpEvent, SupplyEvent, TaperStep


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
