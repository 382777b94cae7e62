"""The patient's door. A patient's own pages have short addresses; those of somebody cared for name the person."""

from django.urls import URLPattern, include, path

from apps.portal.views import (
    calendar,
    card,
    data,
    doses,
    fortnight,
    install,
    joining,
    logs,
    pages,
    phone,
    plan,
    pump,
    reminders,
    rules,
    summary,
    ward_knows,
    zone,
)

app_name = "portal"


def addresses(prefix: str) -> list[URLPattern]:
    return [
        path("", pages.today, name=f"{prefix}today"),
        path("log/", logs.log_today, name=f"{prefix}log"),
        path("log/send/", phone.send_log, name=f"{prefix}send"),
        path("logs/<uuid:log_id>/", logs.receipt, name=f"{prefix}receipt"),
        path("status/", logs.status, name=f"{prefix}status"),
        path("dose/", doses.report_dose, name=f"{prefix}dose"),
        path("plan/", plan.my_plan, name=f"{prefix}plan"),
        path("pump/", pump.report_pump, name=f"{prefix}pump"),
        path("calendar/", calendar.calendar, name=f"{prefix}calendar"),
        path("card/", card.card, name=f"{prefix}card"),
        path("zone/", zone.change_zone, name=f"{prefix}zone"),
        path("reminders/", reminders.reminders, name=f"{prefix}reminders"),
        path("history/", fortnight.last_days, name=f"{prefix}history"),
        path("history/print/", summary.summary, name=f"{prefix}summary"),
        path("ward/", ward_knows.ward_knows, name=f"{prefix}ward-knows"),
    ]


urlpatterns = [
    *addresses(""),
    path("data/", data.my_data, name="data"),
    path("phone/", phone.shell, {"name": "phone"}, name="phone"),
    path("phone/who/", phone.who, name="who"),
    path("reminders/phone/", reminders.add_phone, name="add-phone"),
    path("reminders/shown/<uuid:attempt_id>/", reminders.message_shown, name="message-shown"),
    path("help/", phone.shell, {"name": "help"}, name="help"),
    path("app.webmanifest", install.manifest, name="manifest"),
    path("worker.js", install.worker, name="worker"),
    path("calendar/<str:token>.ics", calendar.read_calendar, name="calendar-feed"),
    path("people/", pages.people, name="people"),
    path("access/", joining.access, name="access"),
    path("join/<str:token>/", joining.join, name="join"),
    path("catalogue/<str:version>.json", rules.rules, name="rules"),
    path("people/<uuid:patient_id>/", include(addresses("person-"))),
]
