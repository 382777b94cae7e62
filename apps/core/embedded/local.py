"""The folder that holds everything this checkout keeps for itself (`.local/`, or TAPERWATCH_LOCAL_DIR)."""

import hashlib
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from .errors import EmbeddedServiceError

PROJECT_ROOT = Path(__file__).resolve().parents[3]
LONGEST_SOCKET_PATH = 103
"""Bytes that every supported system takes for the path of a unix socket (Linux 107, macOS 103)."""


def local_dir(environ: Mapping[str, str] = os.environ) -> Path:
    """Where it is; it need not exist yet. Absolute, so that a child started elsewhere agrees."""
    return Path(environ.get("TAPERWATCH_LOCAL_DIR") or PROJECT_ROOT / ".local").expanduser().absolute()


def make_private(folder: Path) -> Path:
    """Create `folder` so that only its owner may look inside.

    Errors: EmbeddedServiceError when it belongs to somebody else, or cannot be made."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        owner = folder.stat()
    except OSError as error:
        raise EmbeddedServiceError(f"{folder} cannot be used: {error.strerror}.") from error
    if owner.st_uid != os.geteuid():
        raise EmbeddedServiceError(
            f"{folder} belongs to another user (uid {owner.st_uid}). Run as that user, or choose another "
            "folder with TAPERWATCH_LOCAL_DIR."
        )
    if stat.S_IMODE(owner.st_mode) & 0o077:
        folder.chmod(0o700)
    return folder


def random_secret() -> str:
    return secrets.token_urlsafe(64)


def kept_secret(folder: Path, name: str, make: Callable[[], str] = random_secret) -> str:
    """A secret made once and kept in a file that only its owner reads. Two processes that ask at the same
    moment get the same one."""
    path = make_private(folder) / name
    if not path.exists():
        draft = folder / f"{name}.{os.getpid()}.{secrets.token_hex(4)}"
        draft.touch(mode=0o600)
        draft.write_text(make())
        try:
            # A hard link appears whole or not at all, and never replaces another's.
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text()


def socket_folder(preferred: Path, longest_name: str) -> Path:
    """`preferred`, or a short stand-in under /tmp when a socket in it would have too long a path. Whoever
    creates the folder has to refuse one that somebody else made."""
    if len(os.fsencode(preferred / longest_name)) <= LONGEST_SOCKET_PATH:
        return preferred
    digest = hashlib.sha256(os.fsencode(preferred)).hexdigest()[:12]
    # Not $TMPDIR: every process has to find the same folder.
    return Path("/tmp") / f"taperwatch-{os.geteuid()}-{digest}"  # noqa: S108
