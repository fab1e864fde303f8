"""The handshake: what this environment is and what it offers."""

import os
import platform
from typing import Any, Dict, List

from peft_matrix_probe import SEMANTICS
from peft_matrix_probe.libraries import installed_versions


def hello(
    device: str, watch: List[str], capabilities: Dict[str, Any], preloaded: List[str], import_ms: float
) -> Dict[str, Any]:
    """Return the handshake, as ``protocol.ts`` has it."""
    import torch

    machine: Dict[str, Any] = {
        "system": platform.system(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "torchThreads": torch.get_num_threads(),
        # Forking is only safe with one.
        "threads": len(os.listdir("/proc/self/task")),
        **capabilities["machine"],
    }
    return {
        "semantics": SEMANTICS,
        "versions": installed_versions(watch),
        "device": device,
        "devices": capabilities["devices"],
        "configClasses": capabilities["configClasses"],
        "dtypes": capabilities["dtypes"],
        "lstmDtypes": capabilities["lstmDtypes"],
        "shardings": capabilities["shardings"],
        "preloaded": preloaded,
        "machine": machine,
        "residentBytes": _resident_bytes(),
        "importMs": round(import_ms, 3),
    }


def _cpu_model() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.lower().startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or "unknown"


def _resident_bytes() -> int:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
