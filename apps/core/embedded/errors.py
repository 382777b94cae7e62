class EmbeddedServiceError(RuntimeError):
    """An embedded service could not be started, in words for the person who typed the command."""
