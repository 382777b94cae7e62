from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture
def push_service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Any]:
    from tests.messaging.push_service import PushService

    service = PushService(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(service.certificate))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    settings.PUSH_PRIVATE_HOSTS = ["localhost"]
    yield service
    service.close()
