"""What CUDA's own library and the driver say of the GPUs. It starts CUDA: only for a forked child."""

import ctypes
import re
import uuid
from typing import Any, Dict, Optional

_DRIVER_FILE = "/proc/driver/nvidia/version"


def gpu_facts(count: int, library: str = "libcuda.so.1", driver_file: str = _DRIVER_FILE) -> Dict[str, Any]:
    """Return ``gpu0Uuid``, ... in CUDA's own order, and ``driver``; as much of it as can be told."""
    facts: Dict[str, Any] = {}
    try:
        cuda = ctypes.CDLL(library)
    except OSError:
        return facts
    for index in range(count):
        name = _uuid_of(cuda, index)
        if name is not None:
            facts[f"gpu{index}Uuid"] = name
    version = _driver_version(driver_file)
    if version is not None:
        facts["driver"] = version
    return facts


def _uuid_of(cuda: Any, index: int) -> Optional[str]:
    device = ctypes.c_int()
    raw = (ctypes.c_ubyte * 16)()
    # The newer one tells the slices of a shared GPU apart.
    ask = getattr(cuda, "cuDeviceGetUuid_v2", None) or getattr(cuda, "cuDeviceGetUuid", None)
    if ask is None or cuda.cuInit(0) or cuda.cuDeviceGet(ctypes.byref(device), index) or ask(raw, device):
        return None
    return f"GPU-{uuid.UUID(bytes=bytes(raw))}"


def _driver_version(path: str) -> Optional[str]:
    try:
        with open(path, encoding="ascii", errors="replace") as file:
            found = re.search(r"Kernel Module.*?\s(\d+(?:\.\d+)+)\s", file.read())
    except OSError:
        return None
    return found.group(1) if found else None
