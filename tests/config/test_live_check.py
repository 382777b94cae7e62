"""Django's own list of what a public installation must not forget."""

import subprocess
import sys

from apps.core.embedded.local import PROJECT_ROOT

from .test_settings import LIVE

ACCEPTED = {
    "security.W005",  # whole-domain HSTS is the hospital's decision: SECURE_HSTS_WHOLE_DOMAIN
    "security.W021",  # … and so is asking browsers to preload it
}


def test_a_live_installation_passes_djangos_deployment_check(tmp_path):
    told = subprocess.run(
        [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
        cwd=PROJECT_ROOT,
        env={"PATH": "/usr/bin:/bin", "TAPERWATCH_LOCAL_DIR": str(tmp_path), **LIVE, "EMAIL_HOST": "mail.invalid"},
        capture_output=True,
        text=True,
        check=False,
    )

    found = {word.strip("()?:") for word in told.stderr.split() if "security.W" in word or ".E" in word}
    assert found <= ACCEPTED, told.stderr


def test_a_live_installation_that_can_send_no_mail_is_refused(tmp_path):
    told = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=PROJECT_ROOT,
        env={"PATH": "/usr/bin:/bin", "TAPERWATCH_LOCAL_DIR": str(tmp_path), **LIVE},
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode != 0
    assert "taperwatch.E005" in told.stderr
