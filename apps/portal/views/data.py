"""Download all of my data."""

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from apps.audit.models import AuditEvent
from apps.audit.services import record_event
from apps.core.days import local_day
from apps.patients.models import Patient
from apps.portal.my_data_zip import write_zip
from apps.portal.people import for_one_person, is_carer, page, user_of


@never_cache
@require_http_methods(["GET", "POST"])
@for_one_person
def my_data(request: HttpRequest, patient: Patient) -> HttpResponseBase:
    """Only the patient, at their own sign-in. A carer reads the same pages while consent lasts, but a copy of
    everything outlives the consent, and it tells who else cares and who looked: so it is not for carers, and there
    is no address of it that names a person. It is asked for by POST: no link or picture elsewhere can start it."""
    if is_carer(request, patient):
        return redirect("portal:people")
    if request.method == "POST":
        return download(request, patient)
    return render(request, "portal/data.html", page(request, patient) | {"here": "history"})


def download(request: HttpRequest, patient: Patient) -> FileResponse:
    at = timezone.now()
    made = write_zip(patient, at, get_language() or "en")
    record_event(
        AuditEvent.Type.DATA_DOWNLOADED,
        subject=patient,
        by=user_of(request),
        at=at,
        patient_id=patient.pk,
        detail={"door": "portal"},
    )
    name = f"taperwatch-{local_day(at, patient.time_zone):%Y-%m-%d}.zip"
    return FileResponse(
        made,
        as_attachment=True,
        filename=name,
        content_type="application/zip",
        headers={"Cache-Control": "no-store, private"},
    )
