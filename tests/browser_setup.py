"""Make sure that a Chromium is there for the browser's tests, and say loudly when it is not.

    python -m tests.browser_setup

Debian's own package is used: the system keeps it up to date, and nothing comes from a vendor's host."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome")


def chromium() -> str | None:
    """The program, or None."""
    given = os.environ.get("CHROMIUM")
    return given or next(filter(None, map(shutil.which, NAMES)), None)


def main() -> int:
    if chromium() or _install():
        return 0
    print(
        "\n"
        "!! No Chromium was found, and it could not be installed here.\n"
        "!! The browser's tests will FAIL: without it, what patients and nurses see is not tested.\n"
        "!! Install it (Debian: apt-get install chromium), give its path in CHROMIUM, or go without by\n"
        "!! TAPERWATCH_SKIP_BROWSER=true.\n",
        file=sys.stderr,
    )
    # A build server that skips the browser would look green without having looked.
    return 1 if os.environ.get("CI") == "true" else 0


def _install() -> bool:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print("installing chromium …", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
        done = subprocess.run(
            ["apt-get", "-qq", *arguments], env=environment, stdout=subprocess.DEVNULL, check=False
        )
        if done.returncode != 0:
            return False
    return chromium() is not None


if __name__ == "__main__":
    sys.exit(main())
