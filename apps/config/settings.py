"""All settings, read from the environment, failing loudly.

Without DATABASE_URL the project runs on its embedded PostgreSQL ("embedded mode"): then, and only then, is
there a default for what an installation has to choose.
"""

import os
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from apps.api.openapi import SPECTACULAR_SETTINGS as OPENAPI
from apps.api.scopes import SCOPES
from apps.config.celery_settings import celery_settings
from apps.config.database import database_settings
from apps.config.env import env, env_bool, env_int, env_list, env_secret
from apps.config.logs import LOGGING as LOGGING
from apps.core.embedded.local import kept_secret, local_dir
from apps.messaging.vapid import NotAKey, new_private_key, public_key_of

BASE_DIR = Path(__file__).resolve().parents[2]
LOCAL_DIR = local_dir()
EMBEDDED = not os.environ.get("DATABASE_URL", "").strip()


def chosen(name: str, *, when_embedded: str) -> str:
    """What an installation has to decide itself; embedded mode brings its own choice."""
    return env(name, when_embedded if EMBEDDED else None)


# --- What this installation is -------------------------------------------------------------------
DEBUG = env_bool("DEBUG", default=False)
# `make run` leaves this mark when it fills an embedded database with demo people.
DEMO_MODE = env_bool("DEMO_MODE", default=EMBEDDED and (LOCAL_DIR / "demo").exists())
SECRET_KEY = (
    kept_secret(LOCAL_DIR, "secret-key")
    if EMBEDDED and not os.environ.get("SECRET_KEY")
    else env_secret("SECRET_KEY")
)
SECRET_KEY_FALLBACKS = env_list("SECRET_KEY_FALLBACKS", "")
ACTIVE_CATALOGUE = chosen("ACTIVE_CATALOGUE", when_embedded="baclofen-withdrawal-2026.2")
SITE_NAME = env("SITE_NAME", "taperwatch")
# What a patient is told to call. There is no number that is right everywhere.
EMERGENCY_NUMBER = chosen("EMERGENCY_NUMBER", when_embedded="112")
HELP_LINE = env("HELP_LINE", "")
HELP_LINE_HOURS = env("HELP_LINE_HOURS", "")

# --- Where it is reached -------------------------------------------------------------------------
ALLOWED_HOSTS = env_list("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]" if EMBEDDED else None)
CSRF_TRUSTED_ORIGINS = env_list("CSRF_TRUSTED_ORIGINS", "")
SECURE_COOKIES = env_bool("SECURE_COOKIES", default=not EMBEDDED)
BEHIND_PROXY = env_bool("BEHIND_PROXY", default=False)
if BEHIND_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = env_bool("SECURE_SSL_REDIRECT", default=SECURE_COOKIES)
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = env_int("SECURE_HSTS_SECONDS", 31_536_000 if SECURE_COOKIES else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = env_bool("SECURE_HSTS_WHOLE_DOMAIN", default=False)
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# A cookie named __Host- cannot be planted by a neighbouring host; browsers take it over https only.
_COOKIE_PREFIX = "__Host-" if SECURE_COOKIES else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}taperwatch"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}taperwatch-csrf"
LANGUAGE_COOKIE_NAME = f"{_COOKIE_PREFIX}taperwatch-language"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = SECURE_COOKIES
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env_int("SESSION_HOURS", 12, at_least=1) * 3600
CONTENT_SECURITY_POLICY: dict[str, Any] = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        # The design system draws a few arrows and ticks from data: addresses inside its stylesheet.
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "object-src": [NONE],
    }
}
# A body larger than any honest log, or a form with more fields than the catalogue has questions.
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_000

# --- The parts -----------------------------------------------------------------------------------
ROOT_URLCONF = "apps.config.urls"
WSGI_APPLICATION = "apps.config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "axes",
    "csp",
    "oauth2_provider",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "apps.core",
    "apps.audit",
    "apps.accounts",
    "apps.messaging",
    "apps.wards",
    "apps.patients",
    "apps.tapers",
    "apps.symptoms",
    "apps.assessments",
    "apps.alerts",
    "apps.monitoring",
    "apps.reminders",
    "apps.simulation",
    "apps.portal",
    "apps.dashboards",
    "apps.api",
    "apps.config",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.core.middleware.nothing_of_a_person_is_kept",
    "django_htmx.middleware.HtmxMiddleware",
    # Last: it answers in place of a view that found the sign-in locked.
    "axes.middleware.AxesMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.config.context.installation",
            ]
        },
    }
]

# --- Data ----------------------------------------------------------------------------------------
DATABASES = {"default": database_settings(LOCAL_DIR)}
SESSION_ENGINE = "django.contrib.sessions.backends.db"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
globals().update(celery_settings(env("CELERY_BROKER_URL", "" if EMBEDDED else None), LOCAL_DIR))

# --- Words and clocks ----------------------------------------------------------------------------
USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = env("LANGUAGE_CODE", "en")
LANGUAGES = [("en", _("English")), ("es", _("Spanish")), ("fr", _("French")), ("ar", _("Arabic"))]
LOCALE_PATHS = [BASE_DIR / "locale"]

