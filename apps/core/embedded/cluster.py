"""Where one embedded PostgreSQL keeps its files."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from .account import SERVER_HOME, ServerAccount
from .errors import EmbeddedServiceError
from .local import make_private, socket_folder

PORT = 5432
DATABASE = "taperwatch"
ROLE = "taperwatch"
DISPOSABLE = "TAPERWATCH_DISPOSABLE"
"""Environment variable of the tests: a cluster made under it may be thrown away once its link is gone."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The folder of one server: `data/`, `server.log` and, when its path is short enough, the socket."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    @property
    def socket_folder(self) -> Path:
        return socket_folder(self.folder / "run", f".s.PGSQL.{PORT}")


def cluster_of(local: Path) -> Cluster:
    """The cluster that belongs to this `.local/`; nothing is created."""
    return Cluster((local / "postgres").resolve())


def connection_parameters(local: Path) -> dict[str, str]:
    """How to reach the server of this `.local/`, whether or not it runs: keywords of libpq."""
    socket_folder = cluster_of(local).socket_folder
    return {"host": str(socket_folder), "port": str(PORT), "user": ROLE, "dbname": DATABASE}


def prepare_cluster(local: Path, account: ServerAccount) -> Cluster:
    """Create the folders. Errors: EmbeddedServiceError when they cannot be made or are not ours."""
    make_private(local)
    if account.switched:
        _link_to_root_safe_place(local, account)
    else:
        make_private(local / "postgres")
    cluster = cluster_of(local)
    _make_for(account, cluster.socket_folder)
    return cluster


def _make_for(account: ServerAccount, folder: Path) -> None:
    """A folder for the server user alone. In a shared place (/tmp) somebody else may have been there
    first: then it is refused, not used."""
    if not folder.exists():
        made = account.run(["mkdir", "-m", "0700", str(folder)])
        if made.returncode != 0 and not folder.exists():
            raise EmbeddedServiceError(f"{folder} cannot be made: {made.stderr.strip()}.")
    owner = folder.lstat()
    if folder.is_symlink() or owner.st_uid != account.uid or owner.st_mode & 0o077:
        raise EmbeddedServiceError(f"{folder} is not a private folder of {account.name}; remove it.")


def _link_to_root_safe_place(local: Path, account: ServerAccount) -> None:
    """Point `.local/postgres` at a folder under /var/lib/taperwatch that is this `.local/`'s alone."""
    link = local / "postgres"
    if link.is_dir() and not link.is_symlink():
        raise EmbeddedServiceError(
            f"{link} was made by an ordinary user. Run as that user, or choose another TAPERWATCH_LOCAL_DIR."
        )
    if link.is_symlink() and _is_ours(link):
        return
    folder = SERVER_HOME / "clusters" / secrets.token_hex(6)
    try:
        folder.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.mkdir(mode=0o700)
        os.chown(folder, account.uid, account.gid)
        _owner_note(folder).write_text(str(link))
        link.unlink(missing_ok=True)
        link.symlink_to(folder)
        if os.environ.get(DISPOSABLE) == "true":
            folder.with_name(f"{folder.name}.disposable").touch()
    except OSError as error:
        raise EmbeddedServiceError(f"{folder} cannot be made: {error.strerror}.") from error


def abandoned_clusters() -> list[Cluster]:
    """Of root's, those that a test made and whose link is gone. What a person made is never among them: their
    link may only be out of sight, on a disk that is not there just now."""
    marks = (SERVER_HOME / "clusters").glob("*.disposable")
    return [Cluster(mark.with_suffix("")) for mark in marks if not _has_its_link(mark.with_suffix(""))]


def _has_its_link(folder: Path) -> bool:
    link = Path(_owner_note(folder).read_text())
    return link.is_symlink() and link.readlink() == folder


def _owner_note(folder: Path) -> Path:
    """Says which link a cluster belongs to. Beside the cluster, where only root may write."""
    return folder.with_name(f"{folder.name}.belongs-to")


def _is_ours(link: Path) -> bool:
    """A checkout that was copied brings the link along: the cluster stays the original's while that is
    there. One that was moved takes its cluster with it."""
    note = _owner_note(link.readlink())
    if not link.is_dir() or not note.exists():
        return False
    owner = Path(note.read_text())
    if owner != link:
        if owner.is_symlink() and owner.readlink() == link.readlink():
            return False
        note.write_text(str(link))
    return True
