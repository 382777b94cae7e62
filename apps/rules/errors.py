"""The one error of a catalogue that cannot be trusted: it names the file, the line and the cause."""


class CatalogueError(ValueError):
    """A catalogue is refused whole: a half-read catalogue would watch over people with rules missing."""

    def __init__(self, cause: str, *, where: str = "", line: int | None = None) -> None:
        place = f"{where}:{line}: " if line is not None else (f"{where}: " if where else "")
        super().__init__(f"{place}{cause}")
        self.cause = cause
        self.where = where
        self.line = line
