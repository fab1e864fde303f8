"""Every operator on a small text: what it changes, and what it leaves alone."""

import ast

import pytest

from peft_mutants.module import Module
from peft_mutants.operators import OPERATORS
from peft_mutants.sites import apply, mutants_of

#: Operator, a statement of a function, and all that becomes of it.
CASES = [
    ("sign-flipped", "y = a + b", ["y = (a - b)"]),
    ("sign-flipped", "y -= a", ["y += a"]),
    ("sign-flipped", "y = -a", ["y = a"]),
    ("sign-flipped", "y = 'a' + b", []),
    ("sign-flipped", "y = -1", []),
    ("scale-dropped", "y = (a @ b) * self.scaling[k]", ["y = (a @ b)"]),
    ("scale-dropped", "y = scale * a", ["y = a"]),
    ("scale-dropped", "y = alpha / r", ["y = alpha"]),
    ("scale-dropped", "y = a * b", []),
    ("scale-dropped", "y /= r", ["pass"]),
    ("scale-doubled", "y = a * self.scaling[k]", ["y = (2 * (a * self.scaling[k]))"]),
    ("scale-doubled", "self.scaling[k] = alpha / r", ["self.scaling[k] = (2 * (alpha / r))"]),
    ("division-for-product", "y = a * b", ["y = (a / b)"]),
    ("division-for-product", "y = a / b", ["y = (a * b)"]),
    ("operands-swapped", "y = a @ b", ["y = (b @ a)"]),
    ("operands-swapped", "y = a - b", ["y = (b - a)"]),
    ("operands-swapped", "y = torch.mm(a, b)", ["y = torch.mm(b, a)"]),
    ("operands-swapped", "y = a + b", []),
    ("transpose-dropped", "y = a.T", ["y = a"]),
    ("transpose-dropped", "y = a.t()", ["y = a"]),
    ("transpose-dropped", "y = transpose(a @ b, flag)", ["y = (a @ b)"]),
    ("transpose-dropped", "y = torch.transpose(a, 0, 1)", ["y = a"]),
    ("transpose-turned", "y = transpose(a, self.flag)", ["y = transpose(a, (not self.flag))"]),
    ("transpose-turned", "y = a.transpose(0, 1)", []),
    ("wrong-axis", "y = a.sum(dim=1)", ["y = a.sum(dim=0)"]),
    ("wrong-axis", "y = torch.cat(a, 0)", ["y = torch.cat(a, 1)"]),
    ("wrong-axis", "y = a.shape[-1]", ["y = a.shape[0]"]),
    ("wrong-axis", "y = a[1]", []),
    ("cast-dropped", "y = a.to(dtype)", ["y = a"]),
    ("cast-dropped", "y = (a + b).float()", ["y = (a + b)"]),
    ("cast-dropped", "y = self._cast_input_dtype(x, dtype)", ["y = x"]),
    ("cast-dropped", "y = a.to(b.device)", []),
    ("detached", "y = a @ b", ["y = (a @ b).detach()"]),
    ("detached", "y = lora_B(x)", ["y = lora_B(x).detach()"]),
    ("detached", "y = F.linear(x, w)", ["y = F.linear(x, w).detach()"]),
    ("shared-not-copied", "y = a.clone()", ["y = a"]),
    ("shared-not-copied", "y = copy.deepcopy(a)", ["y = a"]),
    ("first-skipped", "y = {k: v for k, v in d.items()}", ["y = {k: v for k, v in list(d.items())[1:]}"]),
    ("first-skipped", "for k in self.names: f(k)", ["for k in list(self.names)[1:]: f(k)"]),
    ("first-skipped", "for k in range(3): f(k)", []),
    ("loop-left", "for k in d: continue", ["for k in d: break"]),
    ("loop-left", "for k in d: break", ["for k in d: continue"]),
    ("name-confused", "y = self.lora_A[k]", ["y = self.lora_B[k]"]),
    ("name-confused", "y = 'lora_B' in k", ["y = 'lora_A' in k"]),
    ("argument-dropped", "f(a, b=1, c=2)", ["f(a, c=2)", "f(a, b=1)"]),
    ("argument-dropped", "y = a.sum(dim=1)", []),
    ("flag-flipped", "f(a, True)", ["f(a, False)"]),
    ("flag-flipped", "self.merged = False", ["self.merged = True"]),
    ("flag-flipped", "y = {k: True}", []),
    ("off-by-one", "y = a[0]", ["y = a[1]"]),
    ("off-by-one", "y = range(n - 1)", ["y = range(n - 2)"]),
    ("off-by-one", "y = a.shape[0]", []),
    ("off-by-one", "f(1)", []),
    ("boundary-moved", "y = a > 0", ["y = (a >= 0)"]),
    ("boundary-moved", "y = a == 0", []),
    ("condition-negated", "y = a if b else c", ["y = a if (not b) else c"]),
    ("condition-negated", "y = [k for k in d if k]", ["y = [k for k in d if (not k)]"]),
    ("and-for-or", "y = a and b", ["y = (a or b)"]),
    ("statement-dropped", "self.names.append(k)", ["pass"]),
    ("statement-dropped", "self.a = b", ["pass"]),
    ("statement-dropped", "del self.a[k]", ["pass"]),
    ("statement-dropped", "a = b", []),
]


def changed(source: str, operator: str):
    module = Module("some.py", source)
    for mutant in mutants_of(module):
        if mutant.operator == operator:
            yield apply(module.source, mutant.begin, mutant.end, mutant.after).decode()


@pytest.mark.parametrize(("operator", "statement", "wanted"), CASES)
def test_operator(operator, statement, wanted):
    head = "def forward(self, x):\n    "
    assert [text[len(head) :] for text in changed(head + statement, operator)] == wanted


def test_defaults():
    source = "def f(a, b=True, *, c=1, d=None, e='x'): return a"
    assert list(changed(source, "wrong-default")) == [
        "def f(a, b=False, *, c=1, d=None, e='x'): return a",
        "def f(a, b=True, *, c=2, d=None, e='x'): return a",
    ]


def test_every_operator_is_tested():
    assert {operator for operator, _, _ in CASES} | {"wrong-default"} == set(OPERATORS)


def test_products_without_gradients_are_not_detached():
    assert list(changed("def merge(a, b): return a @ b", "detached")) == []


def test_every_mutant_is_another_program():
    with open(ast.__file__, encoding="utf-8") as file:
        module = Module("ast.py", file.read())
    mutants = mutants_of(module)
    assert len(mutants) > 500
    for mutant in mutants[::25]:
        tree = ast.parse(apply(module.source, mutant.begin, mutant.end, mutant.after))
        assert ast.dump(tree) != ast.dump(module.tree), mutant.id
