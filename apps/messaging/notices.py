"""What leaves the house: that there is something to see, and where. No name, no symptom, no dose, no number."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.utils.translation import get_language_info


@dataclass(frozen=True, slots=True)
class Notice:
    title: str
    body: str
    path: str
    """Of this site and behind the sign-in; an id in it means nothing outside."""
    language: str


def payload(notice: Notice, *, tag: str, receipt: UUID | None, sent_at: datetime) -> bytes:
    """For `static/js/offline/push.js`. A notice with the same `tag` takes the place of the one before."""
    told = asdict(notice) | {
        "direction": "rtl" if get_language_info(notice.language)["bidi"] else "ltr",
        "tag": tag,
        "receipt": str(receipt) if receipt else "",
        "at": int(sent_at.timestamp() * 1000),
    }
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def link(path: str) -> str:
    """The whole address; "" where the installation has not said what it is called outside."""
    return f"{settings.PUBLIC_URL.rstrip('/')}{path}" if settings.PUBLIC_URL else ""
