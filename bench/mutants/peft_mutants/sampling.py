"""Which faults to try: spread evenly over operators and files, the same ones for the same seed."""

import hashlib
from collections import Counter
from typing import Dict, Iterable, List, Set

from peft_mutants.sites import Mutant


def sample(mutants: Iterable[Mutant], count: int, seed: int) -> List[Mutant]:
    """Return ``count`` of them, fewer if there are no more.

    Operators take turns. Each takes from the file, and then the function, of which fewest were taken so far; which one
    of several is up to a hash of seed and id, so that the choice does not depend on what else there is.
    """
    waiting: Dict[str, List[Mutant]] = {}
    for mutant in mutants:
        waiting.setdefault(mutant.operator, []).append(mutant)
    taken: List[Mutant] = []
    lines: Set[object] = set()
    files: Counter = Counter()
    functions: Counter = Counter()
    while len(taken) < count and any(waiting.values()):
        for _, candidates in sorted(waiting.items()):
            if not candidates or len(taken) == count:
                continue
            best = min(
                candidates,
                key=lambda each: (
                    (each.file, each.line) in lines,
                    files[each.file],
                    functions[each.file, each.function],
                    _draw(seed, each.id),
                ),
            )
            candidates.remove(best)
            taken.append(best)
            lines.add((best.file, best.line))
            files[best.file] += 1
            functions[best.file, best.function] += 1
    return sorted(taken, key=lambda each: (each.file, each.begin, each.id))


def _draw(seed: int, identity: str) -> bytes:
    return hashlib.blake2b(f"{seed} {identity}".encode(), digest_size=8).digest()
