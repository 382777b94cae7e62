"""From a log that does not come to a message on a phone. The clock is moved by hand; the push service stands on the
loopback and mail in Django's outbox."""

import json
import re
from datetime import UTC, datetime, time, timedelta
from threading import Barrier, Thread
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db import connections

from apps.accounts.models import User
from apps.alerts.models import Alert
from apps.messaging.models import PushSubscription
from apps.messaging.services import subscribe, unsubscribe
from apps.monitoring.clock import check_due
from apps.monitoring.clock import enrol as enrol_clock
from apps.monitoring.rounds import ROUNDS
from apps.patients.services import change_time_zone
from apps.reminders import sending
from apps.reminders.asking import enrol, look_at_due
from apps.reminders.models import CarerReminders, Reminder, ReminderAttempt, ReminderCheck, ReminderChoice
from apps.reminders.sending import claim_one, send, send_due
from apps.reminders.services import forget_old
from tests.factories import AlertFactory, CarerFactory, PatientFactory, PlanFactory, SymptomLogFactory, UserFactory
from tests.messaging.push_service import Browser

pytestmark = pytest.mark.django_db
LOGGED = datetime(2026, 6, 1, 7, 30, tzinfo=UTC)
"""08:30 in London."""
NINE = datetime(2026, 6, 2, 8, 0, tzinfo=UTC)
HEALTH = re.compile(
    r"baclofen|taper|dose|symptom|withdraw|medicin|pill|seizure|hallucinat|spasm|ward|nurse|clinic|hospital|patient"
    r"|health|pump|\b(ill|log|mg)\b|Ada|Lovegrove|R0\d+",
    re.IGNORECASE,
)


def minutes(count):
    return timedelta(minutes=count)


def a_patient(zone="Europe/London", logged=LOGGED, **given):
    user = UserFactory(role=User.Role.PATIENT, display_name="Ada Lovegrove")
    patient = PatientFactory(
        user=user, given_name="Ada", family_name="Lovegrove", time_zone=zone,
        registered_at=logged - timedelta(days=60), stay__admitted_at=logged - timedelta(days=60), **given,
    )  # fmt: skip
    PlanFactory(
        patient=patient, created_at=logged - timedelta(days=50), steps__daily_doses=(60,),
        steps__starts_at=logged - timedelta(days=50),
    )  # fmt: skip
    SymptomLogFactory(patient=patient, observed_at=logged, answers={"anxiety": 0})
    return patient


@pytest.fixture
def patient():
    return a_patient()


@pytest.fixture
def browser():
    return Browser()


@pytest.fixture
def phone(push_service, patient, browser):
    return subscribe(
        user=patient.user, endpoint=push_service.address, label="Firefox, Android", language="en", at=LOGGED,
        **browser.keys,
    )  # fmt: skip


@pytest.fixture
def sister(patient):
    carer = CarerFactory(patient=patient, consented_at=LOGGED - timedelta(days=30))
    CarerReminders.objects.create(carer=carer, agreed_at=LOGGED)
    return carer


def turn(at):
    """What a watch does of this in one turn."""
    enrol(at)
    while look_at_due(at):
        pass
    send_due(lambda: at)


def watch(since, until, every=timedelta(minutes=5)):
    at = since
    while at <= until:
        turn(at)
        at += every


def told(user=None):
    """(kind, local wall clock of London, outcome) in order."""
    rows = Reminder.objects.exclude(kind="test").order_by("due_at", "kind")
    if user:
        rows = rows.filter(recipient=user)
    return [
        (row.kind, row.created_at.astimezone(ZoneInfo("Europe/London")).strftime("%d %H:%M"), row.outcome)
        for row in rows
    ]


# -- When ----------------------------------------------------------------------------------------------------------


def test_a_patient_is_asked_once_more_then_the_carer_and_then_the_ward_has_its_alert(patient, phone, sister):
    watch(LOGGED, NINE + timedelta(hours=11))
    enrol_clock(NINE + timedelta(hours=11))
    while check_due(NINE + timedelta(hours=12)):
        pass

    assert told(patient.user) == [("asked", "02 09:00", "sent"), ("gentle", "02 11:00", "sent")]
    assert told(sister.user) == [("carer", "02 13:00", "sent")]
    assert Alert.objects.get(patient=patient).pattern == "silence"


