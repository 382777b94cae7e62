"""What single parts promise, each by itself."""

import pytest

from apps.rules import document as document_module
from apps.rules import export as export_module
from apps.rules.document import document
from apps.rules.engine import context_of
from apps.rules.errors import CatalogueError
from apps.rules.kinds import _ranges
from apps.rules.readings import median
from apps.rules.replay import T0, _answer, facts_of
from tests.rules.scenes import scene
from tests.rules.test_replay import C, _case


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ({}, "no such item"),
        ({"where": "a.yaml"}, "a.yaml: no such item"),
        ({"where": "a.yaml", "line": 7}, "a.yaml:7: no such item"),
        ({"where": "a.yaml", "line": 0}, "a.yaml:0: no such item"),
    ],
)
def test_an_error_of_a_catalogue_says_as_much_of_the_place_as_is_known(place, words):
    assert str(CatalogueError("no such item", **place)) == words


@pytest.mark.parametrize(
    ("values", "middle"),
    [
        ([3], 3),
        ([4, 1], 2.5),
        ([9, 1, 2], 2),
        ([4, 1, 3, 2], 2.5),
        ([5, 1, 4, 2, 3], 3),
        ([6, 1, 5, 2, 4, 3], 3.5),
    ],
)
def test_the_median_is_the_value_in_the_middle_or_halfway_between_the_two(values, middle):
    assert median(list(values)) == middle


def test_the_document_begins_with_its_title_and_ends_with_one_line_break():
    text = document(C)

    assert text.startswith("#")
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


def changes_of(**event):
    case = _case()
    case["context"]["events"].append(
        {"order": 3, "kind": "pump_alarm", "t_hours": 2, "before_point": "p0", "route": "intrathecal"} | event
    )
    kind = event.get("kind", "pump_alarm")
    return [change for _point, facts in facts_of(case, C) for change in facts.changes if change.kind == kind]


@pytest.mark.parametrize("tone", ["single", "two_tone", None])
def test_a_case_says_with_which_tone_the_pump_alarmed(tone):
    assert {one.tone for one in changes_of(tone=tone)} == {tone}


@pytest.mark.parametrize(
    ("words", "hours"),
    [
        ({"every_hours": 8, "until_hours": 20}, [2, 10, 18]),
        ({"every_hours": 8}, [2]),
        ({"until_hours": 20}, [2]),
        ({"every_hours": 0, "until_hours": 20}, [2]),
        ({"every_hours": 9, "until_hours": 20}, [2, 11, 20]),
    ],
)
def test_an_event_that_recurs_is_told_each_time_until_it_ends(words, hours):
    found = changes_of(kind="missed_dose", **words)

    assert sorted({one.t - T0 for one in found}) == hours


@pytest.mark.parametrize(("severity", "told"), [(0, False), (1, True), (2, True), (4, True)])
def test_any_grade_of_what_is_there_or_not_is_a_yes(severity, told):
    assert _answer("yes_no", severity) is told


@pytest.mark.parametrize(
    ("person", "known"),
    [({"age": None}, True), ({"age": 40}, True), ({"age": 9, "population": "child"}, True),
     ({"age": None, "population": "child"}, False)],
)  # fmt: skip
def test_an_age_is_known_of_an_adult_and_of_whoever_told_it(person, known):
    context = context_of(C, scene(a={"tremor": 0}, person=person))

    assert ("age" in context.known_inputs()) is known


def test_the_document_is_written_where_asked_and_compared_where_asked(tmp_path, monkeypatch, capsys):
    page = tmp_path / "rules.md"
    monkeypatch.setattr(document_module, "DOCUMENT", page)

    assert document_module.main(["--check"]) == 1
    assert capsys.readouterr().out == "docs/rules.md is out of date: run python -m apps.rules.document\n"
    assert not page.exists()
    assert document_module.main([]) == 0
    assert page.read_text(encoding="utf-8") == document(C)
    assert document_module.main(["--check"]) == 0


