"""Tries damaged and hostile inputs of every kind, and prints what became of them.

python tests/fuzz/run.py --inputs 2000 --seed 1            # of all kinds, in proportion
python tests/fuzz/run.py --kind csv --seed 1 --only 17     # one input again
"""

import argparse
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from fuzz.guards import Server
from fuzz.kinds import KINDS, SHARES

SHOWN = 2  # failures of one and the same origin


def main() -> int:
    """Run the command; the exit code is 1 if an input failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=2000, help="how many, all kinds together")
    parser.add_argument("--seed", type=int, default=0, help="other inputs with every seed")
    parser.add_argument("--kind", choices=sorted(KINDS), action="append", help="only these")
    parser.add_argument("--only", type=int, help="the number of a single input")
    parser.add_argument("--keep", type=Path, help="a new folder, in which the inputs that failed are left")
    asked = parser.parse_args()
    names = asked.kind or list(KINDS)
    whole = sum(SHARES[name] for name in names)
    with tempfile.TemporaryDirectory() as scratch:
        root = asked.keep or Path(scratch)
        root.mkdir(parents=True, exist_ok=asked.keep is None)
        server, counts, failures = Server(KINDS, root.absolute()), Counter[tuple[str, str]](), []
        seconds = dict.fromkeys(names, 0.0)
        for name in names:
            count = max(1, round(asked.inputs * SHARES[name] / whole))
            for index in range(count) if asked.only is None else [asked.only]:
                began = time.monotonic()
                outcome = server.try_one(name, asked.seed, index)
                seconds[name] += time.monotonic() - began
                counts[name, outcome.verdict] += 1
                if outcome.verdict == "failed":
                    failures.append(outcome.why)
                    if failures.count(outcome.why) <= SHOWN:
                        sys.stdout.write(f"FAILED --kind {name} --seed {asked.seed} --only {index}: {outcome.why}\n")
                elif asked.only is not None:
                    sys.stdout.write(f"{outcome.verdict}: {outcome.why}\n")
        server.close()
    sys.stdout.write(table(names, counts, seconds))
    return 1 if failures else 0


def table(names: list[str], counts: Counter[tuple[str, str]], seconds: dict[str, float]) -> str:
    """Kinds by what became of their inputs."""
    verdicts = ("refused", "accepted", "failed")
    lines = [f"{'kind':<16}{'inputs':>8}" + "".join(f"{verdict:>10}" for verdict in verdicts) + f"{'seconds':>9}"]
    for name in [*names, "all"]:
        own = [sum(counts[one, verdict] for one in (names if name == "all" else [name])) for verdict in verdicts]
        spent = sum(seconds.values()) if name == "all" else seconds[name]
        lines.append(f"{name:<16}{sum(own):>8}" + "".join(f"{count:>10}" for count in own) + f"{spent:>9.0f}")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
