"""`python -m bench [rules] [reassess] [intake] [board] [latency]`: all, unless one is named; each by itself.

`board` and `latency` measure promises (sixty rows within 200 ms of the server's time; log to board within two
seconds): exit code 1 when one is not kept. The others measure goals, and say when one is not reached yet."""

import subprocess
import sys

GOALS, PROMISES = ("rules", "reassess", "intake"), ("board", "latency")


def main(names: list[str]) -> int:
    known = (*GOALS, *PROMISES)
    unknown = set(names) - set(known)
    if unknown:
        print(f"There is no bench called {', '.join(sorted(unknown))}; there are: {', '.join(known)}.")
        return 2
    wanted = [name for name in known if name in (names or known)]
    return max(run(name) for name in wanted)


def run(name: str) -> int:
    print(f"\n{name}", flush=True)
    return subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
