"""What is kept of a tensor: eight random signed projections, its norm, a digest of its bytes."""

import hashlib
import math
from typing import Any, List

from peft_matrix_probe.generator import signs


def sketch(name: str, values: Any) -> List[float]:
    """Return eight projections of a float64 array of any shape, by signs that belong to ``name``.

    Linear in ``values`` up to rounding, so the sketch of a difference is the difference of the sketches.
    """
    flat = values.reshape(-1)
    if flat.size == 0:
        return [0.0] * 8
    # A sum, not a BLAS product: its order of additions does not depend on alignment or on the library.
    return [shorten(value) for value in (signs(name, flat.size) * flat).sum(axis=1).tolist()]


def norm(values: Any) -> float:
    """Return the Euclidean norm of a float64 array."""
    flat = values.reshape(-1)
    return shorten(math.sqrt((flat * flat).sum().item()))


def digest(tensor: Any) -> str:
    """Return the first 16 hex digits of BLAKE2b over the bytes of a tensor on any device, of any dtype."""
    return hashlib.blake2b(raw_bytes(tensor), digest_size=8).hexdigest()


def raw_bytes(tensor: Any) -> Any:
    """Return the bytes of a tensor as a contiguous uint8 array; dtypes that numpy does not know are no problem."""
    import torch

    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy()


def as_float64(tensor: Any) -> Any:
    """Return a float64 array with the values of a tensor, in memory of its own."""
    import torch

    return tensor.detach().to(device="cpu", dtype=torch.float64, copy=True).numpy()


def shorten(value: float) -> float:
    """Return the float with ten significant digits: a third less text.

    An error of at most 5e-10 of the figure, where float32 rounds by 6e-8; properties compare runs within 1e-6 at best.
    """
    return float(f"{value:.10g}")
