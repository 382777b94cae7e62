"""The pages on the rules: what is in force, putting another in force, and what one on trial would have changed."""

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.assessments.active import active_version, forget_active
from apps.assessments.models import CatalogueActivation
from apps.audit.models import AuditEvent
from tests.factories import (
    CATALOGUE,
    NOON,
    CarerFactory,
    CatalogueActivationFactory,
    MembershipFactory,
    PatientFactory,
    ShadowRunFactory,
    UserFactory,
    hours,
)
from tests.other_catalogues import NEXT

pytestmark = pytest.mark.django_db

RULES, ACTIVATE, RUNS = "dashboards:catalogue", "dashboards:catalogue-activate", "dashboards:shadow-runs"


@pytest.fixture(autouse=True)
def _reads_anew(none_activated):
    forget_active()


@pytest.fixture
def next_version(catalogues_beside):
    catalogues_beside(published=[NEXT])


@pytest.fixture
def lead(nurse):
    nurse.user_permissions.add(Permission.objects.get(codename="activate_catalogue"))
    return nurse


def episode(level, at, *more):
    rises = [{"at": at.isoformat(), "level": level, "rules": ["DEL-U-x"]}, *more]
    return {
        "level": rises[-1]["level"],
        "opened_at": at.isoformat(),
        "last_fired_at": at.isoformat(),
        "rises": rises,
    }


def difference(patient, kind="added", old=None, new=None, **given):
    return {
        "patient": str(patient.pk),
        "kind": kind,
        "pattern": "delirium",
        "quiet": False,
        "old": old,
        "new": new,
        "hours": None,
        "rules": ["DEL-U-hallucinations"],
    } | given


def a_run(*differences, **given):
    run = ShadowRunFactory(differences=list(differences), **given)
    run.counts["differences"] = [
        {
            "kind": one["kind"],
            "pattern": one["pattern"],
            "quiet": one["quiet"],
            "old_level": one["old"]["level"] if one["old"] else 0,
            "new_level": one["new"]["level"] if one["new"] else 0,
            "count": 1,
        }
        for one in differences
    ]
    run.counts |= {"patients": 3, "assessments": 12, "patient_weeks": 1.0}
    run.save()
    return run


def page_of(desk, name, *args, **query):
    answer = desk.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.content
    return " ".join(answer.content.decode().split())


def send(desk, **given):
    return desk.post(reverse(ACTIVATE), {"version": NEXT, "reason": "Signed off.", "after": 0} | given)


# who may


def the_patient():
    return PatientFactory(with_account=True).user


def the_carer():
    return CarerFactory().user


def a_connected_system():
    return UserFactory(role=User.Role.SERVICE)


@pytest.mark.parametrize("name", [RULES, ACTIVATE, RUNS, "dashboards:shadow-run"])
@pytest.mark.parametrize("stranger", [the_patient, the_carer, a_connected_system])
def test_these_pages_are_for_staff(name, stranger):
    browser = Client()
    browser.force_login(stranger())
    args = [a_run().pk] if name.endswith("-run") else []
    ask = browser.post if name == ACTIVATE else browser.get

    assert ask(reverse(name, args=args)).status_code == 404


@pytest.mark.parametrize("name", [RULES, RUNS])
def test_nobody_gets_in_without_signing_in(name):
    assert Client().get(reverse(name)).status_code == 302


def test_a_run_that_is_not_there_is_not_found(desk):
    assert desk.get(reverse("dashboards:shadow-run", args=[UserFactory().pk])).status_code == 404


def test_staff_without_the_permission_see_the_rules_and_change_nothing(desk, next_version):
    page = page_of(desk, RULES)

    assert "Only who was given the permission may do this." in page
    assert "Put in force</button>" not in page
    assert send(desk).status_code == 403
    assert not CatalogueActivation.objects.exists()


# the rules


def test_before_anybody_activated_one_the_setting_is_named(desk):
    page = page_of(desk, RULES)

    assert f"<strong>{CATALOGUE}</strong>" in page
    assert "nobody has put a version in force yet" in page


def test_every_page_of_staff_leads_there(desk, ward):
    assert reverse(RULES) in page_of(desk, "dashboards:board", ward.pk)
    assert reverse(RUNS) in page_of(desk, RULES)


