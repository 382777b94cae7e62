"""Each kind of value, at the edges that Python's own readers let through."""

from datetime import UTC, datetime
from decimal import Decimal as Dec
from typing import Annotated

import pytest

from apps.api.fields import Clock, Date, Decimal, Id, Instant, one_of, text
from apps.api.shapes import Given, read
from apps.api.symptom_log_shapes import LogGiven, ReadingGiven
from apps.core.errors import InvalidInput


class Sample(Given):
    at: Instant | None = None
    day: Date | None = None
    clock: Clock | None = None
    id: Id | None = None
    dose: Decimal | None = None
    note: Annotated[str, text(10)] = ""
    name: Annotated[str, text(10, required=True, one_line=True)] = "x"
    route: Annotated[str, one_of(("oral", "intrathecal"))] = "oral"
    count: int = 1
    flag: bool = False


def codes(**fields: object) -> list[tuple[str, str]]:
    with pytest.raises(InvalidInput) as caught:
        read(fields, Sample)
    return [(problem.pointer, problem.code) for problem in caught.value.problems]


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-23T08:00:00",
        "2026-11-23 08:00:00Z",
        "2026-11-23T08:00Z",
        "2026-11-23",
        "2026-02-30T08:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T08:00:60Z",
        "2026-11-23T08:00:00+15:00",
        "2026-11-23T08:00:00+1",
        "٢٠٢٦-11-23T08:00:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        1795420800,
        1795420800.0,
        True,
        "",
        [],
    ],
)
def test_an_instant_without_a_sure_meaning_is_refused(value: object) -> None:
    assert [pointer for pointer, _code in codes(at=value)] == ["/at"]


def test_an_instant_is_kept_in_utc() -> None:
    assert read({"at": "2026-10-25T01:30:00+01:00"}, Sample).at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_the_repeated_hour_of_a_clock_change_is_two_hours() -> None:
    first, second = (read({"at": f"2026-10-25T01:30:00{offset}"}, Sample).at for offset in ("+01:00", "+00:00"))

    assert first != second


@pytest.mark.parametrize(
    "value",
    ["6F0B7C1E8C5D4D2A9A530A3F1C2B4D5E", "{6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e}", "1", 1, "urn:uuid:x", "", True],
)
def test_an_id_that_is_no_canonical_uuid_is_refused(value: object) -> None:
    assert codes(id=value) == [("/id", "not_a_uuid")]


@pytest.mark.parametrize(
    "value",
    ["٣٨", "1_0", "1e2", "+5", "-5", " 5", "5 ", "05", "5.", ".5", "5.0001", "1234567", "NaN", "", 5, 5.0, True],
)
def test_a_decimal_in_any_other_writing_is_refused(value: object) -> None:
    assert codes(dose=value) == [("/dose", "not_a_decimal")]


def test_a_decimal_is_exact() -> None:
    assert read({"dose": "0.105"}, Sample).dose == Dec("0.105")


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b", "a\u202eb", "a\u2066b", "a\x1bb", "a\x85b"])
def test_text_that_would_not_be_read_as_it_was_written_is_refused(value: str) -> None:
    assert codes(note=value) == [("/note", "forbidden_character")]


@pytest.mark.parametrize("value", ["a\tb", "one\r\ntwo", "عربى", "👩‍⚕️", "e\u0301", "מה"])
def test_text_of_any_language_is_kept_as_it_is(value: str) -> None:
    assert read({"note": value}, Sample).note == value


def test_a_text_too_long_is_refused_with_its_length_and_never_cut() -> None:
    with pytest.raises(InvalidInput) as caught:
        read({"note": "x" * 11}, Sample)

    assert "11" in caught.value.problems[0].detail


@pytest.mark.parametrize("value", [True, 1.0, "1", "1_0", None])
def test_a_whole_number_is_a_json_integer(value: object) -> None:
    assert codes(count=value) == [("/count", "not_a_whole_number")]


@pytest.mark.parametrize("value", [1, 0, "true", None])
def test_a_flag_is_a_json_boolean(value: object) -> None:
    assert codes(flag=value) == [("/flag", "not_a_boolean")]


def test_every_fault_is_in_one_answer() -> None:
    found = codes(at="now", id="1", route="rectal", name=" ", bogus=1, day="23.11.2026", clock="8:00")

    assert dict(found) == {
        "/at": "not_an_instant",
        "/id": "not_a_uuid",
        "/route": "not_a_choice",
        "/name": "blank",
        "/bogus": "unknown_field",
        "/day": "not_a_date",
        "/clock": "not_a_time_of_day",
    }


@pytest.mark.parametrize("body", [None, [], "text", 1, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(body, Sample)

    assert caught.value.problems[0].code == "not_an_object"


@pytest.mark.parametrize("value", [True, "38", "3_8", "٣٨", "1e2", "38,5", " 38", "0x26", "", None, [], {}])
def test_a_reading_is_a_json_number(value: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        read({"value": value, "unit": "degC"}, ReadingGiven)

    assert caught.value.problems[0].pointer == "/value"


def test_a_reading_without_its_unit_is_refused() -> None:
    with pytest.raises(InvalidInput) as caught:
        read({"value": 101.3}, ReadingGiven)

    assert (caught.value.problems[0].pointer, caught.value.problems[0].code) == ("/unit", "required")


@pytest.mark.parametrize("value", [2.0, None, [], {}, "", "x" * 21, "\u0663", "a\x00"])
def test_an_answer_is_a_grade_a_flag_or_a_word(value: object) -> None:
    body = {
        "patient": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5e",
        "client_id": "6f0b7c1e-8c5d-4d2a-9a53-0a3f1c2b4d5f",
        "observed_at": "2026-11-23T08:00:00Z",
        "answers": {"confusion": value},
    }
    with pytest.raises(InvalidInput) as caught:
        read(body, LogGiven)

    assert [(p.pointer, p.code) for p in caught.value.problems] == [("/answers/confusion", "not_an_answer")]
