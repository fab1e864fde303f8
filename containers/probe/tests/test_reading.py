"""A checkpoint that one run hands over and another reads, as a newer release reads what an older one wrote."""

import base64
import json

import numpy as np
import pytest
from safetensors.numpy import load, save
from test_usages import ADAPTERS_TRIED, usage_request

CONFIG, WEIGHTS = "adapter_config.json", "adapter_model.safetensors"


@pytest.fixture(scope="module")
def written(cells):
    """The answer to every adapter's cell, with the files that it handed over."""
    return {name: cells.ask(usage_request(name, [["save"]])) for name in ADAPTERS_TRIED}


def read(cells, name, files, **config):
    request = dict(usage_request(name, [], **config), phases=["build", "read"])
    return cells.run(dict(request, checkpoint={"writer": "w", "outputs": "o", "files": files}))


def changed(files, change):
    """The same files with other tensors."""
    tensors = change(load(base64.b64decode(files[WEIGHTS])))
    weights = save({key: np.ascontiguousarray(value) for key, value in tensors.items()}, metadata={"format": "pt"})
    return dict(files, **{WEIGHTS: base64.b64encode(weights).decode("ascii")})


def test_files_are_handed_over_beside_the_observation(written):
    for answer in written.values():
        assert sorted(answer["files"]) == [CONFIG, WEIGHTS]
        assert "files" not in answer["observation"]
        tensors = load(base64.b64decode(answer["files"][WEIGHTS]))
        assert sorted(tensors) == sorted(answer["observation"]["checkpoint"]["tensors"])
        assert "peft_type" in json.loads(base64.b64decode(answer["files"][CONFIG]))


def test_nothing_is_handed_over_by_several_ranks_or_without_an_adapter(cells):
    assert "files" not in cells.ask(usage_request("lora", [["save"]], sharding="ddp"))
    assert "files" not in cells.ask(dict(usage_request("lora", [["save"]]), adapter=None))


def test_what_was_written_is_read_with_the_same_outputs_and_all_its_keys(cells, written):
    for name, answer in written.items():
        observation = read(cells, name, answer["files"])
        assert [phase["name"] for phase in observation["phases"]] == ["build", "read"]
        assert observation["read"] == {
            "outputs": answer["observation"]["outputs"],
            "missing": [],
            "unexpected": [],
        }


def test_a_tensor_that_is_another_gives_other_outputs(cells, written):
    files = changed(written["lora"]["files"], lambda tensors: {key: 1.001 * value for key, value in tensors.items()})
    observation = read(cells, "lora", files)
    assert observation["read"]["outputs"]["digest"] != written["lora"]["observation"]["outputs"]["digest"]


def test_a_key_with_another_name_is_missed_and_is_too_much(cells, written):
    def rename(tensors):
        first = min(tensors)
        return {("base_model.model.elsewhere" if key == first else key): value for key, value in tensors.items()}

    found = read(cells, "lora", changed(written["lora"]["files"], rename))["read"]
    assert found["missing"] == ["base_model.model.model.layers.0.self_attn.q_proj.lora_A.default.weight"]
    assert found["unexpected"] == ["base_model.model.elsewhere"]


def test_what_cannot_be_read_is_an_observation(cells, written):
    files = dict(written["lora"]["files"], **{CONFIG: base64.b64encode(b"{}").decode("ascii")})
    observation = read(cells, "lora", files)
    assert observation["stop"]["kind"] == "exception"
    assert observation["stop"]["phase"] == "read"


@pytest.mark.parametrize("files", [None, {"../outside": ""}, {"name": 1}])
def test_a_request_to_read_names_files_in_one_folder(cells, files):
    cells.send({"id": 7, "run": dict(usage_request("lora", []), phases=["read"], checkpoint={"files": files})})
    answer = cells.read()
    assert answer["id"] == 7
    assert "no checkpoint to read" in answer["error"]
