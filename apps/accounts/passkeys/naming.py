"""What to call a phone or computer until its owner calls it otherwise."""

from django.utils.translation import gettext as _

_SIGNS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("CrOS", "Chromebook"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def name_of_device(user_agent: str) -> str:
    """By the browser's own word, which need not be true: a hint for the owner, no more."""
    return next((name for sign, name in _SIGNS if sign in user_agent), _("A phone or computer"))
