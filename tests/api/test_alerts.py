from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from apps.accounts.models import User
from apps.alerts.models import Alert, AlertEvent, Level
from apps.patients.models import Patient, Stay
from apps.wards.models import Ward
from tests.api.hospital import Caller, Chart, alert_of, faults, nurse_of, signed_in, system_of
from tests.factories import NOON, PatientFactory, hours

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(chart: Chart) -> str:
    """The path of an open alert."""
    return chart.paths["one-alert"]


@pytest.fixture
def at_bed(nurse: User) -> Caller:
    """A nurse of the ward in a browser."""
    return signed_in(nurse)


def etag(caller: Caller, alert: str) -> str:
    tag: str = caller.get(alert)["ETag"]
    return tag


def events(alert: str) -> list[str]:
    return list(AlertEvent.objects.filter(alert=alert.split("/")[1]).values_list("kind", flat=True))


def test_an_alert_tells_every_reason(system: Caller, chart: Chart, alert: str) -> None:
    told = system.get(alert).json()

    assert (told["level"], told["level_code"], told["status"]) == (2, "urgent", "open")
    assert told["because"] == ["New confusion during a taper."]
    assert set(told["hits"][0]) >= {"rule_id", "level", "because", "matched", "missing", "source", "tag"}
    assert [event["kind"] for event in told["events"]] == ["opened"]
    assert told["patient"] == str(chart.patient.pk)
    assert told["opened_at"].endswith("Z")


def test_taking_an_alert_names_who_has_it(nurse: User, alert: str) -> None:
    caller = signed_in(nurse)

    taken = caller.post(f"{alert}acknowledge/", If_Match=etag(caller, alert))

    assert taken.status_code == 200
    assert taken.json()["acknowledged_by"] == {"id": str(nurse.pk), "name": nurse.display_name}
    assert taken["ETag"] == etag(caller, alert)
    assert events(alert) == ["opened", "acknowledged"]


@pytest.mark.parametrize(
    ("step", "body"),
    [
        ("acknowledge", {}),
        ("release", {"note": "Busy."}),
        ("pass-on", {"note": "Busy.", "to": "00000000-0000-4000-8000-000000000000"}),
        ("silence", {"note": "Asleep.", "until": "2026-03-02T13:00:00Z"}),
        ("resolve", {"outcome": "reviewed"}),
    ],
)
def test_an_answer_says_what_it_has_seen(at_bed: Caller, alert: str, step: str, body: dict[str, Any]) -> None:
    assert at_bed.post(f"{alert}{step}/", body).status_code == 428
    assert at_bed.post(f"{alert}{step}/", body, If_Match='"something-older"').status_code == 412
    assert at_bed.post(f"{alert}{step}/", body, If_Match="no tag").status_code == 400
    assert events(alert) == ["opened"]


def test_an_alert_that_rose_meanwhile_is_read_again_before_it_is_taken(at_bed: Caller, alert: str) -> None:
    seen = etag(at_bed, alert)
    Alert.objects.update(level=Level.EMERGENCY, raised_at=NOON + hours(1))

    assert at_bed.post(f"{alert}acknowledge/", If_Match=seen).status_code == 412


def test_the_same_level_firing_again_does_not_stand_in_the_way(at_bed: Caller, alert: str) -> None:
    seen = etag(at_bed, alert)
    Alert.objects.update(last_fired_at=NOON + hours(1))

    assert at_bed.post(f"{alert}acknowledge/", If_Match=seen).status_code == 200


def test_who_comes_second_learns_who_was_first(ward: Ward, alert: str) -> None:
    first, second = signed_in(nurse_of(ward)), signed_in(nurse_of(ward))
    seen = etag(second, alert)
    first.post(f"{alert}acknowledge/", If_Match=seen)

    late = second.post(f"{alert}acknowledge/", If_Match=seen)

    assert late.status_code == 409
    assert first.user is not None
    assert first.user.display_name in late.json()["detail"]


def test_a_taken_alert_can_be_handed_back_and_taken_by_another(ward: Ward, alert: str) -> None:
    first, second = signed_in(nurse_of(ward)), signed_in(nurse_of(ward))
    first.post(f"{alert}acknowledge/", If_Match=etag(first, alert))

    back = first.post(f"{alert}release/", {"note": "end of shift"}, If_Match=etag(first, alert))
    taken = second.post(f"{alert}acknowledge/", If_Match=etag(second, alert))

    assert (back.status_code, taken.status_code) == (200, 200)
    assert back.json()["status"] == "open"
    assert events(alert) == ["opened", "acknowledged", "released", "acknowledged"]


