"""What a page says, without its marks."""

import re
from typing import Any

from django.urls import reverse


def words_of(answer: Any) -> str:
    text = answer.content.decode().split("<main", 1)[-1].split("</main>", 1)[0]
    text = re.sub(r"<(?:title|desc)[^>]*>.*?</(?:title|desc)>", " ", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    return text.replace("&#x27;", "'").replace("&amp;", "&")


def address(name: str, patient: Any, *more: Any) -> str:
    return reverse(f"dashboards:{name}", args=[patient.pk, *more])
