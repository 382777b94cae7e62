from django.contrib import admin

from apps.core.read_only_admin import KeptAdmin, ReadOnlyAdmin
from apps.wards.models import Duty, Membership, Shift, Ward, WardText


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    can_delete = False
    autocomplete_fields = ("user",)


class WardTextInline(admin.TabularInline):
    model = WardText
    extra = 0


class ShiftInline(admin.TabularInline):
    model = Shift
    extra = 0


@admin.register(Ward)
class WardAdmin(KeptAdmin):
    list_display = ("name", "code", "phone", "time_zone")
    search_fields = ("name", "code")
    exclude = ("is_synthetic",)
    inlines = (MembershipInline, ShiftInline, WardTextInline)


@admin.register(Duty)
class DutyAdmin(ReadOnlyAdmin):
    """Made and taken back on the ward's rota, which checks and remembers."""

    list_display = ("user", "ward", "job", "starts_at", "ends_at", "cancelled_at")
    list_filter = ("ward", "job")
    date_hierarchy = "starts_at"
    list_select_related = ("ward", "user")
