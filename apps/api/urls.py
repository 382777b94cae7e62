from django.urls import path, re_path

from . import (
    alerts,
    assessments,
    catalogue,
    documents,
    doses,
    patients,
    problems,
    pump_events,
    supply_events,
    symptom_log_bulk,
    symptom_logs,
    taper_plans,
    wards,
)

app_name = "api"

urlpatterns = [
    path("patients/", patients.Patients.as_view(), name="patients"),
    path("patients/<uuid:patient_id>/", patients.OnePatient.as_view(), name="one-patient"),
    path("wards/", wards.Wards.as_view(), name="wards"),
    path("wards/<uuid:ward_id>/", wards.OneWard.as_view(), name="one-ward"),
    path("taper-plans/", taper_plans.TaperPlans.as_view(), name="taper-plans"),
    path("taper-plans/<uuid:plan_id>/", taper_plans.OneTaperPlan.as_view(), name="one-taper-plan"),
    path(
        "taper-plans/<uuid:plan_id>/versions/",
        taper_plans.PlanVersions.as_view(),
        name="plan-versions",
    ),
    path("doses/", doses.Doses.as_view(), name="doses"),
    path("doses/<uuid:dose_id>/", doses.OneDose.as_view(), name="one-dose"),
    path("pump-events/", pump_events.PumpEvents.as_view(), name="pump-events"),
    path("pump-events/<uuid:event_id>/", pump_events.OnePumpEvent.as_view(), name="one-pump-event"),
    path("supply-events/", supply_events.SupplyEvents.as_view(), name="supply-events"),
    path(
        "supply-events/<uuid:event_id>/",
        supply_events.OneSupplyEvent.as_view(),
        name="one-supply-event",
    ),
    path("symptom-logs/", symptom_logs.SymptomLogs.as_view(), name="symptom-logs"),
    path("symptom-logs/bulk/", symptom_log_bulk.SymptomLogsBulk.as_view(), name="symptom-logs-bulk"),
    path("symptom-logs/<uuid:log_id>/", symptom_logs.OneSymptomLog.as_view(), name="one-symptom-log"),
    path("assessments/", assessments.Assessments.as_view(), name="assessments"),
    path(
        "assessments/<uuid:assessment_id>/",
        assessments.OneAssessment.as_view(),
        name="one-assessment",
    ),
    path("alerts/", alerts.Alerts.as_view(), name="alerts"),
    path("alerts/<uuid:alert_id>/", alerts.OneAlert.as_view(), name="one-alert"),
    path("alerts/<uuid:alert_id>/acknowledge/", alerts.AcknowledgeAlert.as_view(), name="acknowledge"),
    path("alerts/<uuid:alert_id>/release/", alerts.ReleaseAlert.as_view(), name="release"),
    path("alerts/<uuid:alert_id>/notes/", alerts.AlertNotes.as_view(), name="alert-notes"),
    path("alerts/<uuid:alert_id>/resolve/", alerts.ResolveAlert.as_view(), name="resolve"),
    path("catalogue/", catalogue.ActiveCatalogue.as_view(), name="catalogue"),
    path("schema/", documents.SchemaDocument.as_view(), name="schema"),
    path("problems/<slug:code>/", problems.OneProblemType.as_view(), name="problem"),
    # A line end in an address is an address too.
    re_path(r"^(?P<path>(?s:.*))\Z", problems.NoSuchRoute.as_view(), name="no-such-route"),
]
