"""The catalogue's rules for the script on the page. The same for everybody and without health data."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import condition, require_GET

from apps.portal.at_once import exported
from apps.rules.catalogue import Catalogue, CatalogueError, load

YEAR_S = 365 * 24 * 3600
HOUR_S = 3600


def catalogue_or_404(version: str) -> Catalogue:
    try:
        return load(version)
    except CatalogueError as error:
        raise Http404 from error


def etag(request: HttpRequest, version: str) -> str:
    return f'"{exported(catalogue_or_404(version))[1]}"'


@require_GET
@gzip_page
@condition(etag_func=etag)
def rules(request: HttpRequest, version: str) -> HttpResponse:
    """A page asks for these very bytes by their digest and may keep them; whoever asks by version alone is told
    to ask again, since a later release may write the same version down in another form."""
    found, digest = exported(catalogue_or_404(version))
    answer = HttpResponse(found, content_type="application/json")
    lasting = request.GET.get("of") == digest
    answer["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if lasting else f"public, max-age={HOUR_S}"
    return answer
