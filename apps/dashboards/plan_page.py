"""The plan of one patient as a page shows it: what was prescribed, what is, what is ahead, and what waits."""

from dataclasses import dataclass, replace
from datetime import datetime

from apps.dashboards.plan_chart import Chart, draw_charts
from apps.dashboards.plan_steps import StepRow, Total, step_rows, totals
from apps.monitoring.gates import gate_checklist
from apps.patients.models import Patient
from apps.tapers.courses.steps import StepInput
from apps.tapers.models import PlanProposal, TaperPlan
from apps.tapers.releasing import Checklist
from apps.tapers.selectors import (
    Gate,
    PlanView,
    as_step,
    gates_of,
    open_proposals,
    plan_at,
    plan_stretches,
    steps_of,
)


@dataclass(frozen=True, slots=True)
class GateLine:
    gate: Gate
    row: StepRow
    checklist: Checklist


@dataclass(frozen=True, slots=True)
class PlanPage:
    view: PlanView | None
    last_plan: TaperPlan | None
    """The one in force, or the last that was: baclofen can be given again after it."""
    rows: dict[str, list[StepRow]]
    charts: list[Chart]
    totals: list[Total]
    """Of what is ahead."""
    gates: tuple[GateLine, ...]
    proposals: list[PlanProposal]


def plan_page(patient: Patient, at: datetime) -> PlanPage:
    view = plan_at(patient, at)
    steps = steps_of(view.version) if view else ()
    ahead = [_rest(step, at) for step in steps if step.ends_at is None or step.ends_at > at]
    rows = step_rows(steps, patient.time_zone, at)
    return PlanPage(
        view=view,
        last_plan=view.plan if view else patient.plans.order_by("-created_at").first(),
        rows=rows,
        charts=draw_charts(course_of(patient, steps), at),
        totals=totals(ahead, patient.time_zone),
        gates=tuple(_gate(gate, rows, at) for gate in gates_of(view.version, at)) if view else (),
        proposals=open_proposals(patient),
    )


def course_of(patient: Patient, steps: tuple[StepInput, ...], known_at: datetime | None = None) -> list[StepInput]:
    """All that was ever prescribed, with what is prescribed ahead and what waits to be released."""
    prescribed = [as_step(stretch) for stretch in plan_stretches(patient, known_at)]
    return [*prescribed, *(step for step in steps if step.is_locked)]


def _rest(step: StepInput, at: datetime) -> StepInput:
    return replace(step, starts_at=max(step.starts_at, at))


def _gate(gate: Gate, rows: dict[str, list[StepRow]], at: datetime) -> GateLine:
    row = next(one for one in rows[gate.step.route] if one.is_locked and one.starts_at == gate.step.starts_at)
    return GateLine(gate, row, gate_checklist(gate.step, at))
