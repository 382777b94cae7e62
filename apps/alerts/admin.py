from django.contrib import admin

from apps.alerts.models import Alert, AlertEvent, Delivery, EscalationStep
from apps.core.read_only_admin import ReadOnlyAdmin


class AlertEventInline(admin.TabularInline):
    model = AlertEvent
    extra = 0
    can_delete = False


class EscalationStepInline(admin.TabularInline):
    model = EscalationStep
    extra = 0
    can_delete = False


@admin.register(Alert)
class AlertAdmin(ReadOnlyAdmin):
    """Alerts are answered on the ward board, by people who are named there."""

    list_display = ("patient", "pattern", "level", "status", "raised_at", "acknowledged_by", "outcome")
    list_filter = ("status", "level", "pattern", "outcome")
    list_select_related = ("patient", "acknowledged_by")
    inlines = (AlertEventInline, EscalationStepInline)


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    list_display = ("alert", "recipient", "channel", "due_at", "done_at", "cancelled_at")
    list_filter = ("channel",)
    list_select_related = ("alert", "recipient")