def test_nobody_is_reminded_before_the_log_is_asked_for_or_after_it_came(patient, phone):
    watch(LOGGED, NINE - minutes(5))
    SymptomLogFactory(patient=patient, observed_at=NINE - minutes(2), answers={"anxiety": 0})
    watch(NINE, NINE + timedelta(hours=12))

    assert told() == []


def test_a_log_that_comes_after_the_first_reminder_ends_it(patient, phone, sister):
    watch(LOGGED, NINE)
    SymptomLogFactory(patient=patient, observed_at=NINE + minutes(10), answers={"anxiety": 0})
    watch(NINE, NINE + timedelta(hours=12))

    assert told() == [("asked", "02 09:00", "sent")]


def test_a_reading_of_a_machine_is_nobody_who_logs(patient, phone):
    SymptomLogFactory(patient=patient, observed_at=NINE - minutes(30), reporter="system", answers={"anxiety": 0})

    watch(NINE, NINE)

    assert told() == [("asked", "02 09:00", "sent")]


def test_each_person_chooses_the_hour(patient, phone):
    ReminderChoice.objects.create(user=patient.user, morning=time(11))

    watch(LOGGED, NINE + timedelta(hours=3))

    assert told() == [("asked", "02 11:00", "sent")]


def test_a_traveller_is_asked_at_nine_where_they_are(patient, phone):
    change_time_zone(patient=patient, zone="America/New_York", by=None, at=LOGGED + timedelta(hours=5))

    watch(LOGGED + timedelta(hours=6), NINE + timedelta(hours=6))

    assert [row.created_at for row in Reminder.objects.all()] == [datetime(2026, 6, 2, 13, 0, tzinfo=UTC)]


def test_who_travels_after_the_reminder_is_not_asked_again_the_same_day(patient, phone):
    turn(NINE)
    change_time_zone(patient=patient, zone="America/New_York", by=None, at=NINE + minutes(30))

    watch(NINE + minutes(30), NINE + timedelta(hours=7))

    assert [row.kind for row in Reminder.objects.order_by("created_at")] == ["asked", "gentle"]


@pytest.mark.parametrize(
    ("logged", "nine"),
    [
        (datetime(2026, 3, 28, 23, 30, tzinfo=UTC), datetime(2026, 3, 29, 8, 0, tzinfo=UTC)),
        (datetime(2026, 10, 24, 22, 30, tzinfo=UTC), datetime(2026, 10, 25, 9, 0, tzinfo=UTC)),
    ],
)
def test_the_morning_after_the_clocks_change_has_its_reminder_at_nine(push_service, browser, logged, nine):
    patient = a_patient(logged=logged)

    watch(logged, nine + timedelta(hours=1))

    assert [row.created_at for row in Reminder.objects.filter(recipient=patient.user)] == [nine]


def test_a_zone_of_45_minutes_is_asked_at_its_nine(push_service):
    patient = a_patient(zone="Asia/Kathmandu", logged=datetime(2026, 6, 1, 3, 0, tzinfo=UTC))

    watch(datetime(2026, 6, 2, 2, 0, tzinfo=UTC), datetime(2026, 6, 2, 4, 0, tzinfo=UTC))

    assert [row.created_at.strftime("%H:%M") for row in Reminder.objects.filter(recipient=patient.user)] == [
        "03:15"
    ]


def test_with_an_urgent_alert_open_a_log_is_asked_for_every_four_hours_by_night_too(patient, phone, sister):
    AlertFactory(patient=patient, level=2, opened_at=LOGGED + timedelta(hours=10))
    night = LOGGED + timedelta(hours=16)  # half past midnight

    watch(night - minutes(30), night + minutes(90))

    assert told(patient.user)[-1] == ("asked", "02 00:30", "sent")


def test_what_is_asked_sooner_since_something_was_reported_is_noticed_at_once(patient, phone):
    turn(LOGGED + minutes(5))
    enrol_clock(LOGGED)
    ReminderCheck.objects.update(due_at=NINE)
    AlertFactory(patient=patient, level=2, opened_at=LOGGED + minutes(20))
    check_due(LOGGED + timedelta(hours=4))

    turn(LOGGED + timedelta(hours=4, minutes=1))

    assert told() == [("asked", "01 12:31", "sent")]