def test_versions_are_shown_as_what_they_are(desk, catalogues_beside):
    folder = catalogues_beside(published=[])
    (folder / "broken.yaml").write_text("catalogue: {version: broken}\n", encoding="utf-8")
    ShadowRunFactory(version=NEXT)

    page = page_of(desk, RULES)

    rows = {
        name: page.split(f'<th scope="row">{name}')[1].split("</tr>")[0] for name in (CATALOGUE, NEXT, "broken")
    }
    assert "<strong>in force</strong>" in rows[CATALOGUE]
    assert "can be tried, not put in force" in rows[NEXT]
    assert "broken.yaml:" in rows["broken"]


def test_a_version_is_put_in_force_with_a_reason(desk, lead, next_version, django_capture_on_commit_callbacks):
    assert f'value="{NEXT}"' in page_of(desk, RULES)

    with django_capture_on_commit_callbacks(execute=True):
        answer = send(desk, reason="Fewer false alarms in the trial of <May>.")

    assert answer.url == reverse(RULES)
    assert active_version() == NEXT
    page = page_of(desk, RULES)
    assert f"<strong>{NEXT}</strong>" in page
    assert "Fewer false alarms in the trial of &lt;May&gt;." in page
    assert lead.display_name in page
    assert CatalogueActivation.objects.get().activated_at == NOON


@pytest.mark.parametrize(
    "given", [{"reason": " "}, {"version": "nothing"}, {"version": ""}, {"after": "x"}, {"reason": "x" * 2001}]
)
def test_what_is_missing_is_said_and_what_was_written_is_kept(desk, lead, next_version, given):
    answer = send(desk, **{"reason": "A long story."} | given)

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "There is a problem" in page
    assert given.get("reason", "A long story.").strip() in page
    assert not CatalogueActivation.objects.exists()


def test_a_draft_cannot_be_sent_either(desk, lead, catalogues_beside):
    catalogues_beside(published=[])

    assert send(desk).status_code == 422
    assert not CatalogueActivation.objects.exists()


def test_whoever_is_second_sees_what_the_first_has_done_and_decides_anew(desk, lead, next_version):
    CatalogueActivationFactory(number=1, version=CATALOGUE, activated_by=UserFactory(display_name="Tove Lund"))

    refused = send(desk, after=0, reason="My own reason.")

    page = refused.content.decode()
    assert refused.status_code == 409
    assert "Somebody else has put" in page
    assert "Tove Lund" in page
    assert "My own reason." in page
    assert 'name="after" value="1"' in page
    assert send(desk, after=1).status_code == 302


def test_what_is_in_force_already_is_not_put_in_force_again(desk, lead, next_version):
    CatalogueActivationFactory(number=1, version=NEXT)

    assert send(desk, after=1).status_code == 409
    assert CatalogueActivation.objects.count() == 1


def test_a_version_that_this_server_lacks_is_said_loudly(desk):
    CatalogueActivationFactory(version="baclofen-withdrawal-2099.9", sha256="0" * 64)

    page = page_of(desk, RULES)

    assert "this server cannot use it" in page
    assert "baclofen-withdrawal-2099.9" in page


# shadow mode


def test_without_a_run_the_list_says_how_to_make_one(desk):
    page = page_of(desk, RUNS)

    assert "No version has been tried yet" in page
    assert "manage.py shadow" in page


def test_runs_are_listed_with_what_they_found(desk):
    run = a_run(difference(PatientFactory(), new=episode(2, NOON)), made_by=UserFactory(display_name="Tove Lund"))

    page = page_of(desk, RUNS)

    assert reverse("dashboards:shadow-run", args=[run.pk]) in page
    assert "Tove Lund" in page
    assert "<strong>1</strong>" in page


def test_a_difference_is_shown_with_patient_moment_and_reason(desk, ward):
    patient = PatientFactory(stay=ward)
    risen = {"at": (NOON - hours(2)).isoformat(), "level": 3, "rules": ["DEL-E-cam"]}
    run = a_run(
        difference(patient, "raised", old=episode(2, NOON - hours(5)), new=episode(2, NOON - hours(5), risen)),
        difference(patient, "earlier", old=episode(2, NOON), new=episode(2, NOON - hours(3)), hours=-3.0),
    )

    page = page_of(desk, "dashboards:shadow-run", run.pk)

    assert reverse("dashboards:patient", args=[patient.pk]) in page
    assert "Fri 20 Nov, 10:00" in page
    assert "opened Fri 20 Nov, 07:00" in page
    assert "3.0 h earlier" in page
    assert "<samp>DEL-U-hallucinations</samp>" in page
    assert "hallucinations" in page.split("<samp>DEL-U-hallucinations</samp>")[1][:120].lower()


