"""How a connected system comes in: its own credentials for a short-lived token, and nothing that outlives them."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import AccessToken

from apps.accounts.models import User
from apps.api.models import Client
from apps.audit.models import AuditEvent
from apps.wards.models import Ward
from tests.api.hospital import Caller, Chart, system_of

pytestmark = pytest.mark.django_db


def create(name: str = "ehr", scope: str = "logs:read alerts:read", *wards: Ward) -> tuple[str, str]:
    """Client id and secret, as the command prints them."""
    printed = io.StringIO()
    call_command("create_api_client", name, scope=scope, ward=[ward.code for ward in wards], stdout=printed)
    client_id, secret = (line.split(": ", 1)[1] for line in printed.getvalue().splitlines())
    return client_id, secret


def ask(client_id: str, secret: str, **fields: str) -> Any:
    # As a server sees it: the test client leaves the check for forged forms out unless told.
    return Browser(enforce_csrf_checks=True).post(
        "/oauth/token/",
        {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret} | fields,
    )


def test_a_new_client_gets_a_token_and_reads_its_ward(chart: Chart) -> None:
    client_id, secret = create("ehr", "alerts:read", chart.ward)

    answer = ask(client_id, secret)

    assert answer.status_code == 200
    token = answer.json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 300, "alerts:read")
    assert "refresh_token" not in token
    assert Caller(None, token["access_token"]).get(chart.paths["one-alert"]).status_code == 200


def test_the_secret_is_shown_once_and_kept_hashed() -> None:
    _client_id, secret = create()

    stored = Client.objects.get().client_secret

    assert secret not in stored
    assert len(secret) >= 64


def test_a_client_acts_as_a_user_who_cannot_sign_in() -> None:
    create("ehr")

    user = User.objects.get(username="service-ehr")
    assert user.role == User.Role.SERVICE
    assert not user.has_usable_password()
    created = AuditEvent.objects.get(type=AuditEvent.Type.CLIENT_CREATED)
    assert created.detail["scopes"] == [
        "alerts:read",
        "logs:read",
    ]


@pytest.mark.parametrize(
    ("name", "scope", "ward"), [("ehr", "everything", []), ("ehr", "", []), ("ehr", "logs:read", ["nowhere"])]
)
def test_a_client_of_unknown_scope_or_ward_is_not_made(name: str, scope: str, ward: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("create_api_client", name, scope=scope, ward=ward)

    assert not User.objects.exists()


def test_two_clients_do_not_share_a_name() -> None:
    create("ehr")

    with pytest.raises(CommandError, match="already"):
        create("ehr")


def test_a_client_cannot_ask_for_more_than_it_was_given() -> None:
    client_id, secret = create("ehr", "logs:read")

    answer = ask(client_id, secret, scope="logs:read alerts:read")

    assert answer.status_code == 400
    assert answer.json()["error"] == "invalid_scope"


def test_a_client_may_ask_for_less() -> None:
    client_id, secret = create("ehr", "logs:read alerts:read")

    assert ask(client_id, secret, scope="logs:read").json()["scope"] == "logs:read"


def test_a_wrong_secret_gets_nothing() -> None:
    client_id, _secret = create()

    assert ask(client_id, "guess").status_code == 401


@pytest.mark.parametrize("grant", ["password", "authorization_code", "refresh_token", "implicit"])
def test_no_other_way_to_a_token_is_open(grant: str) -> None:
    client_id, secret = create()

    answer = ask(
        client_id, secret, grant_type=grant, username="service-ehr", password="x", code="x", refresh_token="x"
    )

    assert answer.status_code in {400, 401}
    assert not AccessToken.objects.exists()


@pytest.mark.parametrize("path", ["/oauth/authorize/", "/oauth/applications/", "/oauth/introspect/"])
def test_pages_of_other_flows_are_not_there(path: str) -> None:
    assert Browser().get(path).status_code == 404


def test_guessing_secrets_is_braked(settings: Any) -> None:
    settings.API_PER_MINUTE = settings.API_PER_MINUTE | {"tokens": 2}

    answers = [ask("nobody", "guess", HTTP_X_FORWARDED_FOR=str(n)) for n in range(3)]

    assert [answer.status_code for answer in answers] == [401, 401, 429]
    assert int(answers[-1]["Retry-After"]) > 0


def refused(caller: Caller) -> bool:
    response = caller.get("alerts/")
    return response.status_code == 401 and response["WWW-Authenticate"].startswith("Bearer")


def test_a_token_that_ran_out_is_refused(ward: Ward) -> None:
    assert refused(system_of(ward, life=timedelta(seconds=-1)))


def test_a_revoked_token_is_refused_at_the_next_request(chart: Chart) -> None:
    client_id, secret = create("ehr", "alerts:read", chart.ward)
    token = ask(client_id, secret).json()["access_token"]
    caller = Caller(None, token)
    assert caller.get("alerts/").status_code == 200

    Browser(enforce_csrf_checks=True).post(
        "/oauth/revoke_token/", {"token": token, "client_id": client_id, "client_secret": secret}
    )

    assert refused(caller)


def test_a_client_switched_off_is_refused_at_the_next_request(system: Caller) -> None:
    User.objects.filter(pk=system.user.pk).update(is_active=False)  # type: ignore[union-attr]

    assert refused(system)


def test_a_scope_taken_from_the_client_is_gone_from_its_living_tokens(system: Caller) -> None:
    Client.objects.update(allowed_scopes=["logs:read"])

    assert system.get("alerts/").status_code == 403
    assert system.get("symptom-logs/").status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a b", "\u2603", "x" * 4000, "'or 1=1--", "\udcff"])
def test_a_token_that_is_none_is_refused(token: str) -> None:
    header = f"Bearer {token}".encode("utf-8", "surrogateescape").decode("latin-1")
    response = Browser().get("/api/v1/alerts/", headers={"Authorization": header})

    assert response.status_code == 401


def test_a_person_does_not_come_in_with_a_token(ward: Ward) -> None:
    caller = system_of(ward)
    User.objects.filter(pk=caller.user.pk).update(role=User.Role.STAFF)  # type: ignore[union-attr]

    assert refused(caller)


def test_a_token_in_the_address_is_no_token(system: Caller) -> None:
    token = AccessToken.objects.get().token

    assert Caller().get(f"alerts/?access_token={token}").status_code == 401


def test_tokens_live_for_minutes(ward: Ward) -> None:
    client_id, secret = create()
    ask(client_id, secret)

    assert AccessToken.objects.get().expires <= timezone.now() + timedelta(minutes=5)