def test_two_reminders_are_never_minutes_apart_when_what_is_asked_for_changes(patient, phone):
    turn(NINE)
    AlertFactory(patient=patient, level=2, opened_at=NINE + minutes(5))

    watch(NINE + minutes(5), NINE + minutes(24))

    assert told() == [("asked", "02 09:00", "sent")]


def test_whoever_is_discharged_or_has_no_plan_is_not_reminded(patient, phone):
    turn(LOGGED)
    patient.stays.update(discharged_at=NINE - minutes(30))
    without_plan = PatientFactory(with_account=True)

    watch(NINE, NINE + timedelta(hours=3))

    assert told() == []
    assert not ReminderCheck.objects.filter(patient=patient).exists()
    assert ReminderCheck.objects.filter(patient=without_plan).exists()


def test_after_three_silent_days_nobody_is_asked_any_more(patient, phone):
    watch(LOGGED, LOGGED + timedelta(days=8), every=minutes(30))

    days = [row.created_at.day for row in Reminder.objects.filter(kind="asked").order_by("created_at")]
    assert days == [2, 3, 4]


# -- Once, and never piled up --------------------------------------------------------------------------------------


def test_a_watch_that_was_down_for_two_days_sends_one_message(patient, phone, push_service):
    turn(LOGGED)

    watch(NINE + timedelta(days=2, minutes=40), NINE + timedelta(days=2, hours=2))

    assert len(push_service.posted) == 1
    assert told(patient.user) == [("asked", "04 09:40", "sent")]


def test_a_message_that_was_owed_when_the_watch_went_down_is_dropped_when_it_is_late(patient, phone, push_service):
    turn(LOGGED)
    look_at_due(NINE)

    watch(NINE + timedelta(days=1, minutes=10), NINE + timedelta(days=1, minutes=30))

    assert told() == [("asked", "02 09:00", "expired"), ("asked", "03 09:10", "sent")]
    assert len(push_service.posted) == 1


def test_a_service_keeps_a_message_no_longer_than_it_is_true_and_only_the_newest(patient, phone, push_service):
    watch(NINE, NINE + timedelta(hours=2))

    first, second = push_service.posted
    assert first.headers["ttl"] == str(2 * 3600)
    assert first.headers["topic"] == second.headers["topic"]
    assert len(first.headers["topic"]) <= 32
    assert patient.pk.hex not in first.headers["topic"]


def test_a_log_between_claim_and_send_stops_the_message(patient, phone, push_service):
    turn(LOGGED)
    look_at_due(NINE)
    claimed = claim_one(NINE)
    SymptomLogFactory(patient=patient, observed_at=NINE + minutes(1), answers={"anxiety": 0})

    assert not send(claimed, NINE + minutes(1))

    assert push_service.posted == []
    assert told() == [("asked", "02 09:00", "overtaken")]


def test_consent_that_ends_between_claim_and_send_stops_the_message(patient, push_service, sister):
    ReminderChoice.objects.create(user=patient.user, by_email=False)
    turn(LOGGED)
    look_at_due(NINE + timedelta(hours=4))
    sister.withdrawn_at = NINE
    sister.save()

    send_due(lambda: NINE + timedelta(hours=4))

    assert told(sister.user) == [("carer", "02 13:00", "overtaken")]
    assert mail.outbox == []


def test_a_sender_that_died_is_followed_by_another_and_the_try_is_not_forgotten(patient, phone, push_service):
    turn(LOGGED)
    look_at_due(NINE)
    claimed = claim_one(NINE)
    ReminderAttempt.objects.create(reminder_id=claimed, channel="push", subscription=phone, started_at=NINE)

    send_due(lambda: NINE + minutes(1))
    assert push_service.posted == []
    send_due(lambda: NINE + minutes(3))

    assert len(push_service.posted) == 1
    assert list(ReminderAttempt.objects.values_list("outcome", flat=True)) == ["unknown", "sent"]


