from apps.messaging.errors import CannotSend as CannotSend
