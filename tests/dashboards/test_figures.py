"""Is it any good: each figure worked out by hand, and the same as the count of the rows that it opens to."""

import csv
import io
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.alerts.models import AlertEvent
from apps.dashboards.figures import counting
from apps.dashboards.figures.counting import Share
from apps.dashboards.figures.reading import AlertRow, Period, read_period
from tests.dashboards.test_bedside import text_of
from tests.factories import (
    NOON,
    AlertFactory,
    PatientFactory,
    PlanFactory,
    SymptomLogFactory,
    UserFactory,
    WardFactory,
    a_hit,
    hours,
    make_version,
)

pytestmark = pytest.mark.django_db
SINCE = NOON - timedelta(days=30)


@pytest.fixture
def patient(ward):
    return PatientFactory(stay=ward, stay__admitted_at=NOON - timedelta(days=14), time_zone="Europe/London")


def raised(patient, minutes_to_take=None, minutes_to_close=None, *, level=3, outcome="reviewed", ago=24, **more):
    """Raised so many hours ago; taken and closed so many minutes later."""
    opened = NOON - hours(ago)
    alert = AlertFactory(patient=patient, level=level, opened_at=opened, raised_at=opened, **more)
    AlertEvent.objects.create(alert=alert, kind="opened", at=opened, level=level)
    by = UserFactory()
    if minutes_to_take is not None:
        taken = opened + timedelta(minutes=minutes_to_take)
        AlertEvent.objects.create(alert=alert, kind="acknowledged", at=taken, level=level, by=by)
        alert.status, alert.acknowledged_by, alert.acknowledged_at = "acknowledged", by, taken
        alert.acknowledged_level = level
    if minutes_to_close is not None:
        alert.status, alert.outcome, alert.resolved_by = "resolved", outcome, by
        alert.resolved_at = opened + timedelta(minutes=minutes_to_close)
    alert.save()
    return alert


def period(ward):
    return read_period(ward, SINCE, NOON)


def test_how_fast_they_were_taken_and_closed(ward, patient):
    for place, (take, close) in enumerate([(1, 11), (2, 32), (3, 13), (10, 20)]):
        raised(patient, take, close, ago=40 - place, pattern=f"p{place}")
    raised(patient, ago=30, pattern="waits")

    take = counting.delays_to_take(period(ward))[0]
    close = counting.delays_to_close(period(ward))[0]

    assert (take.count, take.not_yet, take.target) == (5, 1, timedelta(minutes=3))
    assert (take.median, take.ninth) == (timedelta(minutes=2.5), timedelta(minutes=10))
    # Three of four in three minutes; the one that nobody has taken is late.
    assert take.in_time == Share(3, 5)
    assert (close.median, close.in_time) == (timedelta(minutes=10), Share(3, 5))


def test_one_that_has_still_time_is_neither(ward, patient):
    raised(patient, ago=1 / 60)

    assert counting.delays_to_take(period(ward))[0].in_time == Share(0, 0)


def test_how_often_for_each_patient_and_week(ward, patient):
    PatientFactory(stay=ward, stay__admitted_at=NOON - timedelta(days=100))
    for ago in (1, 2, 3):
        raised(patient, 1, 2, ago=ago, level=2, pattern=f"p{ago}")

    found = period(ward)
    rates = {rate.key: rate for rate in counting.rates(found)}

    assert found.patient_days == pytest.approx(44)
    assert (rates["level-2"].count, rates["level-3"].count) == (3, 0)
    assert rates["level-2"].per_week == pytest.approx(3 / (44 / 7), abs=0.01)
    assert rates["pattern-p1"].count == 1


def test_how_often_a_rule_was_right(ward, patient):
    outcomes = ["reinstated"] * 6 + ["false"] * 3 + ["other_cause", "reviewed", "not_actionable"]
    for place, outcome in enumerate(outcomes):
        raised(patient, 1, 2, ago=place + 1, outcome=outcome, pattern=f"p{place}", hits=[a_hit(rule_id="DEL-E")])
    raised(patient, ago=40, pattern="open", hits=[a_hit(rule_id="DEL-E")])

    worths = {worth.key: worth for worth in counting.worths(period(ward))}

    assert set(worths) == {"closed", "rule-DEL-E"}
    assert (worths["rule-DEL-E"].share, worths["rule-DEL-E"].undecided) == (Share(7, 11), 1)
    # Wilson 1927, 7 of 11.
    assert worths["closed"].share.interval == (35, 85)
    assert worths["closed"].share.percent == 64


def test_of_few_no_share_is_given():
    assert (Share(9, 9).percent, Share(9, 9).interval) == (None, None)
    assert Share(0, 10).percent == 0


