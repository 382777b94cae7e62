"""`python -m bench [rules] [intake] [latency]`: all, unless one is named.

`latency` measures a promise (log to board within two seconds): exit code 1 when it is not kept. The others measure
goals, and say when one is not reached yet."""

import sys
from collections.abc import Callable

from bench import intake, latency, rules

GOALS: dict[str, Callable[[], object]] = {"rules": rules.main, "intake": intake.main}
PROMISES: dict[str, Callable[[], bool]] = {"latency": latency.main}


def main(names: list[str]) -> int:
    known = [*GOALS, *PROMISES]
    unknown = set(names) - set(known)
    if unknown:
        print(f"There is no bench called {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
        return 2
    for name in (name for name in GOALS if name in (names or known)):
        print(f"\n{name}")
        GOALS[name]()
    kept = []
    for name in (name for name in PROMISES if name in (names or known)):
        print(f"\n{name}")
        kept.append(PROMISES[name]())
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
