from apps.core.errors import DomainError


class DoseAlreadyReported(DomainError):
    """Another report speaks of the same due dose: correct that one."""

    code = "dose_already_reported"


class ReportConflict(DomainError):
    """The same client id came with other content."""

    code = "client_id_reused"


class CannotCorrect(DomainError):
    code = "cannot_correct"


class PlanAlreadyOpen(DomainError):
    code = "plan_already_open"


class PlanClosed(DomainError):
    code = "plan_closed"
