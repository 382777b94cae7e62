"""Before the first request: tables, static files and, in a new embedded database, the people of the demo."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from .errors import EmbeddedServiceError
from .local import PROJECT_ROOT
from .session import Run, stage

DEMO_MARK = "demo"
"""File in `.local/`: this database is the demo's. It holds the sign-ins to print, once all people are made."""
PREPARED_MARK = "prepared"
"""File in `.local/`: from which code the tables and static files were last made."""


def prepare(run: Run) -> None:
    fingerprint = _fingerprint(run.local)
    mark = run.local / PREPARED_MARK
    if not fingerprint or not mark.exists() or mark.read_text() != fingerprint:
        mark.unlink(missing_ok=True)
        with stage(run, "static files"):
            manage(run, "collectstatic", "--noinput", "--verbosity", "0")
        with stage(run, "tables"):
            manage(run, "migrate", "--noinput", "--verbosity", "0")
        mark.write_text(fingerprint)
    if _demo_wanted(run):
        _make_demo(run)


def _fingerprint(local: Path) -> str:
    """Of everything that tables and static files are made from, and of the database they are in; empty when
    that is not ours to know. It saves two starts of Python; /readyz still looks at the tables themselves."""
    if os.environ.get("DATABASE_URL", "").strip():
        return ""
    digest = hashlib.sha256(str((local / "postgres" / "data").stat().st_ino).encode())
    sources = [
        *PROJECT_ROOT.glob("apps/*/migrations/*.py"),
        *PROJECT_ROOT.glob("static/**/*"),
        *PROJECT_ROOT.glob("requirements/*.txt"),
        PROJECT_ROOT / "apps" / "config" / "settings.py",
    ]
    for path in sorted(path for path in sources if path.is_file()):
        state = path.stat()
        digest.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def _make_demo(run: Run) -> None:
    """The people of the demo, once. An empty mark means that making them was interrupted."""
    mark = run.local / DEMO_MARK
    mark.touch(mode=0o600)
    if mark.read_text():
        return
    with stage(run, "demo people"):
        sign_ins = manage(run, "demo_data")
    draft = mark.with_name(f"{DEMO_MARK}.new")
    draft.touch(mode=0o600)
    draft.write_text(sign_ins or "(no sign-ins)\n")
    draft.replace(mark)


def _demo_wanted(run: Run) -> bool:
    given = os.environ.get("DEMO_MODE", "").strip().lower()
    if os.environ.get("DATABASE_URL", "").strip():
        return False
    if given == "false" and (run.local / DEMO_MARK).exists():
        raise EmbeddedServiceError(
            f"the database in {run.local} is the demo's. For one without demo people, use another folder: "
            "TAPERWATCH_LOCAL_DIR=… DEMO_MODE=false make run"
        )
    return given != "false"


def manage(run: Run, *arguments: str) -> str:
    """Run a management command; what it printed. Its log lines go to our screen."""
    command = [sys.executable, str(PROJECT_ROOT / "manage.py"), *arguments]
    process = subprocess.Popen(
        command, env=run.environment, cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    while True:
        try:
            output, _ = process.communicate(timeout=0.2)
            break
        except subprocess.TimeoutExpired:
            if run.stopping.is_set():
                process.terminate()
    run.give_up_if_asked()
    if process.returncode != 0:
        raise EmbeddedServiceError(f"`manage.py {' '.join(arguments)}` failed:\n{output.strip()}")
    return output
