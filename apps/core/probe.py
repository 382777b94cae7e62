"""Health checks of containers: `python -m apps.core.probe web|worker|watch`. Ends with 0 when all is well.

Needs neither Django nor a program such as curl in the image."""

import os
import sys
import urllib.error
import urllib.request

from apps.core.alive import is_alive


def web_is_ready(address: str = "127.0.0.1", port: str = "", timeout: float = 4) -> bool:
    """Asked by a name that the server answers to; its own address need not be one of them."""
    name = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".") or "localhost"
    request = urllib.request.Request(
        f"http://{address}:{port or os.environ.get('PORT') or '8000'}/readyz",
        headers={"Host": "localhost" if name == "*" else name},
    )
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0] not in {"web", "worker", "watch"}:
        print("usage: python -m apps.core.probe web|worker|watch", file=sys.stderr)
        return 2
    name = arguments[0]
    return 0 if (web_is_ready() if name == "web" else is_alive(name)) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
