"""The error family. Services raise these; each door translates them once (JSON, htmx, form)."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault in what was sent: where (a JSON pointer such as /answers/confusion), which, in words."""

    pointer: str
    code: str
    detail: str


class DomainError(Exception):
    """A refusal whose message a nurse may read."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class InvalidInput(DomainError):
    """Every fault found, in one answer."""

    code = "invalid_input"
    status = 422

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems
