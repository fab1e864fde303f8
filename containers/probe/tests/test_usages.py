"""What users do with a trained adapter, on the torch, transformers and PEFT of this environment."""

import json
import math

import numpy as np
import pytest
from talking import LORA, adapter_request, cell_request

from peft_matrix_probe.comparing import MOST_NAMES, attempt, distance, some

DISABLE = ["disable", "enable"]
CHECKPOINT = ["save", "load"]
ADAPTERS = ["second-adapter", "switch", "delete"]
MERGE = ["merge", "unmerge"]
FOR_ALL = [DISABLE, ["generate"], CHECKPOINT, ["resume"], ADAPTERS]

TASK = {"task_type": "CAUSAL_LM"}
TARGETS = {"target_modules": ["q_proj", "v_proj"], **TASK}
ADAPTERS_TRIED = {
    "lora": ("LoraConfig", LORA, [*FOR_ALL, ["combine"], ["hotswap"], ["mixed-batch"], MERGE]),
    "dora": ("LoraConfig", dict(LORA, use_dora=True), [*FOR_ALL, MERGE]),
    "vera": ("VeraConfig", {"r": 4, **TARGETS}, [*FOR_ALL, MERGE]),
    "ia3": (
        "IA3Config",
        {"target_modules": ["v_proj", "down_proj"], "feedforward_modules": ["down_proj"], **TASK},
        [*FOR_ALL, MERGE],
    ),
    "prompt": ("PromptTuningConfig", {"num_virtual_tokens": 3, **TASK}, FOR_ALL),
}
#: Rounding in float32 over two layers, with room.
CLOSE = 1e-5


def usage_request(name="lora", usages=None, second=None, **config):
    config_class, arguments, usual = ADAPTERS_TRIED[name]
    request = cell_request(**config)
    adapter = adapter_request(config_class, arguments)
    if second is not None:
        adapter["second"] = second
    usages = usual if usages is None else usages
    trunk = ["build", "adapt", "wrap", "train"]
    if request["ranks"] == 1:
        return dict(request, adapter=adapter, phases=trunk, usages=usages)
    return dict(request, adapter=adapter, phases=[*trunk, *(phase for usage in usages for phase in usage)])


@pytest.fixture(scope="module")
def tried(cells):
    """Every adapter with all that it promises, each run once."""
    return {name: cells.run(usage_request(name)) for name in ADAPTERS_TRIED}


@pytest.fixture(params=sorted(ADAPTERS_TRIED))
def healthy(request, tried):
    return tried[request.param]


def test_every_phase_is_gone_through(tried):
    for name, observation in tried.items():
        usages = ADAPTERS_TRIED[name][2]
        assert "stop" not in observation
        assert "usageStops" not in observation
        names = [phase["name"] for phase in observation["phases"]]
        assert names == ["build", "adapt", "wrap", "train", *(phase for usage in usages for phase in usage)]


def test_an_adapter_that_promises_it_starts_as_identity(tried):
    for name in ("lora", "dora", "vera", "ia3"):
        assert tried[name]["start"]["distance"] <= CLOSE
    assert tried["prompt"]["start"]["distance"] == "Infinity"  # outputs for the virtual tokens too


def test_without_its_adapter_the_model_is_the_base_model(healthy):
    assert healthy["disabled"]["distance"] <= CLOSE
    assert healthy["disabled"]["gradient"] <= CLOSE
    assert healthy["disabled"]["enabled"] <= CLOSE
    assert healthy["disabled"]["flags"] == []


def test_generation_picks_what_whole_passes_pick(healthy):
    assert healthy["generated"]["tokens"] == healthy["generated"]["expected"]
    assert [len(row) for row in healthy["generated"]["tokens"]] == [8] * 4


def test_a_checkpoint_brings_everything_back_and_is_loaded_for_inference(tried):
    for name, observation in tried.items():
        assert observation["checkpoint"]["distance"] == 0
        assert observation["checkpoint"]["differing"] == []
        # PEFT 0.21 leaves prompts trainable.
        left = ["prompt_encoder.default.embedding.weight"] if name == "prompt" else []
        assert observation["checkpoint"]["trainable"] == left


def test_training_goes_on_from_a_checkpoint(healthy):
    resumed = healthy["resumed"]
    assert len(resumed["losses"]) == 3
    assert resumed["resumedLosses"] == pytest.approx(resumed["losses"], rel=CLOSE)
    assert resumed["distance"] <= CLOSE
    assert resumed["differing"] == []


def test_another_adapter_leaves_the_trained_one_alone(tried):
    for name, observation in tried.items():
        adapters = observation["adapters"]
        for fact in ("beside", "second", "back", "deleted"):
            assert adapters[fact] <= CLOSE, (name, fact)
        assert adapters["savedExtra"] == adapters["savedMissing"] == adapters["leftovers"] == []
        if name != "prompt":  # there PEFT 0.21 trains the inactive one too
            assert adapters["inactiveTrainable"] == []


