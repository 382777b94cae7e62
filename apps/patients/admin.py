from django.contrib import admin

from apps.core.read_only_admin import KeptAdmin
from apps.patients.models import Carer, Patient, RiskFactor, Stay


class StayInline(admin.TabularInline):
    model = Stay
    extra = 0
    can_delete = False
    autocomplete_fields = ("ward",)


class CarerInline(admin.TabularInline):
    model = Carer
    extra = 0
    can_delete = False
    autocomplete_fields = ("user",)


class RiskFactorInline(admin.TabularInline):
    model = RiskFactor
    extra = 0
    can_delete = False
    exclude = ("recorded_by",)


@admin.register(Patient)
class PatientAdmin(KeptAdmin):
    list_display = ("family_name", "given_name", "record_number", "birth_date", "has_pump")
    list_filter = ("has_pump", "stays__ward")
    search_fields = ("family_name", "given_name", "record_number")
    autocomplete_fields = ("user",)
    exclude = ("is_synthetic",)
    inlines = (StayInline, CarerInline, RiskFactorInline)
