class CannotSend(Exception):
    """`reason` is kept with the attempt: no address, no content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
