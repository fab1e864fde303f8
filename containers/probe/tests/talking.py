"""A probe in a process of its own, and requests to ask it."""

import contextlib
import json
import os
import select
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.dirname(HERE)
PROGRAMS = os.path.join(HERE, "programs")


class Probe:
    def __init__(self, *arguments, python_path=(), env=()):
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join([*python_path, PACKAGE]), **dict(env))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "peft_matrix_probe", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
        )
        self._data = b""
        self.first = self.read(deadline_s=300)

    def read(self, deadline_s=120.0):
        """Return the next message; fail when there is none in time."""
        end = time.monotonic() + deadline_s
        while b"\n" not in self._data:
            ready, _, _ = select.select([self.process.stdout], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"no answer within {deadline_s:g} s"
            chunk = os.read(self.process.stdout.fileno(), 1 << 20)
            assert chunk, "the probe has closed its output"
            self._data += chunk
        line, _, self._data = self._data.partition(b"\n")
        return json.loads(line.decode("utf-8"), parse_constant=refuse_constant)

    def send(self, message):
        data = message if isinstance(message, bytes) else json.dumps(message).encode("utf-8")
        self.process.stdin.write(data + b"\n")
        self.process.stdin.flush()

    def run(self, request, identity=1):
        """Run a cell and return its observation."""
        return self.ask(request, identity)["observation"]

    def ask(self, request, identity=1):
        """Run a cell and return the whole answer."""
        self.send({"id": identity, "run": request})
        answer = self.read()
        assert answer.get("id") == identity, answer
        return answer

    def run_program(self, name, **settings):
        return self.run(program_request(name, **settings))

    def close(self):
        """Close its stdin and return its exit status."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait(30)


def refuse_constant(name):
    raise ValueError(f"JSON has no {name}")


def program_request(name, ranks=2, phase_deadline_ms=60_000, grace_ms=700, **config):
    return {
        "config": {"sharding": "ddp" if ranks > 1 else "none", "program": name, **config},
        "model": {**LLAMA, "architecture": "", "configClass": "", "arguments": {}},
        "adapter": None,
        "ranks": ranks,
        "device": "cpu",
        "seed": 5,
        "steps": 1,
        "learningRate": 0.1,
        "batch": 4,
        "sequence": 4,
        "phases": ["build", "train"],
        "usages": [],
        "phaseDeadlineMs": phase_deadline_ms,
        "graceMs": grace_ms,
    }


LLAMA = {
    "library": "transformers",
    "architecture": "LlamaForCausalLM",
    "configClass": "LlamaConfig",
    "layer": "LlamaDecoderLayer",
    "task": "causal",
    "arguments": {
        "vocab_size": 64,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 4,
        "max_position_embeddings": 32,
    },
}
LORA = {"r": 4, "lora_alpha": 8, "target_modules": ["q_proj", "v_proj"], "task_type": "CAUSAL_LM"}


def adapter_request(config_class, arguments):
    return {"configClass": config_class, "arguments": arguments, "push": 0.02}


def cell_request(sharding="none", dora=False, adapter=True, **config):
    arguments = dict(LORA, use_dora=True) if dora else LORA
    defaults = {
        "fsdp1": {"strategy": "FULL_SHARD", "use_orig_params": True, "wrap": "peft"},
        "fsdp2": {"fully_shard": "layers", "reshard_after_forward": True},
    }
    return {
        "config": {
            "precision": "fp32",
            "gradient_checkpointing": False,
            "sharding": sharding,
            **defaults.get(sharding, {}),
            **config,
        },
        "model": LLAMA,
        "adapter": adapter_request("LoraConfig", arguments) if adapter else None,
        "ranks": 1 if sharding == "none" else 2,
        "device": "cpu",
        "seed": 11,
        "steps": 3,
        "learningRate": 0.1,
        "batch": 4,
        "sequence": 8,
        "phases": ["build", "adapt", "wrap", "train", "save", "load"],
        "usages": [],
        "phaseDeadlineMs": 120_000,
        "graceMs": 2000,
    }


def is_running(pid):
    """Return whether a process is there and not a zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except OSError:
        return False


def descendants(pid):
    """Return every process below this one, whatever its group."""
    found = []
    for name in os.listdir("/proc"):
        if not name.isdigit():
            continue
        try:
            with open(f"/proc/{name}/stat", encoding="utf-8", errors="replace") as file:
                parent = int(file.read().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if parent == pid:
            found += [int(name), *descendants(int(name))]
    return found


def wait_until(condition, deadline_s=30.0):
    """Poll until a condition holds; return whether it ever did."""
    end = time.monotonic() + deadline_s
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
