from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.accounts.models import User
from apps.assessments.active import active_catalogue
from apps.dashboards.access import for_staff
from apps.dashboards.rule_book import rule_book


@require_GET
@for_staff
def book(request: HttpRequest, user: User) -> HttpResponse:
    """Holds nothing of any patient."""
    return render(request, "dashboards/rule_book.html", {"book": rule_book(active_catalogue()), "here": "rules"})
