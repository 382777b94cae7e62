from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.dashboards.access import find_patient, for_staff
from apps.dashboards.plan_door import in_time_of_patient, show
from apps.dashboards.plan_page import plan_page


@require_GET
@for_staff
def plan(request: HttpRequest, user: User, patient_id: UUID) -> HttpResponse:
    patient, at = find_patient(user, patient_id), timezone.now()
    with in_time_of_patient(patient):
        context = {"page": plan_page(patient, at), "tab": "plan"}
        return show(request, user, patient, "dashboards/plan/plan.html", at, context)
