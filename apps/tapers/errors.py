from apps.core.errors import DomainError, InvalidInput, Problem
from apps.tapers.guard_rails import Breach


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


class PlanChanged(DomainError):
    """Somebody else has changed the plan since it was read: look at it again."""

    code = "plan_changed"


class NothingToChange(DomainError):
    """The plan has nothing of that kind just now: no dose in force, no step ahead, no earlier dose."""

    code = "nothing_to_change"


class GuardRailRefused(InvalidInput):
    """The plan breaks a guard rail: propose it, and let a second clinician sign with a reason."""

    code = "guard_rail"
    status = 409

    def __init__(self, message: str, breaches: tuple[Breach, ...]) -> None:
        super().__init__(message, tuple(Problem("/steps", one.code, one.text) for one in breaches))
        self.breaches = breaches


class SecondSignatureNeeded(GuardRailRefused):
    """A guard rail is broken: somebody other than the author, who may sign, gives the reason."""

    code = "second_signature_needed"


class MayNotSign(DomainError):
    """Only ward staff put a plan into force."""

    code = "may_not_sign"
    status = 403


class ProposalClosed(DomainError):
    """It was signed or withdrawn before."""

    code = "proposal_closed"


class ProposalOutOfDate(DomainError):
    """The plan has changed since, or the time of its steps has passed: propose anew."""

    code = "proposal_out_of_date"


class GateNotMet(InvalidInput):
    """Something on the checklist of the step is not met, and nobody gave a reason to release it all the same."""

    code = "gate_not_met"
    status = 409


class NotTheNextStep(DomainError):
    """Only the next locked step of the plan in force can be released, once the one before it has begun."""

    code = "not_the_next_step"
