"""Is the database that is served the kind that it was made to be?"""

from apps.core.demo import demo_mode_on
from apps.core.models import Installation


def installation_mismatch() -> str | None:
    """Why this database must not be served in this mode, in words; None when it may. A database that nobody
    has marked yet may.

    Errors: DatabaseError when it cannot be asked."""
    installation = Installation.objects.first()
    if installation is None or installation.is_demo == demo_mode_on():
        return None
    if installation.is_demo:
        return "This database was filled with demo people. It is never served as a real one."
    return "This database is a real one. Demo mode, with its printed passwords, stays off here."
