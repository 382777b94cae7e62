from tests.messaging.conftest import push_service as push_service