def test_merged_weights_compute_what_the_adapter_computes(tried):
    for name in ("lora", "dora", "vera", "ia3"):
        merged = tried[name]["merged"]
        assert 0 < merged["distance"] <= CLOSE
        assert merged["dtypes"] == []
        assert merged["gradient"] <= CLOSE
        assert merged["twice"]["distance"] <= CLOSE
        assert merged["unloaded"]["distance"] <= CLOSE
        assert merged["safelyUnloaded"]["distance"] <= CLOSE
        assert merged["safe"] == {"raised": "ValueError", "changed": []}
        assert merged["unmerged"] <= CLOSE
        assert merged["restored"] <= CLOSE


def test_lora_is_combined_swapped_and_mixed(tried):
    lora = tried["lora"]
    assert lora["combined"]["single"]["distance"] <= CLOSE
    assert lora["combined"]["negative"]["distance"] <= CLOSE
    assert lora["hotswapped"]["distance"] <= CLOSE
    assert lora["mixed"]["distance"] <= CLOSE


def test_an_observation_stays_small(healthy):
    usual = {"trainable", "phases", "frozen", "outputs", "checkpoint"}
    usages = {name: fact for name, fact in healthy.items() if name not in usual}
    assert len(json.dumps(usages)) < 2500


def test_a_usage_that_fails_keeps_the_next_ones_from_nothing(cells):
    observation = cells.run(usage_request("vera", [["hotswap"], CHECKPOINT, ["hotswap"], MERGE]))
    assert "stop" not in observation
    stops = observation["usageStops"]
    assert [(stop["phase"], stop["exception"]["type"]) for stop in stops] == [("hotswap", "ValueError")] * 2
    assert "Hotswapping only supports LORA" in stops[0]["exception"]["message"]
    assert observation["checkpoint"]["distance"] == 0
    assert observation["merged"]["unmerged"] <= CLOSE


def test_each_usage_finds_the_model_as_training_left_it(cells):
    changing = [["resume"], ["hotswap"], ["combine"], ["second-adapter"], ["merge"], ["disable"]]
    alone = cells.run(usage_request("dora", [CHECKPOINT, MERGE]))
    for usage in changing:
        after = cells.run(usage_request("dora", [usage, CHECKPOINT, usage, MERGE]))
        assert {stop["phase"] for stop in after.get("usageStops", [])} <= {"hotswap"}  # PEFT 0.21: KeyError with DoRA
        assert after["checkpoint"] == alone["checkpoint"], usage
        assert after["merged"] == alone["merged"], usage


@pytest.mark.parametrize("precision", ["bf16", "fp16", "bf16-autocast"])
def test_usages_in_coarse_precisions(cells, precision):
    observation = cells.run(usage_request(precision=precision))
    assert "usageStops" not in observation
    assert observation["disabled"]["distance"] <= 0.03
    assert observation["merged"]["distance"] <= 0.05
    assert observation["merged"]["dtypes"] == []
    assert observation["resumed"]["distance"] <= 0.05


@pytest.mark.parametrize("sharding", ["ddp", "fsdp2"])
def test_sharded_training_goes_on_from_a_checkpoint(cells, sharding):
    observation = cells.run(usage_request("lora", [CHECKPOINT, ["resume"]], sharding=sharding))
    assert "stop" not in observation
    assert observation["checkpoint"]["distance"] == 0
    assert observation["resumed"]["distance"] <= CLOSE
    assert observation["resumed"]["differing"] == []


def test_fsdp1_loads_nothing_of_an_adapters_checkpoint(cells):
    # PEFT 0.20 and 0.21 look for names with FSDP's prefixes in a state dict that has none.
    observation = cells.run(usage_request("lora", [["resume"]], sharding="fsdp1", wrap="none"))
    assert "stop" not in observation
    assert observation["resumed"]["distance"] > 0.01
    assert len(observation["resumed"]["differing"]) == MOST_NAMES


def test_an_adapters_own_tensors_are_what_the_whole_state_dict_gives(cells):
    ways = {
        way: cells.run(usage_request("lora", [CHECKPOINT], sharding="fsdp1", wrap="none", checkpoint=way))
        for way in ("gathered", "adapter_only")
    }
    assert ways["adapter_only"]["checkpoint"]["distance"] == 0
    assert ways["adapter_only"]["checkpoint"]["tensors"] == ways["gathered"]["checkpoint"]["tensors"]
    assert ways["adapter_only"]["checkpoint"]["files"] == ways["gathered"]["checkpoint"]["files"]


@pytest.mark.parametrize("sharding", ["fsdp1", "fsdp2"])
def test_mixed_precision_of_fsdp_computes_in_bfloat16(cells, sharding):
    settings = {"sharding": sharding, "wrap": "none"} if sharding == "fsdp1" else {"sharding": sharding}
    observation = cells.run(usage_request("lora", [], mixed_precision="bf16", **settings))
    assert "stop" not in observation
    assert observation["outputs"]["dtype"] == "bfloat16"
    assert set(observation["got"]["dtypes"]) == {"float32"}


@pytest.mark.parametrize("loading", ["low_cpu_mem", "newer_config"])
def test_ways_of_loading(cells, loading):
    observation = cells.run(usage_request("lora", [CHECKPOINT, ["resume"]], loading=loading))
    assert "usageStops" not in observation
    assert observation["checkpoint"]["distance"] == 0
    assert observation["resumed"]["distance"] <= CLOSE


def test_loading_for_little_memory_fails_for_pissa(cells):
    request = usage_request("lora", [CHECKPOINT], loading="low_cpu_mem")
    request["adapter"] = dict(request["adapter"], arguments=dict(LORA, init_lora_weights="pissa"))
    (stop,) = cells.run(request)["usageStops"]
    assert (stop["phase"], stop["exception"]["type"]) == ("load", "RuntimeError")


@pytest.mark.parametrize("name", ["default2", "lora"])
def test_names_of_the_other_adapter(cells, name):
    adapters = cells.run(usage_request("lora", [ADAPTERS], second_adapter=name))["adapters"]
    assert adapters["savedExtra"] == adapters["savedMissing"] == adapters["leftovers"] == []
    assert adapters["back"] <= CLOSE


def test_a_second_adapter_under_the_same_name_is_refused(cells):
    observation = cells.run(usage_request("lora", [ADAPTERS], second_adapter="default"))
    assert "usageStops" not in observation
    assert observation["adapters"] == {"duplicate": {"raised": "ValueError", "distance": 0}}


def test_the_other_adapter_can_have_arguments_of_its_own(cells):
    request = usage_request("lora", [ADAPTERS], second=LORA)
    request["adapter"] = dict(request["adapter"], arguments=dict(LORA, modules_to_save=["lm_head"]))
    observation = cells.run(request)
    assert "usageStops" not in observation
    assert max(observation["adapters"][fact] for fact in ("beside", "second", "back", "deleted")) <= CLOSE


def test_an_inactive_adapter_is_there_and_is_not_trained(cells):
    observation = cells.run(usage_request("lora", [CHECKPOINT, MERGE], inactive_adapter=True))
    assert "usageStops" not in observation
    assert {record["name"].split(".")[-2] for record in observation["trainable"]} == {"default"}
    assert "inactive/adapter_model.safetensors" in observation["checkpoint"]["files"]
    assert observation["checkpoint"]["differing"] == []
    assert observation["merged"]["distance"] <= CLOSE


def test_an_inactive_adapter_is_in_the_dtype_that_was_asked_for(cells):
    request = usage_request("lora", [], precision="bf16", inactive_adapter=True, autocast_adapter_dtype=False)
    assert cells.run(request)["got"]["dtypes"].keys() == {"bfloat16"}


def test_an_inactive_prompt_is_trained_too_which_ddp_does_not_forgive(cells):
    stop = cells.run(usage_request("prompt", [], sharding="ddp", inactive_adapter=True))["stop"]
    assert stop["phase"] == "train"
    assert "Expected to have finished reduction" in stop["exception"]["message"]


def test_adapters_take_the_dtype_of_the_base_when_autocast_is_off(cells):
    observation = cells.run(usage_request("lora", [CHECKPOINT], precision="bf16", autocast_adapter_dtype=False))
    assert {record["dtype"] for record in observation["trainable"]} == {"bfloat16"}
    assert observation["checkpoint"]["differing"] == []


def test_distances_are_relative_and_see_shapes_and_nan():
    values = np.array([[3.0, 4.0]])
    assert distance(values, values) == 0
    assert distance(2 * values, values) == pytest.approx(1)
    assert distance(values, np.zeros((1, 2))) == 5
    assert distance(values, np.ones((2, 2))) == math.inf
    assert math.isnan(distance(values * math.nan, values))


def test_names_are_few_and_in_order_and_attempts_say_what_was_raised():
    assert some(f"name {number:02}" for number in (*range(20), *range(20))) == [
        f"name {number:02}" for number in range(MOST_NAMES)
    ]
    assert attempt(lambda: 0.5) == {"distance": 0.5}

    def refuse():
        raise json.JSONDecodeError("no", "", 0)

    assert attempt(refuse) == {"raised": "json.decoder.JSONDecodeError"}


def test_an_adapter_with_nothing_to_spoil_is_not_merged_with_a_nan(cells):
    request = usage_request("lora", [["merge"]])
    # All of the weight is kept as it is: no small singular directions are left to be trained.
    arguments = {"effective_rank": 32, "target_modules": ["q_proj"], **TASK}
    observation = cells.run(dict(request, adapter=adapter_request("OSFConfig", arguments)))
    assert "usageStops" not in observation
    assert "safe" not in observation["merged"]
    assert observation["merged"]["distance"] <= CLOSE
