"""How a condition reads in the rule book: every kind of it, with and without each of its parts."""

from math import nan

import pytest

from apps.rules.catalogue import load
from apps.rules.combinations import All, AnyOf, CountOf, Not
from apps.rules.conditions import AnsweredAs, Compare, Differs, Event, NotMeasured, Risk, Twice, TwoLogsRunning
from apps.rules.quantities import Quantity
from apps.rules.values import ChildLimit, Limit, LowBaseline
from apps.rules.wording import words
from tests.rules.scenes import CATALOGUE

C = load(CATALOGUE)
TWO = Limit("two", 2.0, "two")
HALF = Limit("half", 0.5, "half")
TREMOR = Compare(Quantity("item", "tremor"), ">=", TWO)
ANXIETY = Compare(Quantity("item", "anxiety"), ">=", TWO)
FIT = Compare(Quantity("item", "seizure"), ">=", Limit("one", 1.0, "one"))
CHILD = ChildLimit("hr_awake_high", 1.0)


def item(op=">=", **how):
    return Compare(Quantity("item", "tremor", **how), op, TWO)


def vital(kind="vital", limit=TWO, **how):
    return Compare(Quantity(kind, "heart_rate_bpm", **how), ">=", limit)


def limit(adult=130.0, **more):
    return Limit("some", adult, "some", **more)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        (TREMOR, "Tremor at least 2"),
        (item(">"), "Tremor above 2"),
        (item("<="), "Tremor at most 2"),
        (item("<"), "Tremor below 2"),
        (item(by=frozenset({"staff", "carer"})), "Tremor at least 2 by carer or staff"),
        (item(within=72.0), "Tremor at least 2 within 72 h"),
        (item(within=72.0, by=frozenset({"staff"})), "Tremor at least 2 by staff within 72 h"),
        (Compare(Quantity("rise", "tremor"), ">=", TWO), "Tremor rose over the person's usual by at least 2"),
        (Compare(Quantity("base", "tremor"), "<", TWO), "usually below 2"),
        (FIT, f"{C.symptoms['seizure'].clinical_label}: yes"),
        (
            Compare(Quantity("item", "seizure", within=12.0, by=frozenset({"staff"})), ">=", TWO),
            f"{C.symptoms['seizure'].clinical_label}: yes by staff within 12 h",
        ),
        (vital(), "pulse at least 2 /min"),
        (vital(by=frozenset({"staff"})), "pulse at least 2 /min by staff"),
        (vital("over_baseline"), "pulse over the person's usual by at least 2 %"),
        (
            vital("over_baseline", by=frozenset({"staff"})),
            "pulse by staff over the person's usual by at least 2 %",
        ),
        (vital("above_baseline"), "pulse above the person's usual by at least 2 /min"),
        (vital("swing"), "pulse swings within 24 h by at least 2 /min"),
        (vital("swing", by=frozenset({"carer"})), "pulse by carer swings within 24 h by at least 2 /min"),
        (vital("fall"), "pulse fell within 24 h by at least 2 /min"),
        (vital("rise_6h"), "pulse rose within 6 h, same site, by at least 2 /min"),
        (vital(limit=limit(child=CHILD)), "pulse at least 130 /min; under 16: hr awake high"),
        (
            vital(limit=limit(nan, child=ChildLimit("hr_awake_high", 1.2))),
            "pulse at least under 16: hr awake high × 1.2",
        ),
        (vital(limit=limit(once_daily=30.0)), "pulse at least 130 /min; once-daily plan: 30 /min"),
        (
            vital(limit=limit(90.0, low_baseline=LowBaseline("bp_systolic_mmhg", 100.0, 20.0, 70.0))),
            "pulse at least 90 /min; spinal injury with a usual under 100: usual − 20, at least 70",
        ),
        (Compare(Quantity("fact", "exposed_by_supply"), ">=", TWO), "within the window after a change of supply"),
        (Compare(Quantity("fact", "news2"), ">=", TWO), "NEWS2 at least 2 points"),
        (
            Compare(Quantity("fact", "hours_since_last_dose"), "<", limit(19.0, once_daily=30.0)),
            "hours since the last dose taken by mouth below 19 h; once-daily plan: 30 h",
        ),
        (
            Twice("heart_rate_bpm", ">", limit(100.0), HALF),
            "pulse above 100 /min on two readings 30 minutes apart",
        ),
        (Differs(("tremor",), TWO), "Tremor differs by 2 or more between two logs of 24 h"),
        (Differs(("tremor", "anxiety"), TWO), "Tremor or Anxiety differs by 2 or more between two logs of 24 h"),
        (TwoLogsRunning(("tremor", "anxiety"), TWO, ()), "Tremor or Anxiety newly 2 or more on two logs running"),
        (AnsweredAs(("too_confused",)), "an item of the last 24 h answered “too confused”"),
        (
            AnsweredAs(("too_confused", "asleep")),
            "an item of the last 24 h answered “too confused or asleep”",
        ),
        (NotMeasured("temperature_c"), "temperature not measured in 24 h"),
        (Risk(("epilepsy",)), C.risk_factors["epilepsy"]),
        (Event(("pump_alarm",)), "pump alarm"),
        (Event(("pump_alarm", "catheter_fault")), "pump alarm or catheter fault"),
        (Event(("pump_alarm",), tones=("single", "two_tone")), "pump alarm (single or two tone)"),
        (Event(("pump_alarm",), ml_above=2.5), "pump alarm above 2.5 mL"),
        (Event(("pump_alarm",), ml_at_most=0.0), "pump alarm at most 0 mL"),
        (Event(("pump_alarm",), ml_above=0.0), "pump alarm above 0 mL"),
        (Event(("pump_alarm",), ml_unknown=True), "pump alarm by an amount not told"),
        (Event(("stopped",), unplanned=True), "stopped, not planned"),
        (Event(("stopped",), within=72.0), "stopped, within 72 h"),
        (Event(("stopped",), within=0.0), "stopped, within 0 h"),
        (Event(("stopped",), still=True), "stopped, not mended"),
        (
            Event(("stopped",), unplanned=True, within=12.0, still=True),
            "stopped, not planned, within 12 h, not mended",
        ),
        (Not(TREMOR), "not (Tremor at least 2)"),
        (All((TREMOR, FIT)), f"Tremor at least 2 and {C.symptoms['seizure'].clinical_label}: yes"),
        (AnyOf((TREMOR, NotMeasured("temperature_c"))), "Tremor at least 2 or temperature not measured in 24 h"),
        (AnyOf((TREMOR, ANXIETY)), "any of Tremor, Anxiety at least 2"),
        (AnyOf((TREMOR,)), "Tremor at least 2"),
        (AnyOf((TREMOR, Compare(Quantity("item", "anxiety"), ">", TWO))), "Tremor at least 2 or Anxiety above 2"),
        (
            AnyOf((TREMOR, Compare(Quantity("item", "anxiety", within=72.0), ">=", TWO))),
            "Tremor at least 2 or Anxiety at least 2 within 72 h",
        ),
        (
            AnyOf((TREMOR, Compare(Quantity("item", "anxiety", by=frozenset({"staff"})), ">=", TWO))),
            "Tremor at least 2 or Anxiety at least 2 by staff",
        ),
        (
            AnyOf((TREMOR, Compare(Quantity("rise", "anxiety"), ">=", TWO))),
            "Tremor at least 2 or Anxiety rose over the person's usual by at least 2",
        ),
        (
            AnyOf((TREMOR, Compare(Quantity("item", "anxiety"), ">=", HALF))),
            "Tremor at least 2 or Anxiety at least 0.5",
        ),
        (CountOf(TWO, (TREMOR, ANXIETY)), "at least 2 of: Tremor at least 2; Anxiety at least 2"),
        (
            All((TREMOR, AnyOf((ANXIETY, NotMeasured("temperature_c"))))),
            "Tremor at least 2 and (Anxiety at least 2 or temperature not measured in 24 h)",
        ),
        (
            AnyOf((ANXIETY, CountOf(TWO, (TREMOR,)))),
            "Anxiety at least 2 or (at least 2 of: Tremor at least 2)",
        ),
        (AnyOf((Not(TREMOR), ANXIETY)), "not (Tremor at least 2) or Anxiety at least 2"),
    ],
    ids=lambda value: None if isinstance(value, str) else type(value).__name__,
)
def test_a_condition_reads_as_it_is_meant(condition, said):
    assert words(condition, C) == said


def test_a_definition_is_named_and_not_repeated():
    exposed = C.definitions["exposed"]

    assert words(exposed, C) == f"**{exposed.label}**"


def test_what_is_no_condition_has_no_words():
    with pytest.raises(TypeError, match="no words for str"):
        words("tremor", C)


def test_a_confounder_is_named_from_its_own_list():
    code = next(iter(C.confounders))

    assert words(Risk((code,), confounder=True), C) == C.confounders[code]
