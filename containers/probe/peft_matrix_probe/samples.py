"""A few cells of our own, run once for an environment to see what cells import. Whether they pass does not matter."""

from typing import Any, Dict, List

_SHARDINGS: List[Dict[str, Any]] = [
    {"sharding": "none"},
    {"sharding": "none", "gradient_checkpointing": True, "precision": "bf16-autocast"},
    {"sharding": "ddp"},
    {"sharding": "fsdp1", "strategy": "FULL_SHARD", "use_orig_params": True, "wrap": "peft"},
    {"sharding": "fsdp2", "fully_shard": "layers", "reshard_after_forward": True},
]
_LLAMA = {
    "library": "transformers",
    "architecture": "LlamaForCausalLM",
    "configClass": "LlamaConfig",
    "layer": "LlamaDecoderLayer",
    "task": "causal",
    "arguments": {
        "vocab_size": 32,
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "max_position_embeddings": 32,
    },
}
_GPT2 = {
    "library": "transformers",
    "architecture": "GPT2LMHeadModel",
    "configClass": "GPT2Config",
    "layer": "GPT2Block",
    "task": "causal",
    "arguments": {"vocab_size": 32, "n_positions": 32, "n_embd": 16, "n_layer": 1, "n_head": 2},
}


def sample_requests(device: str) -> List[Dict[str, Any]]:
    """Return the cells, as in ``cell-request.ts``: LoRA on a tiny Llama under every sharding, and once on GPT-2."""
    arguments = {"r": 2, "target_modules": ["q_proj"], "task_type": "CAUSAL_LM"}
    lora = {"configClass": "LoraConfig", "arguments": arguments, "push": 0.02}
    cells = [_request(device, config, _LLAMA, lora) for config in _SHARDINGS]
    return [*cells, _request(device, {"sharding": "none"}, _GPT2, None)]


def _request(device: str, config: Dict[str, Any], model: Dict[str, Any], adapter: Any) -> Dict[str, Any]:
    return {
        "config": {"precision": "fp32", "gradient_checkpointing": False, **config},
        "model": model,
        "adapter": adapter,
        "ranks": 1 if config["sharding"] == "none" else 2,
        "device": device,
        "seed": 0,
        "steps": 1,
        "learningRate": 0.1,
        "batch": 2,
        "sequence": 4,
        "phases": ["build", "adapt", "wrap", "train", "save", "load"],
        "usages": [],
        # The first round imports hundreds of modules, several cells at once, on a machine that may be busy.
        "phaseDeadlineMs": 300_000,
        "graceMs": 1000,
    }
