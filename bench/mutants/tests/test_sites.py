"""Where faults are planted, what they are called, and which lines reach them."""

from peft_mutants.module import Module
from peft_mutants.sampling import sample
from peft_mutants.sites import mutants_of

SOURCE = '''\
LIMIT = 2 - 1


class Layer:
    """Words: 1 - 1."""

    def merge(self, safe: bool = 1 - 1, twice=False):
        if safe - 1:
            raise ValueError(2 - 1)
        for key in self.names:
            self.weight = (
                self.weight
                - self.delta
            )
        warnings.warn(3 - 1)
        return 4 - 1

    def __repr__(self):
        return 5 - 1
'''


def found(operator: str):
    return [mutant for mutant in mutants_of(Module("layer.py", SOURCE)) if mutant.operator == operator]


def test_talk_and_what_guards_a_raise_are_left_alone():
    assert [mutant.line for mutant in found("sign-flipped")] == [1, 7, 12, 16]


def test_ids_say_file_function_operator_and_place():
    assert [mutant.id for mutant in found("sign-flipped")] == [
        "layer.py:<module>:sign-flipped:0",
        "layer.py:Layer.merge:sign-flipped:0",
        "layer.py:Layer.merge:sign-flipped:1",
        "layer.py:Layer.merge:sign-flipped:2",
    ]


def test_a_fault_is_reached_by_any_line_of_its_statement():
    module_level, default, statement, last = found("sign-flipped")
    assert statement.reached_by == [11, 12, 13, 14]
    assert last.reached_by == [16]
    assert default.reached_by == list(range(8, 17))  # made at import, felt wherever the function runs
    assert module_level.reached_by == [*range(8, 17), 19]


def test_the_head_of_a_loop_is_without_its_body():
    assert [mutant.reached_by for mutant in found("first-skipped")] == [[10]]


def test_the_same_seed_gives_the_same_sample():
    mutants = mutants_of(Module("layer.py", SOURCE))
    assert sample(mutants, 5, seed=1) == sample(list(reversed(mutants)), 5, seed=1)
    assert sample(mutants, 5, seed=1) != sample(mutants, 5, seed=2)
    assert sample(mutants, 1_000, seed=1) == sorted(mutants, key=lambda each: (each.begin, each.id))


def test_a_sample_is_spread_over_operators_and_files():
    mutants = [mutant for name in ("a.py", "b.py") for mutant in mutants_of(Module(name, SOURCE))]
    operators = {mutant.operator for mutant in mutants}
    chosen = sample(mutants, 2 * len(operators), seed=1)
    assert {mutant.operator for mutant in chosen} == operators
    assert abs(sum(mutant.file == "a.py" for mutant in chosen) - len(operators)) <= 1


def test_bytes_are_counted_and_not_characters():
    (mutant,) = mutants_of(Module("a.py", "def f(a):\n    y = 'ä', a - b"))[:1]
    assert mutant.before == "a - b"
