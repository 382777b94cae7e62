from tests.journeys.conftest import ground as ground
