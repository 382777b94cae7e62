import re
from html import unescape


def words(page: bytes) -> str:
    """What a reader sees of a page: its text, with single spaces."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", page.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", text)).split())
