"""On the alert's page: somebody else should go, nobody needs to be called for a while, and what a refusal keeps."""

import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from apps.alerts.models import Alert
from tests.factories import AlertFactory, DutyFactory, PatientFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def alert(ward):
    return AlertFactory(patient=PatientFactory(stay=ward, stay__bed="4"), pattern="delirium", level=2)


@pytest.fixture
def colleague(ward):
    now = timezone.now()
    shift = {"starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=7)}
    return DutyFactory(ward=ward, user=UserFactory(display_name="Ben Okafor"), **shift).user


def url(alert, name="alert"):
    return reverse(f"dashboards:{name}", args=[alert.pk])


def text_of(answer):
    main = answer.content.decode().split("<main", 1)[1].split("</main>", 1)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main)).replace("&#x27;", "'")


def test_it_is_passed_on_by_name_and_the_colleague_is_called(desk, nurse, alert, colleague):
    answer = desk.post(url(alert, "alert-pass-on"), {"to": colleague.pk, "note": "I am in theatre."}, follow=True)

    alert.refresh_from_db()
    assert (alert.status, alert.acknowledged_by) == ("open", None)
    assert "Ben Okafor is asked now. Until they take it, nobody has it." in text_of(answer)
    assert "to Ben Okafor: I am in theatre." in text_of(answer)
    assert alert.escalation_steps.filter(person=colleague, cancelled_at=None).exists()


def test_only_who_works_here_can_be_asked_and_what_was_typed_stays(desk, alert, colleague):
    stranger = UserFactory()

    answer = desk.post(url(alert, "alert-pass-on"), {"to": stranger.pk, "note": "I am in theatre."})

    assert answer.status_code == 422
    assert "I am in theatre." in answer.content.decode()
    assert "Choose somebody else who works on the ward." in text_of(answer)
    assert str(stranger.pk) not in answer.content.decode()
    assert not alert.events.filter(kind="passed_on").exists()


def test_i_cannot_is_said_to_the_others_and_nobody_has_it(desk, nurse, alert):
    answer = desk.post(url(alert, "alert-decline"), {"note": "With another patient."}, follow=True)

    assert "Kept: you cannot go. Somebody else is called." in text_of(answer)
    assert "With another patient." in text_of(answer)
    assert Alert.objects.get().status == "open"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("alert-pass-on", {"note": ""}),
        ("alert-decline", {"note": "  "}),
        ("alert-silence", {"hours": "1", "note": ""}),
        ("alert-silence", {"hours": "99", "note": "Asleep."}),
        ("alert-silence", {"hours": "nonsense", "note": "Asleep."}),
        ("alert-release", {"note": ""}),
    ],
)
def test_not_to_act_needs_a_reason_and_an_end(desk, alert, colleague, name, given):
    before = list(alert.events.values_list("pk"))

    answer = desk.post(url(alert, name), {"to": colleague.pk} | given)

    assert answer.status_code == 422
    assert "There is a problem" in text_of(answer)
    assert list(alert.events.values_list("pk")) == before


def test_a_silence_is_shown_with_who_until_when_and_why_and_can_be_ended(desk, nurse, alert):
    silenced = desk.post(url(alert, "alert-silence"), {"hours": "1", "note": "Asleep, seen at ten."}, follow=True)

    text = text_of(silenced)
    assert "Silenced until" in text
    assert f"by {nurse}" in text
    assert "Asleep, seen at ten." in text
    assert "Nobody has taken it." in text
    assert "Take it" in text

    ended = desk.post(url(alert, "alert-unsilence"), follow=True)

    assert "The silence has ended. The calling has begun anew." in text_of(ended)
    assert Alert.objects.get().silenced_until is None


@pytest.mark.parametrize(("pattern", "level"), [("seizure_risk", 2), ("hyperthermia", 3), ("delirium", 3)])
def test_what_is_on_the_floor_offers_no_silence_and_takes_none(desk, alert, pattern, level):
    Alert.objects.update(pattern=pattern, level=level)

    page = desk.get(url(alert))
    answer = desk.post(url(alert, "alert-silence"), {"hours": "1", "note": "Asleep."})

    assert "An alert of this kind and level is never silenced." in text_of(page)
    assert url(alert, "alert-silence") not in page.content.decode()
    assert answer.status_code in (409, 422)
    assert Alert.objects.get().silenced_until is None


def test_the_board_says_that_it_is_silent_and_still_shows_it_as_nobodys(desk, ward, alert):
    desk.post(url(alert, "alert-silence"), {"hours": "1", "note": "Asleep, seen at ten."})

    board = desk.get(reverse("dashboards:board", args=[ward.pk])).content.decode()

    assert "ilenced until" in board
    assert url(alert) in board


def test_of_another_ward_nothing_can_be_answered(client, alert, colleague):
    other = DutyFactory().user
    client.force_login(other)

    for name in ("alert-pass-on", "alert-decline", "alert-silence", "alert-unsilence"):
        given = {"to": colleague.pk, "note": "x", "hours": "1"}
        assert client.post(url(alert, name), given).status_code == 404, name
    assert not alert.events.exclude(kind="raised").exists()
