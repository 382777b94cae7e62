import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.ground import Ground, ground_in


@pytest.fixture
def ground(transactional_db: None) -> Iterator[Ground]:
    # A short path: a unix socket's name has room for some hundred bytes.
    local = Path(tempfile.mkdtemp(prefix="tw-", dir="/tmp"))
    try:
        with ground_in(local) as found:
            yield found
    finally:
        shutil.rmtree(local, ignore_errors=True)
