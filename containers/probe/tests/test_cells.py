"""Real cells, on the torch, transformers and PEFT of this environment."""

import pytest
from talking import Probe, adapter_request, cell_request

PHASES = ["build", "adapt", "wrap", "train", "save", "load"]
WRAPPED = {
    "none": "PeftModelForCausalLM",
    "ddp": "DistributedDataParallel",
    "fsdp1": "FullyShardedDataParallel",
    "fsdp2": "FSDPPeftModelForCausalLM",
}
# Without a wrap policy PEFT 0.21 writes a full checkpoint under FSDP1.
WORKS = {"fsdp1": {"wrap": "none"}}


@pytest.fixture(scope="module")
def unsharded(cells):
    return {dora: cells.run(cell_request(dora=dora)) for dora in (False, True)}


@pytest.mark.parametrize("dora", [False, True])
@pytest.mark.parametrize("sharding", ["none", "ddp", "fsdp1", "fsdp2"])
def test_a_cell_that_works_is_observed_from_build_to_load(cells, unsharded, sharding, dora):
    observation = cells.run(cell_request(sharding, dora=dora, **WORKS.get(sharding, {})))
    assert "stop" not in observation
    assert [phase["name"] for phase in observation["phases"]] == PHASES
    assert observation["got"]["wrapped"] == WRAPPED[sharding]
    assert observation["got"]["units"] == {"none": 0, "ddp": 0, "fsdp1": 1, "fsdp2": 3}[sharding]
    share = 0.5 if sharding.startswith("fsdp") else 1.0
    assert observation["got"]["shares"] == pytest.approx([share] * observation["ranks"], abs=0.01)
    assert observation["got"]["dtypes"] == unsharded[dora]["got"]["dtypes"]
    assert observation["losses"] == pytest.approx(unsharded[dora]["losses"], rel=1e-5)
    assert observation["gradientNorms"] == pytest.approx(unsharded[dora]["gradientNorms"], rel=1e-4)
    assert observation["frozen"] == unsharded[dora]["frozen"]
    assert observation["frozen"]["changed"] == []
    assert observation["checkpoint"]["files"] == unsharded[dora]["checkpoint"]["files"]
    assert observation["checkpoint"]["tensors"] == unsharded[dora]["checkpoint"]["tensors"]
    assert observation["checkpoint"]["distance"] == 0
    assert observation["checkpoint"]["differing"] == []


@pytest.mark.parametrize("sharding", ["ddp", "fsdp1", "fsdp2"])
def test_updates_of_a_sharded_cell_are_those_of_the_unsharded_one(cells, unsharded, sharding):
    observation = cells.run(cell_request(sharding, **WORKS.get(sharding, {})))
    expected = {record["name"]: record for record in unsharded[False]["trainable"]}
    found = {record["name"]: record for record in observation["trainable"]}
    assert found.keys() == expected.keys()
    for name, record in found.items():
        assert record["shape"] == expected[name]["shape"]
        assert record["update"]["norm"] == pytest.approx(expected[name]["update"]["norm"], rel=1e-3)
        scale = expected[name]["update"]["norm"]
        assert record["update"]["sketch"] == pytest.approx(expected[name]["update"]["sketch"], abs=1e-3 * scale)


def test_the_whole_model_is_trained_saved_and_loaded_without_an_adapter(cells):
    observation = cells.run(cell_request("fsdp2", adapter=False))
    assert "stop" not in observation
    assert observation["frozen"]["count"] == 0
    assert observation["checkpoint"]["distance"] == 0
    assert {record["dtype"] for record in observation["trainable"]} == {"float32"}


@pytest.mark.parametrize(
    ("precision", "dtypes"),
    [("bf16", {"bfloat16", "float32"}), ("fp16", {"float16", "float32"}), ("bf16-autocast", {"float32"})],
)
def test_precision_is_that_of_the_base_weights_or_of_autocast(cells, precision, dtypes):
    observation = cells.run(cell_request(precision=precision, gradient_checkpointing=True))
    assert "stop" not in observation
    assert set(observation["got"]["dtypes"]) == dtypes


