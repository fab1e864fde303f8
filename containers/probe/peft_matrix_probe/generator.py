"""Numbers from names: weights, batches, perturbations and signs that are the same on every release and every machine.

SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, OOPSLA 2014), started at a BLAKE2b hash
of seed and name. Element ``i`` depends on seed, name and ``i`` alone.
"""

import hashlib
from typing import Any, Sequence

_GOLDEN = 0x9E3779B97F4A7C15
_BITS = (1 << 64) - 1


def hashes(seed: int, name: str, count: int) -> Any:
    """Return ``count`` pseudo-random numbers of 64 bits: a uint64 array of shape (count,)."""
    import numpy as np

    digest = hashlib.blake2b(f"{seed}/{name}".encode(), digest_size=8).digest()
    start = (int.from_bytes(digest, "little") + _GOLDEN) & _BITS
    x = np.arange(count, dtype=np.uint64)
    x *= np.uint64(_GOLDEN)
    x += np.uint64(start)
    x ^= x >> np.uint64(30)
    x *= np.uint64(0xBF58476D1CE4E5B9)
    x ^= x >> np.uint64(27)
    x *= np.uint64(0x94D049BB133111EB)
    x ^= x >> np.uint64(31)
    return x


def uniform(seed: int, name: str, shape: Sequence[int]) -> Any:
    """Return a float64 array of the given shape with values in [-1, 1)."""
    import numpy as np

    values = (hashes(seed, name, _count(shape)) >> np.uint64(11)).astype(np.float64)
    values *= 2.0**-52
    values -= 1.0
    return values.reshape(tuple(shape))


def tokens(seed: int, name: str, shape: Sequence[int], vocabulary: int) -> Any:
    """Return an int64 array of the given shape with values in [0, vocabulary)."""
    import numpy as np

    return (hashes(seed, name, _count(shape)) % np.uint64(vocabulary)).astype(np.int64).reshape(tuple(shape))


def signs(name: str, count: int) -> Any:
    """Return eight rows of random signs that belong to a name: an int8 array of shape (8, count) of -1 and 1."""
    import numpy as np

    top = (hashes(0, "sign/" + name, count) >> np.uint64(56)).astype(np.uint8)
    bits = np.unpackbits(top.reshape(-1, 1), axis=1)
    return np.ascontiguousarray(bits.T).astype(np.int8) * np.int8(2) - np.int8(1)


def _count(shape: Sequence[int]) -> int:
    count = 1
    for size in shape:
        count *= int(size)
    return count
