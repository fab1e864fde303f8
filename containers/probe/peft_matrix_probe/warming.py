"""What the parent does once so that no child has to: libraries set up a good deal at first use.

Nothing here touches PEFT, starts a thread, or draws from a generator that a cell would see.
"""

import importlib


def warm_up(device: str) -> None:
    """Train a linear layer for a step, let transformers build its tables, and define the plain models."""
    if device != "cuda":  # there, autograd would count the GPUs, and so start CUDA before forking
        _train_one_step()
    _build_conversion_tables()
    importlib.import_module("peft_matrix_probe.models")


def _train_one_step() -> None:
    import torch

    state = torch.random.get_rng_state()
    layer = torch.nn.Linear(8, 8)
    optimizer = torch.optim.SGD(layer.parameters(), lr=0.1, foreach=False)
    torch.nn.functional.cross_entropy(layer(torch.ones(2, 8)), torch.tensor([0, 1])).backward()
    optimizer.step()
    layer.weight.detach().numpy().sum()
    torch.random.set_rng_state(state)


def _build_conversion_tables() -> None:
    # transformers 5 compiles some 900 regular expressions when the first adapter is added: 0.1 s in every child.
    try:
        mapping = importlib.import_module("transformers.conversion_mapping")
        mapping.get_checkpoint_conversion_mapping("llama")
    except Exception:  # other releases have no such table: nothing to warm
        return
