"""What the installed app is made of, and its version: a digest of every file, so that a phone changes all or
nothing."""

from functools import lru_cache
from hashlib import sha256
from pathlib import Path

from django.contrib.staticfiles import finders
from django.templatetags.static import static

SHELL_FILES = (
    "css/taperwatch.css",
    "vendor/nhsuk-frontend/nhsuk-frontend.min.css",
    "img/taperwatch.svg",
    "js/taperwatch.js",
    "js/log-advice.js",
    "js/log/ease.js",
    "js/log/numbers.js",
    "js/log/one-by-one.js",
    "js/log/readings.js",
    "js/log/same.js",
    "js/log/time.js",
    "js/rules.js",
    "js/offline/app.js",
    "js/offline/form.js",
    "js/offline/list.js",
    "js/offline/moments.js",
    "js/offline/outbox.js",
    "js/offline/push.js",
    "js/offline/store.js",
    "js/offline/drafts.js",
    "vendor/htmx/htmx.min.js",
    "vendor/idb/index.js",
)
WORKER = "js/offline/worker.js"


def shell_addresses() -> list[str]:
    """What the worker fetches when it is installed. The stylesheet for right-to-left is kept when first used."""
    return [static(name) for name in SHELL_FILES]


def build() -> str:
    """Changes with any file and with any address of one."""
    addresses = "\n".join([*shell_addresses(), static(WORKER)])
    return sha256(f"{addresses}\n{_digest_of_files()}".encode()).hexdigest()[:16]


@lru_cache(maxsize=1)  # files do not change under a running process
def _digest_of_files() -> str:
    digest = sha256()
    for name in (*SHELL_FILES, WORKER):
        found = finders.find(name)
        if not found:
            raise FileNotFoundError(f"{name} is named as part of the app but is not there")
        digest.update(Path(found).read_bytes())
    return digest.hexdigest()
