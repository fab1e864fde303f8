"""Canonical names: the same parameter has the same name however it is wrapped and in whatever release it was made."""

import re

_WRAPPINGS = re.compile(r"(?<![^.])(?:_fsdp_wrapped_module|_checkpoint_wrapped_module|_orig_mod)\.")
_DDP = re.compile(r"^module\.")

# Renames between releases, old to new.
_RENAMES = (
    # PEFT 0.12 made DoRA's magnitude a module of its own, so that FSDP can wrap it.
    (re.compile(r"\.lora_magnitude_vector\.([^.]+)$"), r".lora_magnitude_vector.\1.weight"),
)


def canonical(name: str) -> str:
    """Return the name without the wrappings of DDP, FSDP1, activation checkpointing and torch.compile."""
    name = _WRAPPINGS.sub("", _DDP.sub("", name))
    for old, new in _RENAMES:
        name = old.sub(new, name)
    return name