@pytest.mark.django_db(transaction=True)
def test_two_watches_send_one_message(push_service, browser):
    patient = a_patient()
    subscribe(
        user=patient.user, endpoint=push_service.address, label="x", language="en", at=LOGGED, **browser.keys
    )
    enrol(NINE)
    together = Barrier(4)

    def one_watch():
        try:
            together.wait(10)
            turn(NINE)
        finally:
            connections.close_all()

    watches = [Thread(target=one_watch) for _ in range(4)]
    for each in watches:
        each.start()
    for each in watches:
        each.join(30)

    assert len(push_service.posted) == 1
    assert told() == [("asked", "02 09:00", "sent")]


def test_a_patient_who_cannot_be_worked_out_stops_nobody_else(patient, phone, monkeypatch):
    other = a_patient()
    real = sending.silence_of
    monkeypatch.setattr(
        "apps.reminders.asking.silence_of", lambda one, at: 1 / 0 if one == other else real(one, at)
    )

    turn(NINE)

    assert told() == [("asked", "02 09:00", "sent")]
    assert ReminderCheck.objects.get(patient=other).attempts == 1


def test_the_watches_know_of_the_round():
    known = ROUNDS["reminders"]
    assert (known.look, known.send) == (look_at_due, send_due)


# -- How it goes out ----------------------------------------------------------------------------------------------


def test_nothing_of_health_and_no_name_is_in_any_message(patient, phone, browser, push_service, sister, settings):
    settings.SITE_NAME = "Haven"
    settings.PUBLIC_URL = "https://example.org"
    by_language = {}
    for language in ("en", "es", "fr", "ar"):
        PushSubscription.objects.update(language=language)
        Reminder.objects.all().delete()
        ReminderCheck.objects.all().delete()
        watch(NINE, NINE + timedelta(hours=5), every=minutes(30))
        opened = [json.loads(browser.opened(one.body)) for one in push_service.posted]
        by_language[language] = {one["body"] for one in opened}
        for one in opened:
            assert one["title"] == "Haven"
            assert one["path"] == "/my/log/"
            assert not HEALTH.search(f"{one['title']} {one['body']}"), one
        push_service.posted.clear()

    assert all(len(bodies) == 2 for bodies in by_language.values())
    assert len(set.union(*by_language.values())) == 8, "each language has words of its own"
    assert mail.outbox
    for message in mail.outbox:
        text = f"{message.subject} {message.body}".replace("https://example.org/my/log/", "")
        assert not HEALTH.search(text), text
        assert str(patient.pk) not in text


def test_a_phone_that_is_gone_is_noted_and_the_mail_goes_out_at_once(patient, phone, push_service):
    push_service.answers = [(410, {})]

    turn(NINE)

    phone.refresh_from_db()
    assert phone.gone_because == "refused"
    assert [message.to for message in mail.outbox] == [[patient.user.email]]
    assert list(ReminderAttempt.objects.values_list("channel", "outcome")) == [("push", "gone"), ("email", "sent")]


def test_a_push_service_that_breaks_down_is_tried_again_and_then_mail_is_sent(patient, phone, push_service):
    push_service.answers = [(500, {}), (500, {}), (500, {})]

    watch(NINE, NINE + minutes(4), every=timedelta(seconds=15))

    assert list(ReminderAttempt.objects.values_list("channel", "outcome", "error")) == [
        ("push", "failed", "HTTP 500"), ("push", "failed", "HTTP 500"), ("push", "failed", "HTTP 500"),
        ("email", "sent", ""),
    ]  # fmt: skip
    assert len(mail.outbox) == 1
    assert told() == [("asked", "02 09:00", "sent")]


def test_a_push_service_that_recovers_spares_the_mail(patient, phone, push_service):
    push_service.answers = [(503, {})]

    watch(NINE, NINE + minutes(4), every=timedelta(seconds=15))

    assert len(push_service.posted) == 2
    assert mail.outbox == []


def test_a_service_that_asks_for_time_gets_it(patient, phone, push_service):
    push_service.answers = [(429, {"Retry-After": "300"})]

    watch(NINE, NINE + minutes(4), every=minutes(1))
    assert len(push_service.posted) == 1
    watch(NINE + minutes(5), NINE + minutes(5))

    assert len(push_service.posted) == 2


