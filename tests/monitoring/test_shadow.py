"""A catalogue on trial over stored history: what it would change is told, and nothing is changed."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from apps.alerts.models import Alert, AlertEvent, Delivery
from apps.assessments.facts import gather_outlooks
from apps.assessments.keeping import as_json, told_again
from apps.assessments.models import Assessment, Latest, ShadowRun
from apps.assessments.services import store_assessment_by_clock
from apps.monitoring import shadow
from apps.monitoring.models import AssessmentOwed
from apps.monitoring.pipeline import assess_owed
from apps.monitoring.shadow import run_shadow
from apps.rules.catalogue import load, read
from apps.rules.engine import evaluate
from tests.factories import (
    CATALOGUE,
    NOON,
    CatalogueActivationFactory,
    PatientFactory,
    PlanFactory,
    UserFactory,
    WardFactory,
    hours,
)
from tests.journeys.reports import FEVER, QUIET, SEEING_THINGS, report
from tests.other_catalogues import NEXT, draft, without_rule

pytestmark = pytest.mark.django_db

HALLUCINATIONS_LEVEL = (
    "- id: DEL-U-hallucinations\n    pattern: delirium\n    level: urgent",
    "- id: DEL-U-hallucinations\n    pattern: delirium\n    level: watch",
)


def catalogue(*changes, text=None):
    return read((text or draft(*changes)).encode(), NEXT)


def new_rule(level, when, rule_id, quiet=""):
    return f"""rules:
  - id: {rule_id}
    pattern: delirium
    level: {level}
    because: On trial.
    tag: project choice
    source: [PROJECT]
{quiet}    when: {when}
"""


ANY_ANXIETY = ("\nrules:\n", "\n" + new_rule("urgent", "{item: anxiety, at_least: slight}", "DEL-U-anxiety"))


@pytest.fixture
def patient():
    return PlanFactory().patient


def tell(patient, *told):
    """(hours before NOON, what) told and assessed in turn."""
    for hour, said in told:
        moment = NOON - hours(hour)
        report(patient, moment, **said)
        owed = AssessmentOwed.objects.filter(paid_at=None).values_list("log", flat=True)
        assess_owed(list(owed), moment)


def tried(on_trial, **given):
    return run_shadow(on_trial, **{"at": NOON, "days": 7} | given)


def said_of(run):
    return [(one["kind"], one["pattern"], one["quiet"], one["rules"]) for one in run.differences]


def test_the_same_rules_make_no_difference(patient):
    tell(patient, (30, QUIET), (20, SEEING_THINGS), (10, FEVER))

    run = tried(load(CATALOGUE))

    assert (run.differences, run.counts["differences"]) == ([], [])
    assert (run.counts["patients"], run.counts["assessments"]) == (1, 3)
    assert all(line["old"] == line["new"] > 0 for line in run.counts["alerts"])
    assert {line["level"] for line in run.counts["alerts"]} >= {2, 3}


def test_nothing_but_the_run_itself_is_written(patient):
    tell(patient, (20, SEEING_THINGS), (10, FEVER))
    kept = (Alert, AlertEvent, Delivery, Assessment, Latest, AssessmentOwed)
    before = [list(model.objects.order_by("pk").values()) for model in kept]

    tried(catalogue(ANY_ANXIETY))

    assert [list(model.objects.order_by("pk").values()) for model in kept] == before
    assert ShadowRun.objects.count() == 1


def test_an_alert_that_a_new_rule_adds_is_told_with_its_moment_and_rule(patient):
    tell(patient, (30, QUIET), (20, QUIET))

    run = tried(catalogue(ANY_ANXIETY))

    [one] = run.differences
    assert said_of(run) == [("added", "delirium", False, ["DEL-U-anxiety"])]
    assert one["patient"] == str(patient.pk)
    assert one["old"] is None
    assert one["new"]["level"] == 2
    assert one["new"]["opened_at"] == (NOON - hours(30)).isoformat()
    assert run.counts["rules"] == [{"kind": "added", "rule_id": "DEL-U-anxiety", "count": 1}]


def test_an_alert_that_no_rule_raises_any_more_is_told(patient):
    tell(patient, (20, SEEING_THINGS))
    stored = {hit["rule_id"] for hit in Assessment.objects.get().result["hits"] if hit["pattern"] == "delirium"}
    text = draft()
    for rule_id in stored:
        text = without_rule(text, rule_id)

    run = tried(catalogue(text=text))

    assert len(stored) > 1
    assert said_of(run) == [("removed", "delirium", False, ["DEL-U-hallucinations"])]


def test_an_alert_that_is_lower_is_told_with_both_levels(patient):
    tell(patient, (20, SEEING_THINGS))
    assert {hit["rule_id"] for hit in Assessment.objects.get().result["hits"]} >= {"DEL-U-hallucinations"}

    run = tried(catalogue(HALLUCINATIONS_LEVEL))

    [one] = [one for one in run.differences if one["kind"] == "lowered"]
    assert (one["old"]["level"], one["new"]["level"], one["rules"]) == (2, 1, ["DEL-U-hallucinations"])


def test_an_alert_that_is_raised_and_one_that_comes_earlier_are_told(patient):
    tell(patient, (30, QUIET), (20, SEEING_THINGS))

    earlier = tried(catalogue(ANY_ANXIETY))
    raised = tried(
        catalogue(
            (HALLUCINATIONS_LEVEL[0], HALLUCINATIONS_LEVEL[0].replace("urgent", "emergency").replace("-U-", "-E-"))
        )
    )

    [one] = earlier.differences
    assert (one["kind"], one["hours"], one["rules"]) == ("earlier", -10.0, ["DEL-U-anxiety"])
    [one] = raised.differences
    assert (one["kind"], one["old"]["level"], one["new"]["level"]) == ("raised", 2, 3)
    assert one["rules"] == ["DEL-E-hallucinations"]


def test_a_rule_of_the_ward_list_is_kept_apart(patient):
    tell(patient, (20, QUIET))
    quiet = new_rule("watch", "{item: anxiety, at_least: slight}", "DEL-W-anxiety", "    ward_list_only: true\n")

    run = tried(catalogue(("\nrules:\n", "\n" + quiet)))

    assert said_of(run) == [("added", "delirium", True, ["DEL-W-anxiety"])]
    assert [(line["quiet"], line["old"], line["new"]) for line in run.counts["alerts"]] == [(True, 0, 1)]


def test_of_several_assessments_of_a_log_the_one_that_speaks_is_compared(patient):
    """It was assessed anew when a late log came in: the first opinion is not counted as another alert."""
    tell(patient, (20, SEEING_THINGS))
    report(patient, NOON, observed_at=NOON - hours(25), **SEEING_THINGS)
    assess_owed(list(AssessmentOwed.objects.filter(paid_at=None).values_list("log", flat=True)), NOON)
    assert Assessment.objects.count() == 3

    run = tried(load(CATALOGUE))

    assert (run.counts["assessments"], run.differences) == (2, [])


def test_looks_by_the_clock_are_compared_each_for_itself(patient):
    """They belong to no log: neither speaks for the other."""
    tell(patient, (22, QUIET))
    for hour in (21, 20):
        moment = NOON - hours(hour)
        facts = gather_outlooks([patient.pk], moment)[patient.pk].facts
        store_assessment_by_clock(
            patient_id=patient.pk, facts=facts, evaluation=evaluate(load(CATALOGUE), facts), at=moment
        )

    same, other = tried(load(CATALOGUE)), tried(catalogue(ANY_ANXIETY))

    assert (same.counts["assessments"], same.differences) == (3, [])
    [one] = other.differences
    assert one["new"]["opened_at"] == (NOON - hours(22)).isoformat()
    assert one["new"]["last_fired_at"] == (NOON - hours(20)).isoformat()


def test_an_older_version_speaks_again_once_it_is_put_in_force_again(patient, catalogues_beside):
    catalogues_beside(published=[NEXT], text=draft(ANY_ANXIETY))
    tell(patient, (20, QUIET))
    CatalogueActivationFactory(number=1, version=NEXT)
    shadowed = load(NEXT)
    Assessment.objects.create(**stored_again(Assessment.objects.get(), shadowed))

    assert tried(shadowed).differences == []
    CatalogueActivationFactory(number=2, version=CATALOGUE)
    assert said_of(tried(shadowed)) == [("added", "delirium", False, ["DEL-U-anxiety"])]


def stored_again(row, by):
    """The same facts assessed by another version."""
    result = as_json(evaluate(by, told_again(row.facts)))
    return {
        "log": row.log,
        "patient": row.patient,
        "catalogue_version": by.version,
        "facts_sha256": row.facts_sha256,
        "assessed_at": row.assessed_at,
        "level": 2,
        "result": result,
        "facts": row.facts,
    }


def test_only_the_days_and_the_ward_asked_for_are_looked_at(patient):
    tell(patient, (24 * 6, QUIET), (24 * 3, QUIET), (1, QUIET))
    elsewhere = WardFactory()
    tell(PatientFactory(stay=elsewhere), (2, QUIET))
    ward = patient.stays.get().ward

    def looked_at(**given):
        counts = tried(load(CATALOGUE), **given).counts
        return counts["patients"], counts["assessments"]

    assert looked_at() == (2, 4)
    assert looked_at(days=1) == (2, 2)
    assert looked_at(ward=ward) == (1, 3)
    assert looked_at(ward=ward, days=4) == (1, 2)
    assert looked_at(ward=WardFactory()) == (0, 0)


def test_rates_are_by_days_of_patients_who_were_looked_at(patient):
    tell(patient, *((24 * day, SEEING_THINGS) for day in (3, 2, 1, 0)))

    counts = tried(load(CATALOGUE)).counts

    assert counts["patient_weeks"] == round(4 / 7, 2)
    [delirium] = [line for line in counts["alerts"] if line["pattern"] == "delirium" and line["level"] == 2]
    assert delirium["old_per_patient_week"] == round(delirium["old"] * 7 / 4, 4)


def test_what_cannot_be_worked_out_is_counted_and_left_out_of_both_sides(patient, monkeypatch):
    tell(patient, (30, SEEING_THINGS), (20, SEEING_THINGS))
    first = Assessment.objects.order_by("assessed_at").first()
    sound = shadow.told_again

    def told_again(stored, logs):
        if stored["t"] == first.facts["t"]:
            raise ArithmeticError("with what the patient said")
        return sound(stored, logs)

    monkeypatch.setattr(shadow, "told_again", told_again)
    run = tried(load(CATALOGUE))

    assert run.counts["failures"] == {"ArithmeticError": 1}
    assert run.differences == []
    assert "what the patient said" not in json.dumps(run.counts)


def test_the_most_urgent_differences_are_kept_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(shadow, "MOST_LISTED", 2)
    seen = [PlanFactory().patient for _one in range(4)]
    for patient in seen[:3]:
        tell(patient, (20, QUIET))
    tell(seen[3], (20, SEEING_THINGS))
    emergency = new_rule("emergency", "{item: visual_hallucinations, at_least: slight}", "DEL-E-any")

    run = tried(catalogue(ANY_ANXIETY, ("\nrules:\n", "\n" + emergency)))

    assert len(run.differences) == 2
    assert run.differences[0]["rules"] == ["DEL-E-any"]
    assert run.counts["left_out"] == 2
    assert sum(line["count"] for line in run.counts["differences"]) == 4


def test_assessments_are_held_a_batch_at_a_time(patient, monkeypatch):
    monkeypatch.setattr(shadow, "BATCH", 2)
    tell(patient, (50, QUIET), (40, QUIET), (30, SEEING_THINGS), (20, FEVER), (10, QUIET))

    run = tried(load(CATALOGUE))

    assert (run.counts["assessments"], run.differences) == (5, [])


def test_a_synthetic_patient_is_not_counted():
    tell(PatientFactory(is_synthetic=True), (1, QUIET))

    assert tried(load(CATALOGUE)).counts["patients"] == 0


@pytest.fixture
def a_file(tmp_path):
    path = tmp_path / f"{NEXT}.yaml"
    path.write_text(draft(ANY_ANXIETY), encoding="utf-8")
    return str(path)


def command(*arguments, **options):
    out = StringIO()
    call_command("shadow", *arguments, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


@pytest.fixture
def now(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOON)


def test_the_command_tells_a_draft_in_a_file(patient, a_file, now):
    tell(patient, (30, QUIET), (20, QUIET))

    said = json.loads(command(a_file, days=7, format="json"))

    assert (said["catalogue"], said["published"]) == (NEXT, False)
    assert [one["kind"] for one in said["differences"]] == ["added"]
    assert said["id"] == str(ShadowRun.objects.get().pk)


def test_the_command_prints_counts_and_each_difference_without_saying_how_anybody_is(patient, a_file, now):
    tell(patient, (30, QUIET))
    asker = UserFactory()

    said = command(a_file, days=7, by=asker.username)

    assert f"{NEXT} (draft" in said
    assert f"patient {patient.pk}" in said
    assert "none -> urgent 2026-11-19 06:00" in said
    assert "DEL-U-anxiety" in said
    assert patient.family_name not in said
    run = ShadowRun.objects.get()
    assert (run.made_by, run.until - run.since) == (asker, timedelta(days=7))
    assert f"/ward/shadow/{run.pk}/" in said


def test_a_known_version_can_be_named(patient, now):
    tell(patient, (30, QUIET))

    assert f"{CATALOGUE} (published" in command(CATALOGUE)


@pytest.mark.parametrize(
    ("arguments", "options", "said"),
    [
        (["nothing-like-it"], {}, "there is no catalogue called"),
        (["/no/such/file.yaml"], {}, "cannot be used"),
        ([CATALOGUE], {"days": 0}, "--days has to be"),
        ([CATALOGUE], {"ward": "nowhere"}, "there is no ward"),
        ([CATALOGUE], {"by": "nobody"}, "there is no user"),
    ],
)
def test_what_the_command_cannot_do_it_says(arguments, options, said):
    with pytest.raises(CommandError, match=said):
        command(*arguments, **options)
    assert not ShadowRun.objects.exists()


def test_a_broken_file_is_refused_with_line_and_cause(tmp_path):
    path = tmp_path / f"{NEXT}.yaml"
    path.write_text(draft((HALLUCINATIONS_LEVEL[0], HALLUCINATIONS_LEVEL[0].replace("urgent", "dire"))))

    with pytest.raises(CommandError, match=rf"{NEXT}\.yaml:\d+"):
        command(str(path))