def test_what_was_given_back_without_a_warning_was_missed(ward, patient):
    plan = PlanFactory(patient=patient, steps=False, created_at=NOON - timedelta(days=10))
    make_version(plan, starts_at=NOON - timedelta(days=10))
    make_version(plan, number=2, kind="reinstate", starts_at=NOON - hours(5))

    assert [(row.patient, row.at) for row in period(ward).missed] == [(patient.name, NOON - hours(5))]

    raised(patient, 1, 2, ago=10)
    assert period(ward).missed == ()


def test_days_with_a_log_are_the_persons_own_days(ward, patient):
    for ago in (20, 21, 70):
        SymptomLogFactory(patient=patient, observed_at=NOON - hours(ago), filled_in_seconds=30 + ago)

    found = period(ward)

    # From the first midnight in care to the last: 13 whole days.
    assert counting.completion(found) == Share(2, 13)
    assert counting.median_seconds(found) == 51


def test_another_wards_alerts_are_not_counted(ward):
    raised(PatientFactory(stay=WardFactory()), 1, 2)

    assert period(ward).alerts == ()


ROWS = st.lists(
    st.builds(
        AlertRow,
        id=st.uuids(),
        patient_id=st.uuids(),
        patient=st.just("Ada"),
        pattern=st.sampled_from(["delirium", "mood_safety"]),
        catalogue_version=st.just("baclofen-withdrawal-2026.2"),
        level=st.integers(1, 3),
        rules=st.lists(st.sampled_from(["A", "B"]), unique=True).map(tuple),
        opened_at=st.just(NOON - hours(9)),
        taken_at=st.sampled_from([None, NOON - hours(8)]),
        closed_at=st.sampled_from([None, NOON - hours(7)]),
        outcome=st.sampled_from(["", "reviewed", "false", "reinstated"]),
    ),
    max_size=30,
)


@given(ROWS)
def test_each_figure_is_the_count_of_the_rows_that_it_opens_to(rows):
    of = Period(None, SINCE, NOON, tuple(rows), (), (), 7.0, ())

    for delay in (*counting.delays_to_take(of), *counting.delays_to_close(of)):
        assert delay.count == len(counting.alert_rows(of, delay.key))
    for rate in counting.rates(of):
        assert rate.count == len(counting.alert_rows(of, rate.key))
    for worth in counting.worths(of):
        assert worth.share.of + worth.undecided == len(counting.alert_rows(of, worth.key))
    assert sum(rate.count for rate in counting.rates(of)[:3]) == len(rows)


def test_the_page_opens_each_figure_to_its_rows_and_as_csv(desk, ward, patient):
    patient.given_name = "=SUM(A1)"
    patient.save()
    alert = raised(patient, 2, 12, outcome="false", hits=[a_hit(rule_id="DEL-E")])
    page = desk.get(reverse("dashboards:figures", args=[ward.pk]))

    text = text_of(page)
    assert "Is it any good?" in text
    assert "0 of 1 DEL-E too few to say" in text
    assert "Baclofen was never given back without an alert" in text
    for key in ("take-3", "close-3", "level-3", "closed", "rule-DEL-E", f"pattern-{alert.pattern}"):
        address = reverse("dashboards:figure-rows", args=[ward.pk, key])
        assert address in page.content.decode()
        assert reverse("dashboards:alert", args=[alert.pk]) in desk.get(address).content.decode()
    sheet = desk.get(reverse("dashboards:figure-rows", args=[ward.pk, "closed"]) + "?format=csv")
    rows = list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"))))
    assert rows[0][0] == "Raised"
    assert rows[1][1].startswith("'=SUM(A1)")
    assert rows[1][6] == "false alarm"


@pytest.mark.parametrize("key", ["missed", "days"])
def test_what_is_no_alert_opens_too(desk, ward, patient, key):
    assert desk.get(reverse("dashboards:figure-rows", args=[ward.pk, key])).status_code == 200


@pytest.mark.parametrize("key", ["nonsense", "drop-table", "figure"])
def test_a_figure_that_is_none_is_not_there(desk, ward, key):
    assert desk.get(reverse("dashboards:figure-rows", args=[ward.pk, key])).status_code == 404


def test_an_empty_ward_says_so(desk, ward):
    text = text_of(desk.get(reverse("dashboards:figures", args=[ward.pk]) + "?days=9999"))

    assert "There is no whole day in care yet." in text
    assert "nobody was in care" in text
    assert "last 30 days" in text


def test_the_page_costs_no_more_statements_for_more_alerts(desk, ward, patient, django_assert_max_num_queries):
    for place in range(12):
        raised(patient, 1, 2, ago=place + 1, pattern=f"p{place}")

    with django_assert_max_num_queries(16):
        desk.get(reverse("dashboards:figures", args=[ward.pk]))
