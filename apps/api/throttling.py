"""A brake for runaway clients, not a defence: counted per process where the cache is per process."""

import time

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

WINDOW_SECONDS = 60


class ClientBrake(BaseThrottle):
    """So many requests a minute for each caller (the view names its bucket). The count is left on the
    request, where the answer's RateLimit headers find it."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        bucket = getattr(view, "brake", "requests")
        quota = settings.API_PER_MINUTE[bucket]
        now = time.time()
        self.seconds_left = WINDOW_SECONDS - int(now) % WINDOW_SECONDS
        caller = request.user.pk if request.user.is_authenticated else self.get_ident(request)
        count = _count(f"brake:{bucket}:{caller}:{int(now) // WINDOW_SECONDS}")
        request.rate_limit = (bucket, quota, max(0, quota - count), self.seconds_left)  # type: ignore[attr-defined]
        return count <= quota

    def wait(self) -> float:
        return float(self.seconds_left)


def _count(key: str) -> int:
    cache.add(key, 0, timeout=2 * WINDOW_SECONDS)
    try:
        return cache.incr(key)
    except ValueError:  # the window ended, or the cache was cleared, between the two calls
        return 1


def rate_limit_headers(bucket: str, quota: int, left: int, seconds: int) -> dict[str, str]:
    return {
        "RateLimit-Policy": f'"{bucket}";q={quota};w={WINDOW_SECONDS}',
        "RateLimit": f'"{bucket}";r={left};t={seconds}',
    }
