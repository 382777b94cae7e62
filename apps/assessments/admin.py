from django.contrib import admin

from apps.assessments.models import Assessment
from apps.core.read_only_admin import ReadOnlyAdmin


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = ("patient", "log", "level", "score", "exposed", "catalogue_version", "assessed_at")
    list_filter = ("level", "catalogue_version")
    list_select_related = ("patient", "log__patient")