def test_a_note_is_added_without_having_seen_the_newest(at_bed: Caller, alert: str) -> None:
    noted = at_bed.post(f"{alert}notes/", {"note": "Called the pump clinic. 👍 عربى"})

    assert noted.status_code == 200
    assert noted.json()["events"][-1]["note"] == "Called the pump clinic. 👍 عربى"


@pytest.mark.parametrize("note", ["", "  ", "x" * 4001, "a\x00b", "a\u202eb", None, 5])
def test_a_note_that_says_nothing_or_misleads_is_refused(at_bed: Caller, alert: str, note: object) -> None:
    assert at_bed.post(f"{alert}notes/", {"note": note}).status_code == 422
    assert events(alert) == ["opened"]


def test_closing_needs_an_outcome(at_bed: Caller, alert: str) -> None:
    seen = etag(at_bed, alert)

    without = at_bed.post(f"{alert}resolve/", {}, If_Match=seen)
    unknown = at_bed.post(f"{alert}resolve/", {"outcome": "gone"}, If_Match=seen)

    assert faults(without) == {"/outcome": "required"}
    assert faults(unknown) == {"/outcome": "not_a_choice"}


def test_a_false_alarm_needs_its_reason(nurse: User, alert: str) -> None:
    caller = signed_in(nurse)
    seen = etag(caller, alert)

    assert caller.post(f"{alert}resolve/", {"outcome": "false"}, If_Match=seen).status_code == 422
    assert (
        caller.post(f"{alert}resolve/", {"outcome": "false", "note": "wrong patient"}, If_Match=seen).status_code
        == 200
    )


def test_a_closed_alert_is_closed(nurse: User, alert: str) -> None:
    caller = signed_in(nurse)
    closed = caller.post(f"{alert}resolve/", {"outcome": "reinstated"}, If_Match=etag(caller, alert))

    assert closed.json()["outcome"] == "reinstated"
    for step, body in (("acknowledge", {}), ("release", {"note": "Busy."}), ("resolve", {"outcome": "reviewed"})):
        assert caller.post(f"{alert}{step}/", body, If_Match=etag(caller, alert)).status_code == 409


def test_alerts_are_found_by_what_a_ward_asks_for(system: Caller, ward: Ward, chart: Chart) -> None:
    urgent = str(chart.alert.pk)
    emergency = str(alert_of(PatientFactory(stay=ward), level=Level.EMERGENCY, raised_at=NOON + hours(1)).pk)

    def found(query: str) -> list[str]:
        return [row["id"] for row in system.get(f"alerts/?{query}").json()["results"]]

    assert found("") == [emergency, urgent]
    assert found("min_level=3") == [emergency]
    assert found(f"patient={chart.patient.pk}") == [urgent]
    assert found(f"ward={ward.pk}") == [emergency, urgent]
    assert found("status=acknowledged") == []
    assert found("open=true") == [emergency, urgent]
    assert found("open=false") == []
    assert found("pattern=delirium&raised_from=2026-11-20T12:30:00Z") == [emergency]


def test_an_alert_follows_its_patient_to_another_ward(system: Caller, other_ward: Ward, chart: Chart) -> None:
    Stay.objects.filter(patient=chart.patient).update(ward=other_ward)

    assert system.get("alerts/").json()["results"] == []
    assert system_of(other_ward).get(chart.paths["one-alert"]).status_code == 200


def test_an_alert_costs_few_statements(system: Caller, alert: str, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(6):
        system.get(alert)


def test_a_page_of_alerts_costs_the_same_however_long(
    system: Caller, ward: Ward, django_assert_max_num_queries: Any
) -> None:
    for _ in range(8):
        alert_of(PatientFactory(stay=ward))

    with django_assert_max_num_queries(3):
        system.get("alerts/")


@pytest.mark.django_db(transaction=True)
def test_of_many_nurses_at_once_one_takes_it(ward: Ward, patient: Patient) -> None:
    alert = f"alerts/{alert_of(patient).pk}/"
    callers = [signed_in(nurse_of(ward)) for _ in range(6)]
    seen = etag(callers[0], alert)

    def take(caller: Caller) -> int:
        try:
            status: int = caller.post(f"{alert}acknowledge/", If_Match=seen).status_code
            return status
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(callers)) as pool:
        statuses = sorted(pool.map(take, callers))

    assert statuses == [200] + [409] * 5
    assert events(alert) == ["opened", "acknowledged"]
