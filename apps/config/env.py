"""Reading the environment. A value that cannot be understood stops the start; none is guessed."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

SECRET_WORDS = ("change", "example", "secret", "insecure", "password", "demo", "xxxx", "your-")


def env(name: str, default: str | None = None) -> str:
    """The value, or `default`; without one, a variable that is missing or empty is an error."""
    value = os.environ.get(name, "").strip() or default
    if value is None:
        raise ImproperlyConfigured(f"{name} has to be set in the environment (see docs/operations.md).")
    return value


def env_bool(name: str, *, default: bool) -> bool:
    given = env(name, "true" if default else "false").lower()
    if given not in {"true", "false"}:
        raise ImproperlyConfigured(f"{name} is either true or false, not {given!r}.")
    return given == "true"


def env_int(name: str, default: int, *, at_least: int = 0) -> int:
    given = env(name, str(default))
    if not (given.isascii() and given.isdecimal()) or int(given) < at_least:
        raise ImproperlyConfigured(f"{name} is a whole number of at least {at_least}, not {given!r}.")
    return int(given)


def env_list(name: str, default: str | None = None) -> list[str]:
    """Values parted by commas."""
    return [part.strip() for part in env(name, default).split(",") if part.strip()]


def env_secret(name: str) -> str:
    """A secret of at least 50 characters that is not one of the examples found in handbooks."""
    value = env(name)
    if len(value) < 50 or len(set(value)) < 12 or any(word in value.lower() for word in SECRET_WORDS):
        raise ImproperlyConfigured(
            f"{name} is too short, too plain, or looks like an example. Make one with: "
            "python -c 'import secrets; print(secrets.token_urlsafe(64))'"
        )
    return value


def database_from_url(url: str) -> dict[str, Any]:
    """postgresql://user:password@host:port/name?sslmode=… as Django's settings. Query parameters are
    handed to libpq as they are."""
    try:
        given = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise ImproperlyConfigured(f"DATABASE_URL is not the address of a PostgreSQL: {error}") from None
    if not url.startswith(("postgresql://", "postgres://")) or not given.get("dbname"):
        raise ImproperlyConfigured("DATABASE_URL has the form postgresql://user:password@host:port/name.")
    return {
        "NAME": given.pop("dbname"),
        "USER": given.pop("user", ""),
        "PASSWORD": given.pop("password", ""),
        "HOST": given.pop("host", ""),
        "PORT": str(given.pop("port", "")),
        "OPTIONS": dict(given),
    }
