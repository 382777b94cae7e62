"""The ways to tell somebody. Each takes a delivery and returns when it is sent, or raises CannotSend.

A message says that there is something on the ward board, with a link behind the sign-in; no name, bed, level,
pattern or number goes with it."""

from collections.abc import Callable

from apps.alerts.models import Delivery
from apps.alerts.transports.board import show_on_board
from apps.alerts.transports.email import send_email
from apps.alerts.transports.errors import CannotSend as CannotSend

TRANSPORTS: dict[Delivery.Channel, Callable[[Delivery], None]] = {
    Delivery.Channel.BOARD: show_on_board,
    Delivery.Channel.EMAIL: send_email,
}
