class CannotSend(Exception):  # noqa: N818 - a refusal, named as one
    """`reason` is kept with the attempt: no address, no content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