# --- Static files --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env("STATIC_ROOT", str(LOCAL_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "apps.core.static_files.HashedFiles"},
}

# --- Signing in ----------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "apps.config.sign_in.PeopleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "CommonPasswordValidator")
] + [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    }
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "apps.config.sign_in.ClosedDoor"
ACCOUNT_FORMS = {"login": "apps.config.sign_in_form.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username", "email"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "email", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = False
# Generous where it counts by address, since a ward is one address; wrong passwords are counted below.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": False}
# Locked by person and address together: a ward is one address, and one forgetful nurse must not lock it.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_ENABLE_ACCESS_FAILURE_LOG = False
AXES_USERNAME_CALLABLE = "apps.config.sign_in.name_given"
AXES_CLIENT_IP_CALLABLE = "apps.config.sign_in.client_address"

# --- Machines ------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    # The views of apps.api say the rest themselves; this is for a view that forgot to.
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.authentication.BearerAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAdminUser"],
    "DEFAULT_RENDERER_CLASSES": ["apps.api.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.StrictJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.ApiSchema",
    "EXCEPTION_HANDLER": "apps.api.errors.answer_error",
    "NUM_PROXIES": 1 if BEHIND_PROXY else 0,
}
SPECTACULAR_SETTINGS = OPENAPI
OAUTH2_PROVIDER_APPLICATION_MODEL = "api.Client"
OAUTH2_PROVIDER = {
    # The best current practice of OAuth (RFC 9700), which the library makes its default in its next version.
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,
    "COMPLIANT_BCP_RFC9700_REFRESH_TOKEN": True,
    "COMPLIANT_BCP_RFC9700_REDIRECT_URI_SCHEME": True,
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],
    "ACCESS_TOKEN_EXPIRE_SECONDS": env_int("TOKEN_MINUTES", 5, at_least=1) * 60,
    "SCOPES_BACKEND_CLASS": "apps.api.client_scopes.ClientScopes",
    "SCOPES": SCOPES,
}
# A brake for runaway clients: for each of them, in each web process.
API_PER_MINUTE = {
    "requests": env_int("API_REQUESTS_PER_MINUTE", 600, at_least=1),
    "logs": env_int("API_LOGS_PER_MINUTE", 6_000, at_least=1),
    "tokens": env_int("API_TOKENS_PER_MINUTE", 30, at_least=1),
}
METRICS_TOKEN = env("METRICS_TOKEN", "")

# --- Mail ----------------------------------------------------------------------------------------
EMAIL_HOST = env("EMAIL_HOST", "")
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
EMAIL_PRINTED = env_bool("EMAIL_PRINTED", default=False)
EMAIL_PORT = env_int("EMAIL_PORT", 587, at_least=1)
EMAIL_HOST_USER = env("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env_bool("EMAIL_USE_TLS", default=EMAIL_PORT == 587)
EMAIL_USE_SSL = env_bool("EMAIL_USE_SSL", default=EMAIL_PORT == 465)
EMAIL_TIMEOUT = 7
# Where people reach this installation, for links in messages; without it a message only says "sign in".
PUBLIC_URL = env("PUBLIC_URL", "")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env("DEFAULT_FROM_EMAIL", "taperwatch@localhost")

# Who is told by e-mail when the parts that watch are silent; empty: nobody outside the boards.
DUTY_CONTACT = env("DUTY_CONTACT", "")

# --- Messages to phones (Web Push) ---------------------------------------------------------------
# Our key for push services; without one nobody can turn messages on. Make it with: manage.py make_vapid_key
VAPID_PRIVATE_KEY = (
    kept_secret(LOCAL_DIR, "vapid-key", new_private_key)
    if EMBEDDED and not os.environ.get("VAPID_PRIVATE_KEY")
    else env("VAPID_PRIVATE_KEY", "")
)
try:
    VAPID_PUBLIC_KEY = public_key_of(VAPID_PRIVATE_KEY) if VAPID_PRIVATE_KEY else ""
except NotAKey as fault:
    raise ImproperlyConfigured(f"VAPID_PRIVATE_KEY is not a key: {fault}.") from None
# Whom a push service may write to about our messages: mailto:… or https://…
VAPID_CONTACT = env("VAPID_CONTACT", f"mailto:{parseaddr(DEFAULT_FROM_EMAIL)[1]}")
if not VAPID_CONTACT.startswith(("mailto:", "https://")):
    raise ImproperlyConfigured("VAPID_CONTACT has the form mailto:somebody@example.org or https://…")
# The services of Chrome and Edge on Android, Firefox, Safari, and Edge on Windows. "*." is any name below.
PUSH_HOSTS = env_list(
    "PUSH_HOSTS",
    "fcm.googleapis.com,jmt17.google.com,*.push.services.mozilla.com,*.push.apple.com,*.notify.windows.com",
)
# A push service of the house's own: may have a private address, and another port.
PUSH_PRIVATE_HOSTS = env_list("PUSH_PRIVATE_HOSTS", "")

if DEBUG and not EMBEDDED:
    raise ImproperlyConfigured("DEBUG shows patients' data in error pages: it is for embedded mode only.")
