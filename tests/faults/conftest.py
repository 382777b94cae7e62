from tests.journeys.conftest import ground as ground  # noqa: F401 - the same processes, under attack
