"""A random sample of all mutants of the rules: `python -m tests.rules.mutation_sample 600 1` prints their names.

Judging every mutant takes most of a day; a sample drawn evenly from all of them says in an hour what share the tests
kill, and within what interval. Which were drawn is kept in mutants/sample.json, for the report.
"""

import json
import random
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
METAS = ROOT / "mutants" / "apps" / "rules"
SAMPLE = ROOT / "mutants" / "sample.json"


def all_mutants() -> list[str]:
    found: list[str] = []
    for meta in sorted(METAS.glob("*.meta")):
        found += json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def main() -> None:
    size, seed = map(int, sys.argv[1:3])
    drawn = random.Random(seed).sample(all_mutants(), size)
    SAMPLE.write_text(json.dumps({"seed": seed, "names": drawn}), encoding="utf-8")
    print(*drawn)


if __name__ == "__main__":
    main()
