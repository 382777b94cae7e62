"""What the settings refuse, each in a process of its own: settings are read once."""

import subprocess
import sys

import pytest

from apps.core.embedded.local import PROJECT_ROOT

A_KEY = "Zk3vN0bq7RtYwLx1HsJd9fGm5CpUe8aXoTi2VgBz6QrMhK4nEyWu"
LIVE = {
    "DATABASE_URL": "postgresql://taperwatch:pw@127.0.0.1:1/taperwatch?sslmode=require",
    "CELERY_BROKER_URL": "amqp://taperwatch:pw@127.0.0.1:1//",
    "SECRET_KEY": A_KEY,
    "ALLOWED_HOSTS": "taper.hospital.invalid",
    "ACTIVE_CATALOGUE": "baclofen-withdrawal-2026.2",
    "EMERGENCY_NUMBER": "999",
}


def read_settings(tmp_path, expression: str, **given: str | None) -> subprocess.CompletedProcess[str]:
    """Print an expression of the settings, under exactly this environment."""
    environment = {"PATH": "/usr/bin:/bin", "TAPERWATCH_LOCAL_DIR": str(tmp_path / "local")}
    environment |= {name: value for name, value in given.items() if value is not None}
    return subprocess.run(
        [sys.executable, "-c", f"from apps.config import settings; print(({expression}))"],
        cwd=PROJECT_ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_live_installation_starts_with_what_it_has_to_choose(tmp_path):
    told = read_settings(tmp_path, "settings.DEMO_MODE, settings.EMBEDDED, settings.DEBUG", **LIVE)

    assert told.stdout.strip() == "(False, False, False)", told.stderr


@pytest.mark.parametrize("name", [name for name in LIVE if name != "DATABASE_URL"])
def test_a_live_installation_that_has_not_chosen_does_not_start(tmp_path, name):
    told = read_settings(tmp_path, "1", **LIVE | {name: None})

    assert told.returncode != 0
    assert f"{name} has to be set" in told.stderr


@pytest.mark.parametrize(
    "key", ["short", "a" * 60, "change-me-" + A_KEY, "this-is-my-secret-key-for-the-whole-hospital-1234"]
)
def test_a_key_that_is_short_plain_or_an_example_does_not_start(tmp_path, key):
    told = read_settings(tmp_path, "1", **LIVE | {"SECRET_KEY": key})

    assert told.returncode != 0
    assert "SECRET_KEY is too short, too plain, or looks like an example" in told.stderr


def test_a_poor_key_is_refused_in_embedded_mode_too(tmp_path):
    assert read_settings(tmp_path, "1", SECRET_KEY="demo").returncode != 0


def test_embedded_mode_makes_a_key_of_its_own_and_keeps_it(tmp_path):
    first = read_settings(tmp_path, "settings.SECRET_KEY").stdout
    second = read_settings(tmp_path, "settings.SECRET_KEY").stdout
    elsewhere = read_settings(tmp_path / "elsewhere", "settings.SECRET_KEY").stdout

    assert len(first) > 60
    assert first == second
    assert first != elsewhere


def test_demo_mode_is_off_unless_the_embedded_database_is_the_demos(tmp_path):
    before = read_settings(tmp_path, "settings.DEMO_MODE").stdout.strip()
    (tmp_path / "local" / "demo").touch()
    marked = read_settings(tmp_path, "settings.DEMO_MODE").stdout.strip()
    live = read_settings(tmp_path, "settings.DEMO_MODE", **LIVE).stdout.strip()

    assert (before, marked, live) == ("False", "True", "False")


@pytest.mark.parametrize("given", ["yes", "1", "on", "TRUEE"])
def test_a_switch_that_is_neither_true_nor_false_stops_the_start(tmp_path, given):
    told = read_settings(tmp_path, "1", **LIVE, BEHIND_PROXY=given)

    assert told.returncode != 0
    assert "BEHIND_PROXY is either true or false" in told.stderr


@pytest.mark.parametrize("url", ["mysql://a:b@c/d", "postgresql://host-without-a-name", "not an address"])
def test_an_address_that_is_no_postgresql_stops_the_start(tmp_path, url):
    told = read_settings(tmp_path, "1", **LIVE | {"DATABASE_URL": url})

    assert told.returncode != 0
    assert "DATABASE_URL" in told.stderr


def test_error_pages_with_patients_data_cannot_be_switched_on_in_a_live_installation(tmp_path):
    assert read_settings(tmp_path, "1", **LIVE, DEBUG="true").returncode != 0


def test_a_live_installation_keeps_its_cookies_to_https_and_its_own_host(tmp_path):
    names = "settings.SESSION_COOKIE_NAME, settings.SESSION_COOKIE_SECURE, settings.SECURE_HSTS_SECONDS > 0"

    assert read_settings(tmp_path, names, **LIVE).stdout.strip() == "('__Host-taperwatch', True, True)"


def test_the_address_of_the_database_is_read_in_full(tmp_path):
    url = "postgresql://someone:p%40ss@db.invalid:6543/ward?sslmode=verify-full&target_session_attrs=read-write"
    parts = (
        "[settings.DATABASES['default'][name] for name in ('USER', 'PASSWORD', 'HOST', 'PORT', 'NAME')],"
        "settings.DATABASES['default']['OPTIONS']['sslmode']"
    )

    told = read_settings(tmp_path, parts, **LIVE | {"DATABASE_URL": url})

    assert told.stdout.strip() == "(['someone', 'p@ss', 'db.invalid', '6543', 'ward'], 'verify-full')"


@pytest.mark.parametrize(
    ("kind", "pooled", "limit"), [("web", True, 5000), ("worker", False, 10000), ("command", False, 0)]
)
def test_each_kind_of_process_has_its_own_limits(tmp_path, kind, pooled, limit):
    shown = (
        "'pool' in settings.DATABASES['default']['OPTIONS'], settings.DATABASES['default']['OPTIONS']['options']"
    )

    told = read_settings(tmp_path, shown, TAPERWATCH_PROCESS=kind)

    assert told.stdout.startswith(f"({pooled}, '-c statement_timeout={limit} ")


def test_embedded_mode_makes_a_key_for_messages_and_keeps_it(tmp_path):
    first = read_settings(tmp_path, "settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY").stdout

    assert len(first) > 130
    assert read_settings(tmp_path, "settings.VAPID_PRIVATE_KEY, settings.VAPID_PUBLIC_KEY").stdout == first


def test_a_live_installation_without_a_key_for_messages_starts_and_has_none(tmp_path):
    assert read_settings(tmp_path, "settings.VAPID_PUBLIC_KEY == ''", **LIVE).stdout.strip() == "True"


@pytest.mark.parametrize("key", ["short", "&" * 43, "A" * 43, "A" * 44])
def test_a_key_for_messages_that_is_none_stops_the_start(tmp_path, key):
    told = read_settings(tmp_path, "1", **LIVE | {"VAPID_PRIVATE_KEY": key})

    assert told.returncode != 0
    assert "VAPID_PRIVATE_KEY is not a key" in told.stderr


def test_a_push_service_may_write_to_whoever_sends_our_mail(tmp_path):
    told = read_settings(
        tmp_path, "settings.VAPID_CONTACT", **LIVE | {"DEFAULT_FROM_EMAIL": "Ward 3 <ward@hospital.invalid>"}
    )

    assert told.stdout.strip() == "mailto:ward@hospital.invalid"


def test_a_key_for_messages_can_be_made_with_a_command(tmp_path):
    made = subprocess.run(
        [sys.executable, "manage.py", "make_vapid_key"],
        cwd=PROJECT_ROOT, env={"PATH": "/usr/bin:/bin", "TAPERWATCH_LOCAL_DIR": str(tmp_path), **LIVE},
        capture_output=True, text=True, check=True,
    ).stdout.strip()  # fmt: skip

    told = read_settings(tmp_path, "len(settings.VAPID_PUBLIC_KEY)", **LIVE | {"VAPID_PRIVATE_KEY": made})
    assert told.stdout.strip() == "87"


def test_a_contact_that_no_push_service_takes_stops_the_start(tmp_path):
    told = read_settings(tmp_path, "1", **LIVE | {"VAPID_CONTACT": "ward@hospital.invalid"})

    assert told.returncode != 0
    assert "VAPID_CONTACT has the form" in told.stderr
