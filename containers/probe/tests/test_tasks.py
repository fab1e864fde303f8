"""Models of every task and library: what is trained, and that shares add up to the whole batch."""

import pytest
import torch
from talking import LORA, adapter_request, cell_request

from peft_matrix_probe import models
from peft_matrix_probe.building import build
from peft_matrix_probe.state import CellState
from peft_matrix_probe.tasks import batch_of, loss_of, outputs_of, share_of

MODELS = {
    "mlp": {
        "library": "probe",
        "architecture": "Mlp",
        "configClass": None,
        "layer": "MlpLayer",
        "task": "regression",
        "arguments": {"features": 6, "width": 16, "hidden": 24, "layers": 2, "outputs": 3},
    },
    "conv": {
        "library": "probe",
        "architecture": "ConvNet",
        "configClass": None,
        "layer": "ConvLayer",
        "task": "regression",
        "arguments": {"colours": 3, "channels": 8, "size": 4, "groups": 2, "layers": 2, "outputs": 3},
    },
    "bert": {
        "library": "transformers",
        "architecture": "BertForSequenceClassification",
        "configClass": "BertConfig",
        "layer": "BertLayer",
        "task": "classification",
        "arguments": {
            "hidden_size": 16,
            "intermediate_size": 32,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "vocab_size": 32,
            "max_position_embeddings": 16,
            "hidden_dropout_prob": 0.0,
            "attention_probs_dropout_prob": 0.0,
            "num_labels": 3,
        },
    },
    "t5": {
        "library": "transformers",
        "architecture": "T5ForConditionalGeneration",
        "configClass": "T5Config",
        "layer": "T5Block",
        "task": "seq2seq",
        "arguments": {
            "d_model": 16,
            "d_kv": 8,
            "d_ff": 32,
            "num_layers": 1,
            "num_decoder_layers": 1,
            "num_heads": 2,
            "vocab_size": 32,
            "dropout_rate": 0.0,
            "decoder_start_token_id": 0,
            "tie_word_embeddings": False,
        },
    },
}
TARGETS = {
    "mlp": ["up", "down"],
    "conv": ["grouped", "pointwise", "line"],
    "bert": ["query", "value"],
    "t5": ["q", "v"],
}
TASK_TYPES = {"classification": "SEQ_CLS", "seq2seq": "SEQ_2_SEQ_LM"}
OUTPUTS = {"mlp": [4, 3], "conv": [4, 3], "bert": [4, 3], "t5": [4, 8, 32]}


def request_for(name, sharding="none", **config):
    model = MODELS[name]
    arguments = {key: value for key, value in LORA.items() if key != "task_type"}
    arguments["target_modules"] = TARGETS[name]
    if model["task"] in TASK_TYPES:
        arguments["task_type"] = TASK_TYPES[model["task"]]
    adapter = adapter_request("LoraConfig", arguments)
    return dict(cell_request(sharding, **config), model=model, adapter=adapter, learningRate=0.05)


@pytest.fixture(scope="module")
def unsharded(cells):
    return {name: cells.run(request_for(name)) for name in MODELS}


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("sharding", ["ddp", "fsdp1", "fsdp2"])
def test_every_task_trains_alike_however_it_is_sharded(cells, unsharded, name, sharding):
    observation = cells.run(request_for(name, sharding, **({"wrap": "none"} if sharding == "fsdp1" else {})))
    assert "stop" not in observation
    assert observation["outputs"]["shape"] == OUTPUTS[name]
    assert observation["losses"] == pytest.approx(unsharded[name]["losses"], rel=1e-5)
    assert observation["outputs"]["norm"] == pytest.approx(unsharded[name]["outputs"]["norm"], rel=1e-5)
    assert observation["frozen"]["changed"] == []


@pytest.mark.parametrize("name", MODELS)
def test_every_task_is_saved_and_loaded(unsharded, name):
    assert "stop" not in unsharded[name]
    assert unsharded[name]["checkpoint"]["distance"] == 0
    assert unsharded[name]["checkpoint"]["differing"] == []


@pytest.mark.parametrize("name", ["mlp", "conv"])
@pytest.mark.parametrize("sharding", ["none", "fsdp2"])
def test_plain_models_are_trained_saved_and_loaded_without_an_adapter(cells, name, sharding):
    observation = cells.run(dict(request_for(name, sharding, precision="bf16"), adapter=None))
    assert "stop" not in observation
    assert observation["frozen"]["count"] == 0
    assert observation["checkpoint"]["distance"] == 0
    assert observation["got"]["dtypes"].keys() == {"bfloat16"}


@pytest.mark.parametrize("name", ["mlp", "conv"])
def test_recomputing_the_layers_of_a_plain_model_changes_no_number(cells, unsharded, name):
    observation = cells.run(request_for(name, gradient_checkpointing=True))
    assert observation["losses"] == unsharded[name]["losses"]
    assert observation["trainable"] == unsharded[name]["trainable"]


@pytest.mark.parametrize("name", MODELS)
def test_the_loss_of_the_whole_batch_is_the_mean_of_the_losses_of_its_shares(name):
    states = [CellState(dict(request_for(name), ranks=2), rank, "none", "cpu", "") for rank in range(2)]
    for state in states:
        build(state)
    model = states[0].model
    whole = batch_of(states[0], "batch/0")
    shares = [share_of(state, whole) for state in states]
    for key, tensor in whole.items():
        assert torch.equal(torch.cat([share[key] for share in shares]), tensor)
    losses = [loss_of(state, model, share).item() for state, share in zip(states, shares)]
    assert loss_of(states[0], model, whole).item() == pytest.approx(sum(losses) / 2, rel=1e-5)
    rows = [outputs_of(states[0], model, share) for share in shares]
    assert torch.allclose(torch.cat(rows), outputs_of(states[0], model, whole), atol=1e-5)


def test_recomputing_really_recomputes():
    model = models.Mlp(features=4, width=8, hidden=8, layers=2, outputs=2)
    calls = []
    model.body.layers[0].register_forward_pre_hook(lambda *_: calls.append(1))
    model.gradient_checkpointing_enable(gradient_checkpointing_kwargs={"use_reentrant": False})
    model(torch.ones(1, 4)).sum().backward()
    assert len(calls) == 2