def test_mail_that_is_refused_is_tried_until_the_reminder_expires(patient, push_service, settings):
    settings.EMAIL_BACKEND = "tests.alerts.refusing_mail.EmailBackend"

    watch(NINE, NINE + timedelta(hours=2, minutes=5))

    assert told()[0] == ("asked", "02 09:00", "expired")
    errors = set(ReminderAttempt.objects.values_list("outcome", "error"))
    assert errors == {("failed", "SMTPRecipientsRefused")}


def test_without_phone_or_mail_it_is_said_that_nobody_can_be_reached(patient, push_service):
    ReminderChoice.objects.create(user=patient.user, by_email=False)

    turn(NINE)

    assert told() == [("asked", "02 09:00", "unreachable")]


def test_when_no_phone_showed_the_first_the_second_comes_by_mail_too(patient, phone, push_service):
    watch(NINE, NINE + timedelta(hours=2))

    assert len(push_service.posted) == 2
    assert len(mail.outbox) == 1


def test_when_the_phone_showed_the_first_no_mail_is_sent(patient, phone, push_service):
    turn(NINE)
    ReminderAttempt.objects.update(shown_at=NINE + minutes(1))

    watch(NINE + minutes(5), NINE + timedelta(hours=2))

    assert len(push_service.posted) == 2
    assert mail.outbox == []


def test_a_carer_who_did_not_agree_is_never_reminded(patient, phone):
    CarerFactory(patient=patient)

    watch(NINE, NINE + timedelta(hours=8))

    assert {row.recipient for row in Reminder.objects.all()} == {patient.user}


def test_a_patient_without_an_account_has_carers_who_are_asked(push_service):
    patient = a_patient()
    patient.user = None
    patient.save()
    carer = CarerFactory(patient=patient, consented_at=LOGGED)
    CarerReminders.objects.create(carer=carer, agreed_at=LOGGED)

    watch(NINE, NINE + timedelta(hours=5))

    assert told() == [("carer", "02 13:00", "sent")]


def test_mail_comes_in_the_language_of_the_person(patient, push_service):
    patient.language = "fr"
    patient.save()

    turn(NINE)

    assert mail.outbox[0].subject == "Rappel"


def test_a_carers_message_leads_to_the_people_they_care_for_and_does_not_say_whose_it_is(
    patient, push_service, browser, sister
):
    subscribe(user=sister.user, endpoint=push_service.address, label="x", language="en", at=LOGGED, **browser.keys)

    watch(NINE + timedelta(hours=4), NINE + timedelta(hours=4))

    (posted,) = push_service.posted
    told_to_carer = json.loads(browser.opened(posted.body))
    assert told_to_carer["path"] == "/my/people/"
    assert not HEALTH.search(told_to_carer["body"])


def test_what_is_long_past_is_forgotten_and_the_rest_is_kept(patient, phone, sister):
    turn(NINE)
    gone = subscribe(
        user=patient.user, endpoint=phone.endpoint + "-old", label="x", language="en", at=LOGGED, **Browser().keys
    )
    unsubscribe(user=patient.user, subscription_id=gone.pk, at=LOGGED)

    forget_old(NINE + timedelta(days=88))
    assert (Reminder.objects.count(), PushSubscription.objects.count()) == (1, 2)
    forget_old(NINE + timedelta(days=91))

    assert (Reminder.objects.count(), ReminderAttempt.objects.count()) == (0, 0)
    assert list(PushSubscription.objects.all()) == [phone]


def test_a_phone_whose_keys_a_library_stumbles_over_keeps_neither_other_phones_nor_the_mail(
    patient, phone, push_service
):
    PushSubscription.objects.create(
        user=patient.user, endpoint=push_service.address + "-odd", p256dh="odd", auth="odd", created_at=LOGGED,
        server_key=phone.server_key, label="x",
    )  # fmt: skip

    turn(NINE)
    assert told() == [("asked", "02 09:00", "sent")]
    phone.delete()
    Reminder.objects.all().delete()
    ReminderCheck.objects.all().delete()
    watch(NINE, NINE + minutes(4), every=timedelta(seconds=30))

    assert len(mail.outbox) == 1
