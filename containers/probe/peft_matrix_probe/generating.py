"""Phase generate: greedy generation with its cache, against one whole forward pass a token."""

from typing import Any, Dict

from peft_matrix_probe.restoring import trained
from peft_matrix_probe.state import CellState
from peft_matrix_probe.training import batch_of

#: A token that no model picks. With ``eos_token_id=None`` the model's own would be taken, and with ``min_new_tokens``
#: its logits would be changed.
_NEVER = -1


def generate(state: CellState) -> Dict[str, Any]:
    """Generate ``sequence`` tokens for every row of a fixed batch."""
    import torch

    model = trained(state)
    model.eval()
    ids = batch_of(state, "generation")["input_ids"]
    count = state.request["sequence"]
    pick = _pick_after_whole_passes if state.request["model"]["task"] == "causal" else _pick_for_decoder
    with torch.no_grad(), state.autocast():
        found = model.generate(
            input_ids=ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=count,
            do_sample=False,
            num_beams=1,
            use_cache=True,
            eos_token_id=_NEVER,
            pad_token_id=0,
        )
        expected = pick(model, ids, count)
    return {"generated": {"tokens": found[:, -count:].tolist(), "expected": expected.tolist()}}


def _pick_after_whole_passes(model: Any, ids: Any, count: int) -> Any:
    """Return int64 tensor of shape (rows, count)."""
    import torch

    whole = ids
    for _ in range(count):
        logits = model(input_ids=whole, attention_mask=torch.ones_like(whole), use_cache=False).logits
        whole = torch.cat([whole, logits[:, -1:].float().argmax(-1)], dim=1)
    return whole[:, ids.shape[1] :]


def _pick_for_decoder(model: Any, ids: Any, count: int) -> Any:
    """Return int64 tensor of shape (rows, count), for models whose tokens come out of a decoder of its own."""
    import torch

    start = model.config.decoder_start_token_id
    decoded = torch.full((ids.shape[0], 1), start, dtype=ids.dtype, device=ids.device)
    mask = torch.ones_like(ids)
    for _ in range(count):
        outputs = model(input_ids=ids, attention_mask=mask, decoder_input_ids=decoded, use_cache=False)
        decoded = torch.cat([decoded, outputs.logits[:, -1:].float().argmax(-1)], dim=1)
    return decoded[:, 1:]
