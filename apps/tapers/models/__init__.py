from apps.tapers.models.doses import Dose, DoseQuerySet, known_by
from apps.tapers.models.plans import PlanVersion, Route, TaperPlan, TaperStep, Unit
from apps.tapers.models.supply import PumpDates, PumpEvent, SupplyEvent

__all__ = (
    "Dose",
    "DoseQuerySet",
    "PlanVersion",
    "PumpDates",
    "PumpEvent",
    "Route",
    "SupplyEvent",
    "TaperPlan",
    "TaperStep",
    "Unit",
    "known_by",
)
