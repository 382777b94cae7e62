from django.contrib import admin

from apps.core.read_only_admin import ReadOnlyAdmin
from apps.symptoms.models import Baseline, SymptomLog


@admin.register(SymptomLog)
class SymptomLogAdmin(ReadOnlyAdmin):
    list_display = ("patient", "observed_at", "recorded_at", "reporter", "catalogue_version")
    list_filter = ("reporter", "channel", "is_canary")
    date_hierarchy = "observed_at"
    list_select_related = ("patient",)


@admin.register(Baseline)
class BaselineAdmin(ReadOnlyAdmin):
    list_display = ("patient", "recorded_at", "recorded_by")
    list_select_related = ("patient", "recorded_by")
