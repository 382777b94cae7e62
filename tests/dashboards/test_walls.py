"""The board on the wall: initials and beds, no controls, and gone when it is taken back."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from apps.audit.models import AuditEvent
from apps.wards.models import WallScreen
from tests.factories import AlertFactory, MembershipFactory, PatientFactory, WardFactory, a_hit
from tests.portal.pages import words

pytestmark = pytest.mark.django_db
WALL = "dashboards:wall"


@pytest.fixture
def ward():
    return WardFactory(name="Neurology 3")


@pytest.fixture
def nurse(ward):
    browser = Client()
    browser.force_login(MembershipFactory(ward=ward).user)
    return browser


def make(nurse, ward, label="Above the desk") -> str:
    page = nurse.post(reverse("dashboards:screens", args=[ward.pk]), {"do": "make", "label": label})
    return re.search(r"/ward/wall/open/[\w-]+/", page.content.decode())[0]


def opened(link: str) -> Client:
    screen = Client()
    assert screen.post(link).url == reverse(WALL)
    return screen


def test_a_screen_shows_beds_and_initials_and_nothing_else_of_anybody(nurse, ward):
    patient = PatientFactory(stay=ward, stay__bed="7", given_name="Ada Maria", family_name="Lovegrove")
    AlertFactory(patient=patient, hits=[a_hit(because="A secret reason")], level=3)
    screen = opened(make(nurse, ward))

    page = screen.get(reverse(WALL))

    shown = words(page.content)
    assert "7 AML Emergency Nobody" in shown
    for hidden in ("Ada", "Lovegrove", "secret", patient.record_number, "<form", "<button", "/patients/"):
        assert hidden not in page.content.decode()


def test_the_piece_that_changes_comes_only_when_something_changed(nurse, ward):
    PatientFactory(stay=ward)
    screen = opened(make(nurse, ward))
    page = screen.get(reverse(WALL))
    address = re.search(r'hx-get="([^"]+)"', page.content.decode())[1]

    quiet = screen.get(address, headers={"HX-Request": "true"})
    AlertFactory(patient=PatientFactory(stay=ward))
    changed = screen.get(address, headers={"HX-Request": "true"})

    assert (quiet.status_code, changed.status_code) == (204, 200)
    assert quiet["X-Board-At"]
    assert changed.content.decode().lstrip().startswith("<div")


def test_looking_at_the_link_opens_nothing_and_it_opens_one_screen_only(nurse, ward):
    link = make(nurse, ward)
    assert Client().get(link).status_code == 200
    assert Client().get(reverse(WALL)).status_code == 404

    opened(link)

    assert Client().post(link).status_code == 404
    assert WallScreen.objects.get().opened_at is not None


@pytest.mark.parametrize("way", ["guessed", "too old", "taken back before it was opened"])
def test_a_link_that_does_not_hold_opens_nothing(nurse, ward, way):
    link = make(nurse, ward)
    if way == "guessed":
        link = link[:-4] + "xyz/"
    elif way == "too old":
        WallScreen.objects.update(link_expires_at=WallScreen.objects.get().made_at + timedelta(microseconds=1))
    else:
        nurse.post(
            reverse("dashboards:screens", args=[ward.pk]), {"do": "revoke", "id": WallScreen.objects.get().pk}
        )

    assert Client().post(link).status_code == 404


def test_a_screen_that_is_taken_back_shows_nothing_from_its_next_look_on(nurse, ward):
    PatientFactory(stay=ward, stay__bed="7")
    screen = opened(make(nurse, ward))
    assert screen.get(reverse(WALL)).status_code == 200

    nurse.post(reverse("dashboards:screens", args=[ward.pk]), {"do": "revoke", "id": WallScreen.objects.get().pk})

    gone = screen.get(reverse(WALL))
    assert gone.status_code == 404
    assert "7" not in words(gone.content).split()
    kinds = list(
        AuditEvent.objects.filter(type__startswith="screen_").order_by("at").values_list("type", flat=True)
    )
    assert kinds == ["screen_made", "screen_opened", "screen_revoked"]


def test_the_key_of_a_screen_opens_nothing_else_and_cannot_be_read_by_scripts(nurse, ward):
    screen = opened(make(nurse, ward))

    cookie = screen.cookies["taperwatch_wall"]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Strict", "/ward/wall/")
    assert screen.get(reverse("dashboards:board", args=[ward.pk])).status_code == 302
    assert cookie.value not in str(WallScreen.objects.values().get())


def test_another_ward_neither_sees_nor_ends_a_screen(nurse, ward):
    make(nurse, ward)
    other = Client()
    other_ward = WardFactory()
    other.force_login(MembershipFactory(ward=other_ward).user)

    assert (
        other.post(
            reverse("dashboards:screens", args=[other_ward.pk]),
            {"do": "revoke", "id": WallScreen.objects.get().pk},
        ).status_code
        == 404
    )
    assert WallScreen.objects.get().revoked_at is None


def test_a_screen_must_say_where_it_hangs(nurse, ward):
    answer = nurse.post(reverse("dashboards:screens", args=[ward.pk]), {"do": "make", "label": "  "})

    assert answer.status_code == 422
    assert "Say where the screen hangs" in words(answer.content)
