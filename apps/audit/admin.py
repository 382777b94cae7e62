from django.contrib import admin

from apps.audit.models import AuditEvent
from apps.core.read_only_admin import ReadOnlyAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "type", "actor_id", "actor_role", "subject_type", "patient_id")
    list_filter = ("type", "actor_role")
    date_hierarchy = "at"
    search_fields = ("=actor_id", "=patient_id", "=subject_id")
