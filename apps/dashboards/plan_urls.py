"""Addresses of a patient's plan, under those of the ward."""

from django.urls import path

from apps.dashboards.views import plan_editor, plan_proposals, plans

urlpatterns = [
    path("patients/<uuid:patient_id>/plan/", plans.plan, name="plan"),
    path("patients/<uuid:patient_id>/plan/edit/", plan_editor.edit, name="plan-edit"),
    path("patients/<uuid:patient_id>/plan/preview/", plan_editor.preview, name="plan-preview"),
    path("proposals/<uuid:proposal_id>/", plan_proposals.proposal, name="proposal"),
    path("proposals/<uuid:proposal_id>/sign/", plan_proposals.sign, name="proposal-sign"),
    path("proposals/<uuid:proposal_id>/withdraw/", plan_proposals.withdraw, name="proposal-withdraw"),
]
