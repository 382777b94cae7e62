"""What a person knows a phone by, from what its browser says of itself. For telling one's own phones apart."""

BROWSERS = (
    ("Edg", "Edge"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
DEVICES = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)
"""Both in this order: a later name also stands in the descriptions of those before."""


def name_of_browser(user_agent: str) -> str:
    """As "Firefox, Android"; what is not known is left out."""
    found = [next((name for sign, name in known if sign in user_agent), "") for known in (BROWSERS, DEVICES)]
    return ", ".join(filter(None, found)) or "?"
