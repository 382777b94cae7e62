"""Addresses of a patient's plan, under those of the ward."""

from django.urls import path

from apps.dashboards.views import people_of_patient, plan_changes, plan_editor, plan_proposals, plans, supply

urlpatterns = [
    path("patients/<uuid:patient_id>/plan/", plans.plan, name="plan"),
    path("patients/<uuid:patient_id>/plan/edit/", plan_editor.edit, name="plan-edit"),
    path("patients/<uuid:patient_id>/plan/preview/", plan_editor.preview, name="plan-preview"),
    path("patients/<uuid:patient_id>/plan/history/", plans.history, name="plan-history"),
    path("patients/<uuid:patient_id>/plan/release/", plans.release, name="plan-release"),
    path("patients/<uuid:patient_id>/plan/change/<slug:name>/", plan_changes.change, name="plan-change"),
    path("patients/<uuid:patient_id>/doses/", supply.doses, name="doses"),
    path("patients/<uuid:patient_id>/supply/", supply.supply, name="supply"),
    path("patients/<uuid:patient_id>/people/", people_of_patient.people, name="people"),
    path("proposals/<uuid:proposal_id>/", plan_proposals.proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/sign/", plan_proposals.sign, name="proposal-sign"),
    path("proposals/<uuid:proposal_id>/withdraw/", plan_proposals.withdraw, name="proposal-withdraw"),
]
