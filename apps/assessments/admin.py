from django.contrib import admin

from apps.assessments.models import Assessment, CatalogueActivation, ShadowRun
from apps.core.read_only_admin import ReadOnlyAdmin


@admin.register(Assessment)
class AssessmentAdmin(ReadOnlyAdmin):
    list_display = ("patient", "log", "level", "score", "exposed", "catalogue_version", "assessed_at")
    list_filter = ("level", "catalogue_version")
    list_select_related = ("patient", "log__patient")


@admin.register(CatalogueActivation)
class CatalogueActivationAdmin(ReadOnlyAdmin):
    list_display = ("number", "version", "activated_at", "activated_by", "reason")
    list_select_related = ("activated_by",)


@admin.register(ShadowRun)
class ShadowRunAdmin(ReadOnlyAdmin):
    list_display = ("version", "sha256", "since", "until", "ward", "made_at", "made_by")
    list_filter = ("version",)
    list_select_related = ("ward", "made_by")
