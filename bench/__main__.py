"""`python -m bench [intake] [latency]`: both, unless one is named. Exit code 1 when a promise is not kept."""

import sys

from bench import intake, latency

BENCHES = {"intake": intake.main, "latency": latency.main}


def main(names: list[str]) -> int:
    unknown = set(names) - set(BENCHES)
    if unknown:
        print(f"There is no bench called {', '.join(sorted(unknown))}; there are: {', '.join(BENCHES)}.")
        return 2
    kept = [BENCHES[name]() for name in names or BENCHES]
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
