from django.urls import path

from apps.dashboards import plan_urls
from apps.dashboards.views import (
    alerts,
    bedside,
    boards,
    catalogues,
    escalation,
    patients,
    records,
    rotas,
    rule_book,
    walls,
)

app_name = "dashboards"
urlpatterns = [
    path("", boards.wards, name="wards"),
    path("alerts/<uuid:alert_id>/", alerts.alert, name="alert"),
    path("alerts/<uuid:alert_id>/state/", alerts.state, name="alert-state"),
    path("alerts/<uuid:alert_id>/take/", alerts.take, name="alert-take"),
    path("alerts/<uuid:alert_id>/release/", alerts.release, name="alert-release"),
    path("alerts/<uuid:alert_id>/pass-on/", alerts.pass_on, name="alert-pass-on"),
    path("alerts/<uuid:alert_id>/decline/", alerts.decline, name="alert-decline"),
    path("alerts/<uuid:alert_id>/silence/", alerts.silence, name="alert-silence"),
    path("alerts/<uuid:alert_id>/unsilence/", alerts.unsilence, name="alert-unsilence"),
    path("alerts/<uuid:alert_id>/note/", alerts.note, name="alert-note"),
    path("alerts/<uuid:alert_id>/resolve/", alerts.resolve, name="alert-resolve"),
    path("patients/<uuid:patient_id>/", patients.patient, name="patient"),
    path("patients/<uuid:patient_id>/record/", records.record, name="record"),
    path("patients/<uuid:patient_id>/log/", bedside.log, name="bedside-log"),
    path("patients/<uuid:patient_id>/usual/", bedside.usual, name="usual"),
    path("<uuid:ward_id>/sound/", boards.sound, name="sound"),
    path("<uuid:ward_id>/screens/", walls.screens, name="screens"),
    path("wall/", walls.wall, name="wall"),
    path("wall/open/<str:token>/", walls.wall_open, name="wall-open"),
    path("<uuid:ward_id>/escalation/", escalation.escalation, name="escalation"),
    path("<uuid:ward_id>/rota/", rotas.rota, name="rota"),
    path("<uuid:ward_id>/admit/", records.admit, name="admit"),
    path("<uuid:ward_id>/import/", records.import_table, name="import"),
    path("rules/", catalogues.catalogue, name="catalogue"),
    path("rules/all/", rule_book.book, name="rule-book"),
    path("rules/activate/", catalogues.activate, name="catalogue-activate"),
    path("shadow/", catalogues.runs, name="shadow-runs"),
    path("shadow/<uuid:run_id>/", catalogues.run, name="shadow-run"),
    *plan_urls.urlpatterns,
    path("<uuid:ward_id>/", boards.board, name="board"),
]