@pytest.mark.parametrize("sharding", ["none", "fsdp2"])
def test_two_runs_in_fp32_are_bitwise_the_same(cells, sharding):
    request = cell_request(sharding, dora=True)
    assert lasting(cells.run(request)) == lasting(cells.run(request))


def test_dora_under_fsdp1_with_original_parameters_and_pefts_policy_fails_in_the_forward_pass(cells):
    stop = cells.run(cell_request("fsdp1", dora=True, use_orig_params=True, wrap="peft"))["stop"]
    assert (stop["kind"], stop["phase"], stop["rank"]) == ("exception", "train", 0)
    assert stop["exception"]["type"] == "IndexError"
    assert stop["exception"]["frames"][-1]["file"] == "peft/tuners/lora/dora.py"


def test_flat_parameters_without_pefts_policy_cannot_be_mixed(cells):
    observation = cells.run(cell_request("fsdp1", use_orig_params=False, wrap="transformer"))
    assert (observation["stop"]["kind"], observation["stop"]["phase"]) == ("exception", "wrap")
    assert "uniform `requires_grad`" in observation["stop"]["exception"]["message"]
    assert "got" not in observation


def test_an_unknown_class_is_a_failure_of_the_cell_and_not_of_the_probe(cells):
    request = cell_request()
    request["adapter"] = adapter_request("NoSuchConfig", {})
    stop = cells.run(request)["stop"]
    assert (stop["phase"], stop["exception"]["type"]) == ("adapt", "AttributeError")


def test_fewer_phases_are_run_when_fewer_are_asked_for(cells):
    observation = cells.run(dict(cell_request(), phases=["build", "adapt", "wrap"]))
    assert [phase["name"] for phase in observation["phases"]] == ["build", "adapt", "wrap"]
    assert "losses" not in observation


def test_children_have_nothing_left_to_import_but_peft(cells):
    cells.send({"id": 1, "run": cell_request("fsdp2")})
    for rank in cells.read()["provenance"]["ranks"]:
        assert [name for name in rank["imported"] if not name.startswith("peft.")] == []
    modules = cells.first["hello"]["preloaded"]
    assert modules
    assert not [name for name in modules if name.split(".")[0] in ("peft", "peft_matrix_probe")]
    assert cells.first["hello"]["machine"]["threads"] == 1


def test_what_is_handed_in_is_preloaded_and_nothing_else():
    probe = Probe("--preload", "wave,no_such_module,peft.tuners")
    assert probe.first["hello"]["preloaded"] == ["wave"]
    assert probe.close() == 0


def test_a_cold_process_shows_what_a_fork_shows(cells):
    probe = Probe("--cold")
    works = cell_request("fsdp2", dora=True)
    fails = cell_request("fsdp1", use_orig_params=False, wrap="transformer")
    probe.send({"id": 1, "run": works})
    probe.send({"id": 2, "run": fails})
    answers = {answer["id"]: answer["observation"] for answer in (probe.read(300), probe.read(300))}
    cold = [answers[1], answers[2]]
    assert probe.close() == 0
    assert [phase["name"] for phase in cold[0]["phases"]] == ["import", *PHASES]
    warm = [cells.run(works), cells.run(fails)]
    assert [lasting(observation) for observation in cold] == [lasting(observation) for observation in warm]


def lasting(observation):
    """Return an observation without times, memory and what was printed."""
    kept = {name: value for name, value in observation.items() if name not in ("phases", "peakBytes", "stop")}
    if "stop" in observation:
        stop = {name: value for name, value in observation["stop"].items() if name != "output"}
        own = [frame for frame in stop["exception"]["frames"] if frame["file"] == "<probe>/rank.py"]
        frames = [frame for frame in stop["exception"]["frames"] if frame not in own]
        kept["stop"] = dict(stop, exception=dict(stop["exception"], frames=frames))
    return kept
