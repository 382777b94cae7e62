from apps.alerts.models import Delivery


def show_on_board(delivery: Delivery) -> None:
    """The board reads deliveries from the database: that this one is written is all that it needs."""