def test_patients_of_other_wards_are_counted_and_not_named(desk, ward):
    mine, stranger = PatientFactory(stay=ward), PatientFactory(family_name="Unbekannt")
    run = a_run(
        difference(mine, new=episode(2, NOON)),
        difference(stranger, new=episode(3, NOON)),
    )

    page = page_of(desk, "dashboards:shadow-run", run.pk)

    assert mine.family_name in page
    assert "Unbekannt" not in page
    assert str(stranger.pk) not in page
    assert "1 more is about a patient whom you may not see." in page


def test_whoever_is_named_on_the_page_was_looked_at_and_nobody_else(desk, nurse, ward):
    mine, stranger = PatientFactory(stay=ward), PatientFactory()
    run = a_run(*(difference(who, new=episode(2, NOON)) for who in (mine, mine, stranger)))

    page_of(desk, "dashboards:shadow-run", run.pk)

    [seen] = AuditEvent.objects.filter(type=AuditEvent.Type.PATIENT_VIEWED)
    assert (seen.actor_id, seen.patient_id, seen.subject_id) == (nurse.pk, mine.pk, str(run.pk))


def test_one_kind_can_be_listed_alone(desk, ward):
    added, removed = PatientFactory(stay=ward), PatientFactory(stay=ward)
    run = a_run(
        difference(added, new=episode(2, NOON)),
        difference(removed, "removed", old=episode(2, NOON)),
    )

    page = page_of(desk, "dashboards:shadow-run", run.pk, kind="removed")

    assert removed.family_name in page
    assert added.family_name not in page
    assert desk.get(reverse("dashboards:shadow-run", args=[run.pk]), {"kind": "nonsense"}).status_code == 404


def test_many_differences_are_shown_a_page_at_a_time(desk, ward):
    patient = PatientFactory(stay=ward)
    run = a_run(*(difference(patient, new=episode(2, NOON - hours(hour))) for hour in range(60)))

    first = page_of(desk, "dashboards:shadow-run", run.pk)
    last = page_of(desk, "dashboards:shadow-run", run.pk, page="2")

    assert (first.count(patient.family_name), last.count(patient.family_name)) == (50, 10)
    assert "?page=2" in first
    assert page_of(desk, "dashboards:shadow-run", run.pk, page="nonsense").count(patient.family_name) == 50


def test_no_difference_and_nothing_to_compare_are_not_the_same(desk):
    nothing = ShadowRunFactory()
    same = a_run()

    assert "nothing could be compared" in page_of(desk, "dashboards:shadow-run", nothing.pk)
    page = page_of(desk, "dashboards:shadow-run", same.pk)
    assert "the same alerts at the same moments" in page
    assert "nothing could be compared" not in page


def test_a_run_that_is_not_whole_says_so(desk):
    run = ShadowRunFactory()
    run.counts["failures"] = {"KeyError": 2}
    run.save()

    assert "2 assessments could not be worked out by these rules." in page_of(
        desk, "dashboards:shadow-run", run.pk
    )


def test_a_run_costs_the_same_however_many_differences_there_are(desk, ward, django_assert_max_num_queries):
    patients = [PatientFactory(stay=ward) for _one in range(5)]
    run = a_run(*(difference(patient, new=episode(2, NOON)) for patient in patients for _again in range(9)))

    # A line of the audit record for each patient named, and a dozen for the page.
    with django_assert_max_num_queries(len(patients) + 12):
        page_of(desk, "dashboards:shadow-run", run.pk)


def test_the_clock_is_that_of_a_ward_of_theirs(desk, nurse, ward):
    ward.time_zone = "Asia/Tokyo"
    ward.save()
    run = a_run(difference(PatientFactory(stay=ward), new=episode(2, NOON)))

    page = page_of(desk, "dashboards:shadow-run", run.pk)

    assert "Asia/Tokyo" in page
    assert "Fri 20 Nov, 21:00" in page


def test_staff_of_no_ward_see_the_counts(noon):
    browser = Client()
    browser.force_login(UserFactory())
    run = a_run(difference(PatientFactory(), new=episode(2, NOON)))

    page = page_of(browser, "dashboards:shadow-run", run.pk)

    assert "None of them is about a patient whom you may see." in page
    assert "UTC" in page
    assert MembershipFactory._meta.model.objects.count() == 0
