import pytest
from django.db import connection
from django.utils import timezone

from apps.core import health
from apps.core.models import Installation

pytestmark = pytest.mark.django_db


@pytest.fixture
def marked(settings):
    def mark(*, demo_database: bool, demo_mode: bool) -> None:
        settings.DEMO_MODE = demo_mode
        Installation.objects.all().delete()
        Installation.objects.create(is_demo=demo_database, created_at=timezone.now())

    return mark


def test_livez_answers_without_the_database(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert client.get("/livez").status_code == 200


def test_readyz_is_ready_when_a_log_can_be_stored(client):
    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["ready"] is True


def test_readyz_refuses_while_a_migration_is_missing(client):
    with connection.cursor() as cursor:
        cursor.execute(
            "delete from django_migrations where id in"
            " (select id from django_migrations where app = 'symptoms' order by name desc limit 1)"
        )

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["migrations"] == "missing"


@pytest.mark.parametrize(
    ("demo_database", "demo_mode", "status"),
    [(True, True, 200), (False, False, 200), (True, False, 503), (False, True, 503)],
)
def test_a_demo_database_is_never_served_as_a_real_one_nor_a_real_one_as_a_demo(
    client, marked, demo_database, demo_mode, status
):
    marked(demo_database=demo_database, demo_mode=demo_mode)

    assert client.get("/readyz").status_code == status


def test_what_the_other_parts_report_is_told_but_never_refuses(client, monkeypatch):
    monkeypatch.setattr(health, "_reports", {"pipeline": lambda: {"live": False}})

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.json()["pipeline"] == {"live": False}


def test_metrics_are_for_this_machine_when_there_is_no_token(client):
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 403


def test_metrics_behind_a_proxy_need_the_token(client, settings):
    settings.BEHIND_PROXY = True
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 403

    settings.METRICS_TOKEN = "a-long-token"
    assert client.get("/metrics", headers={"Authorization": "Bearer a-long-token"}).status_code == 200
    assert client.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 403
