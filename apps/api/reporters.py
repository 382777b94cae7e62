from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.core.errors import InvalidInput, Problem
from apps.symptoms.models import Reporter

_REPORTER_OF_ROLE = {
    User.Role.PATIENT: Reporter.PATIENT,
    User.Role.CARER: Reporter.CARER,
    User.Role.STAFF: Reporter.STAFF,
    User.Role.SERVICE: Reporter.SYSTEM,
}


def reporter_of(user: User, named: str | None) -> Reporter:
    """Who says what is reported. A system may pass on what others said; a person speaks as who they are."""
    own = _REPORTER_OF_ROLE[User.Role(user.role)]
    if named is None or named == own:
        return own
    if user.role == User.Role.SERVICE:
        return Reporter(named)
    message = _("You report as %s.") % own.label
    raise InvalidInput(message, (Problem("/reporter", "not_your_role", message),))