@pytest.mark.parametrize("logs", [(1, 1, 0), (1, 0, 1), (0, 1, 1), (1, 1, 1)])
def test_an_item_asked_in_any_two_logs_of_the_day_was_asked_twice(logs):
    def asked_twice(*logs):
        now, *past = ({"confusion": 1} if asked else {"tremor": 0} for asked in logs)
        past = [{"a": answers, "h": hours} for hours, answers in enumerate(past, 2)]
        return context_of(C, scene(a=now, past=past)).asked_twice

    (bit,) = {asked_twice(1, 1)}

    assert bit
    assert asked_twice(*logs) & bit
    assert not asked_twice(1, 0) & bit


def test_logs_are_not_of_one_kind_when_a_reading_or_the_dose_gap_is_in_another_range():
    def kind(temperature=37.0, gap=2.0):
        doses = [{"h": gap, "status": "taken"}]
        return context_of(C, scene(a={"tremor": 0}, v={"temperature_c": temperature}, doses=doses)).kind_of_log

    assert kind() == kind()
    assert kind(41.0) != kind()
    assert kind(gap=40.0) != kind()


def test_a_reading_keeps_its_range_beside_that_of_the_dose_gap():
    facts = scene(a={}, v={"temperature_c": 41.0, "heart_rate_bpm": 140}, doses=[{"h": 3.0, "status": "taken"}])
    ranges = _ranges(context_of(C, facts))

    assert {"v_temperature_c", "v_heart_rate_bpm", "f_hours_since_last_dose", "h_hours_since_last_dose"} <= set(
        ranges
    )
    assert ranges["f_hours_since_last_dose"] == ranges["h_hours_since_last_dose"]


def _days(*grades):
    """From now back, three hours apart, the last of them the oldest."""
    now, *past = ({} if grade is None else {"tremor": grade} for grade in grades)
    return {"a": now, "past": [{"a": answers, "h": 3.0 * place} for place, answers in enumerate(past, 1)]}


@pytest.mark.parametrize(
    ("grades", "more", "running"),
    [
        ((3, 2), {}, True),
        ((2, 2), {}, True),
        ((3, 1), {}, False),
        ((1, 3), {}, False),
        ((3, None, 3), {}, True),
        ((3, "refused", 3), {}, True),
        ((3, 3), {"baseline": {"tremor": 2}}, False),
        ((3, 3), {"baseline": {"tremor": 1}}, True),
        ((3,), {}, None),
        ((1,), {}, False),
        ((None,), {}, None),
        (("refused",), {}, None),
    ],
)
def test_two_logs_running_are_the_last_two_that_hold_a_grade(grades, more, running):
    context = context_of(C, scene(**_days(*grades), **more))

    assert context.two_logs_running(("tremor",), 2) is running


def test_one_item_on_two_logs_running_is_enough_whatever_is_unknown_of_another():
    words = {"a": {"tremor": 3}, "past": [{"a": {"tremor": 3}, "h": 3}]}
    context = context_of(C, scene(**words))

    for codes in (("anxiety", "tremor"), ("tremor", "anxiety")):
        assert context.two_logs_running(codes, 2) is True
    quiet = context_of(C, scene(a={"tremor": 0}))
    for codes in (("anxiety", "tremor"), ("tremor", "anxiety")):
        assert quiet.two_logs_running(codes, 2) is None


def test_what_the_browser_gets_is_written_in_one_way_only(monkeypatch):
    monkeypatch.setattr(export_module, "export", lambda catalogue: {"b": [1, 2], "a": "39 °C – é"})
    assert export_module.export_bytes(C) == '{"a":"39 °C – é","b":[1,2]}'.encode()

    monkeypatch.setattr(export_module, "export", lambda catalogue: {"a": float("nan")})
    with pytest.raises(ValueError, match="not JSON compliant"):
        export_module.export_bytes(C)
