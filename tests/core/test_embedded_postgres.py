import multiprocessing
import os
import shutil
import signal
import stat
import subprocess
import sys
from multiprocessing.synchronize import Event
from pathlib import Path

import psutil
import psycopg
import pytest

from apps.core.embedded.cluster import connection_parameters
from apps.core.embedded.disposable import throw_away_abandoned
from apps.core.embedded.errors import EmbeddedServiceError
from apps.core.embedded.local import PROJECT_ROOT, kept_secret, make_private
from apps.core.embedded.postgres import EmbeddedPostgres, postgres_in_use

from .processes import environment, processes_of, wait_until

spawn = multiprocessing.get_context("spawn")


@pytest.fixture
def local(tmp_path):
    return tmp_path / "local"


def ask(local: Path, question: str) -> object:
    with psycopg.connect(**connection_parameters(local)) as connection:
        row = connection.execute(question).fetchone()
        assert row is not None
        return row[0]


def use_until(local: Path, arrived: Event, may_leave: Event) -> None:
    with postgres_in_use(local):
        arrived.set()
        may_leave.wait(60)


def start_user(local: Path) -> tuple[multiprocessing.process.BaseProcess, Event]:
    arrived, may_leave = spawn.Event(), spawn.Event()
    user = spawn.Process(target=use_until, args=(local, arrived, may_leave))
    user.start()
    assert arrived.wait(60)
    return user, may_leave


def test_what_was_stored_is_there_after_a_restart(local):
    with postgres_in_use(local), psycopg.connect(**connection_parameters(local)) as connection:
        connection.execute("create table logs as select 39.5 as celsius")

    assert processes_of(local) == []
    with postgres_in_use(local):
        assert float(str(ask(local, "select celsius from logs"))) == 39.5


def test_it_listens_on_no_port_and_shows_its_socket_to_nobody_else(local):
    with postgres_in_use(local) as server:
        assert ask(local, "select current_setting('listen_addresses')") == ""
        assert stat.S_IMODE(server.cluster.socket_folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(server.cluster.data.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can ask as somebody else")
def test_another_user_of_the_machine_cannot_sign_in(local):
    with postgres_in_use(local) as server:
        programs = Path(psutil.Process(server.pid()).exe()).parent
        folder = server.cluster.socket_folder
        # Even where the folder would let them pass, the server asks the kernel who is calling.
        server.account.run(["chmod", "0755", str(folder), str(server.cluster.folder)])
        server.account.run(["chmod", "0777", str(folder / ".s.PGSQL.5432")])
        told = subprocess.run(
            [programs / "psql", "-h", folder, "-U", "taperwatch", "-c", "select 1", "taperwatch"],
            user="nobody", capture_output=True, text=True, check=False, cwd="/", env={},
        )  # fmt: skip

    assert told.returncode != 0
    assert "authentication failed" in told.stderr


def test_the_first_to_leave_does_not_stop_the_server_of_the_others(local):
    user, may_leave = start_user(local)
    with postgres_in_use(local) as server:
        pid = server.pid()

    assert server.pid() == pid
    assert ask(local, "select 1") == 1

    may_leave.set()
    user.join(60)
    assert server.pid() is None


def test_a_user_that_was_killed_does_not_keep_the_server_running_for_ever(local):
    user, _may_leave = start_user(local)
    user.kill()
    user.join(60)
    assert processes_of(local) != []

    with postgres_in_use(local) as server:
        assert ask(local, "select 1") == 1

    assert server.pid() is None


def test_a_server_that_was_killed_starts_again_with_its_data(local):
    with postgres_in_use(local) as server:
        with psycopg.connect(**connection_parameters(local)) as connection:
            connection.execute("create table logs as select 1")
        pid = server.pid()
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not processes_of(local), what="the end of the server's processes")

        with postgres_in_use(local):
            assert ask(local, "select count(*) from logs") == 1


def test_a_stale_process_id_that_now_is_somebody_elses_does_not_keep_it_from_starting(local):
    with postgres_in_use(local) as server:
        pass
    # As after a power cut: the file is still there, and its number belongs to this test by now.
    server.account.write(
        server.cluster.data / "postmaster.pid", f"{os.getpid()}\n{server.cluster.data}\n0\n5432\n"
    )

    with postgres_in_use(local):
        assert ask(local, "select 1") == 1


def test_a_long_path_still_gets_a_socket(tmp_path):
    local = tmp_path / ("a-rather-long-name-" * 6) / "local"
    with postgres_in_use(local) as server:
        assert ask(local, "select 1") == 1

    if server.cluster.socket_folder.parent == Path("/tmp"):
        server.cluster.socket_folder.rmdir()


def test_data_of_another_version_are_left_alone_with_a_clear_message(local):
    with postgres_in_use(local) as server:
        pass
    server.account.write(server.cluster.data / "PG_VERSION", "15\n")

    with pytest.raises(EmbeddedServiceError, match="made by PostgreSQL 15"), postgres_in_use(local):
        pass


def test_no_folder_above_the_data_is_opened_to_others(tmp_path):
    home = tmp_path / "home"
    home.mkdir(mode=0o700)

    with postgres_in_use(home / "checkout" / ".local"):
        pass

    assert stat.S_IMODE(home.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps its data elsewhere")
def test_a_copied_checkout_gets_a_server_of_its_own_and_a_moved_one_keeps_its_own(tmp_path):
    original, copy, moved = tmp_path / "original", tmp_path / "copy", tmp_path / "moved"
    first = EmbeddedPostgres(original).cluster
    copy.mkdir(mode=0o700)
    (copy / "postgres").symlink_to((original / "postgres").readlink())

    second = EmbeddedPostgres(copy).cluster
    original.rename(moved)
    third = EmbeddedPostgres(moved).cluster

    assert second.folder != first.folder
    assert third.folder == first.folder


def test_a_management_command_brings_the_database_along_and_takes_it_away(local):
    script = "from django.db import connection; connection.ensure_connection(); print('connected')"
    told = subprocess.run(
        [sys.executable, "manage.py", "shell", "--no-imports", "-c", script],
        cwd=PROJECT_ROOT, env=environment(local), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert "connected" in told.stdout
    assert processes_of(local) == []


def test_two_processes_that_ask_for_a_secret_get_the_same_one(tmp_path):
    with spawn.Pool(4) as pool:
        made = pool.starmap(kept_secret, [(tmp_path, "secret-key")] * 8)

    assert len(set(made)) == 1
    assert len(made[0]) >= 80
    assert stat.S_IMODE((tmp_path / "secret-key").stat().st_mode) == 0o600


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_refused(tmp_path):
    os.chown(tmp_path, 65534, 65534)

    with pytest.raises(EmbeddedServiceError, match="belongs to another user"):
        make_private(tmp_path)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root keeps its data elsewhere")
def test_only_clusters_of_tests_whose_folder_is_gone_are_thrown_away(tmp_path, monkeypatch):
    kept, gone, somebodys = (EmbeddedPostgres(tmp_path / name).cluster for name in ("kept", "gone", "somebodys"))
    somebodys.folder.with_name(f"{somebodys.folder.name}.disposable").unlink()
    for name in ("gone", "somebodys"):
        shutil.rmtree(tmp_path / name)

    throw_away_abandoned()

    assert [cluster.folder.exists() for cluster in (kept, gone, somebodys)] == [True, False, True]
    somebodys.folder.with_name(f"{somebodys.folder.name}.disposable").touch()
    throw_away_abandoned()
    assert not somebodys.folder.exists()
