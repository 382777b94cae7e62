from apps.core.errors import DomainError


class AlertAlreadyAcknowledged(DomainError):
    """Somebody else has taken it; the message names who."""

    code = "alert_already_acknowledged"


class AlertClosed(DomainError):
    code = "alert_closed"


class AlertNotTaken(DomainError):
    code = "alert_not_taken"


class NotForThisRole(DomainError):
    """Only ward staff answer an alert."""

    code = "not_for_this_role"
    status = 403


class AlertCannotBeSilenced(DomainError):
    """Above the floor that is never silent."""

    code = "alert_cannot_be_silenced"


class AlertNotSilenced(DomainError):
    code = "alert_not_silenced"
