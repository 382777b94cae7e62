"""Steps as they are kept while they are only proposed: JSON, with every decimal as text."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, time
from decimal import Decimal
from typing import Any

from apps.tapers.courses.steps import StepInput


def steps_as_json(steps: Iterable[StepInput]) -> list[dict[str, Any]]:
    return [_as_json(asdict(step)) for step in steps]


def steps_from_json(rows: Iterable[Mapping[str, Any]]) -> tuple[StepInput, ...]:
    return tuple(_from_json(row) for row in rows)


def _as_json(step: dict[str, Any]) -> dict[str, Any]:
    return step | {
        "starts_at": step["starts_at"].isoformat(),
        "ends_at": step["ends_at"] and step["ends_at"].isoformat(),
        "daily_dose": str(step["daily_dose"]),
        "times_of_day": [clock.isoformat() for clock in step["times_of_day"]],
        "amounts": None if step["amounts"] is None else [str(amount) for amount in step["amounts"]],
        "asked_dose": None if step["asked_dose"] is None else str(step["asked_dose"]),
    }


def _from_json(row: Mapping[str, Any]) -> StepInput:
    return StepInput(
        route=row["route"],
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=row["ends_at"] and datetime.fromisoformat(row["ends_at"]),
        daily_dose=Decimal(row["daily_dose"]),
        unit=row["unit"],
        times_of_day=tuple(time.fromisoformat(clock) for clock in row["times_of_day"]),
        amounts=None if row["amounts"] is None else tuple(Decimal(amount) for amount in row["amounts"]),
        made_of=row["made_of"],
        asked_dose=None if row["asked_dose"] is None else Decimal(row["asked_dose"]),
        is_locked=row["is_locked"],
    )
