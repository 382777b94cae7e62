from django.contrib import admin

from apps.core.read_only_admin import KeptAdmin
from apps.wards.models import Duty, Membership, Ward, WardText


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    can_delete = False
    autocomplete_fields = ("user",)


class WardTextInline(admin.TabularInline):
    model = WardText
    extra = 0


@admin.register(Ward)
class WardAdmin(KeptAdmin):
    list_display = ("name", "code", "phone", "time_zone")
    search_fields = ("name", "code")
    exclude = ("is_synthetic",)
    inlines = (MembershipInline, WardTextInline)


@admin.register(Duty)
class DutyAdmin(admin.ModelAdmin):
    list_display = ("user", "ward", "job", "starts_at", "ends_at")
    list_filter = ("ward", "job")
    date_hierarchy = "starts_at"
    autocomplete_fields = ("ward", "user")
    list_select_related = ("ward", "user")
