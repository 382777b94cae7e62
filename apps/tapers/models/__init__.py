from apps.tapers.models.doses import Dose, DoseQuerySet, known_by
from apps.tapers.models.plans import PlanVersion, Route, TaperPlan, TaperStep, Unit
from apps.tapers.models.signing import GuardRailSetting, PlanProposal, PlanSignature, StepRelease
from apps.tapers.models.stock import Product, SupplyCount
from apps.tapers.models.supply import PumpDates, PumpEvent, SupplyEvent

__all__ = (
    "Dose",
    "DoseQuerySet",
    "GuardRailSetting",
    "PlanProposal",
    "PlanSignature",
    "PlanVersion",
    "Product",
    "PumpDates",
    "PumpEvent",
    "Route",
    "StepRelease",
    "SupplyCount",
    "SupplyEvent",
    "TaperPlan",
    "TaperStep",
    "Unit",
    "known_by",
)
