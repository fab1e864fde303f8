"""The small faults: each operator looks at one node and yields what could stand in its place.

Replacements of expressions are expressions and are put in parentheses where need be; those of statements are statements
of one line.
"""

import ast
import copy
import re
from typing import Any, Callable, Dict, Iterator, Optional, Tuple, Union

from peft_mutants.module import FUNCTIONS, Module

Replacement = Tuple[ast.AST, str]
Operator = Callable[[ast.AST, Module], Iterator[Replacement]]

_SCALE = re.compile(r"scal|alpha|lambda|magnitude|norm", re.IGNORECASE)
_WITHOUT_GRADIENTS = re.compile(r"merge|init|reset|update_layer|scale_layer")
_COPIES = {"clone", "copy", "deepcopy"}
_TRANSPOSES = {"t", "transpose", "permute"}
_CASTS = {"to", "float", "type", "type_as"}
_PRODUCTS = {"linear", "matmul", "mm", "bmm", "einsum", "kron", "embedding", "get_delta_weight", "base_layer"}
_AXIS_WORDS = {"dim", "axis"}
_AXIS_CALLS = {"sum", "mean", "norm", "cat", "stack", "softmax", "unsqueeze", "squeeze", "chunk", "split", "size"}
_LISTS = {"items", "keys", "values", "named_modules", "named_parameters", "modules", "parameters"}
_CONFUSED = (
    ("lora_A", "lora_B"),
    ("lora_embedding_A", "lora_embedding_B"),
    ("in_features", "out_features"),
    ("vera_A", "vera_B"),
    ("vera_lambda_b", "vera_lambda_d"),
    ("hada_w1_a", "hada_w1_b"),
    ("hada_w2_a", "hada_w2_b"),
    ("lokr_w1", "lokr_w2"),
    ("lokr_w1_a", "lokr_w1_b"),
    ("lokr_w2_a", "lokr_w2_b"),
    ("weight", "bias"),
    ("active_adapters", "merged_adapters"),
)
_OTHER_NAME = {**dict(_CONFUSED), **{right: left for left, right in _CONFUSED}}


def sign_flipped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Write + for -, - for +, and drop the sign of what is not a constant."""
    swap: Dict[type, Any] = {ast.Add: ast.Sub(), ast.Sub: ast.Add()}
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in swap and not _joins_text(node):
        yield node, _with(node, op=swap[type(node.op)])
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and not isinstance(node.operand, ast.Constant):
        yield node, module.text(node.operand)


def scale_dropped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Leave out a factor that is a scale, or a divisor."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        if _SCALE.search(module.text(node.right)):
            yield node, _text(node.left)
        elif _SCALE.search(module.text(node.left)):
            yield node, _text(node.right)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield node, _text(node.left)
    if isinstance(node, ast.AugAssign) and isinstance(node.op, (ast.Mult, ast.Div)):
        yield node, "pass"


def scale_doubled(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Apply a scale twice as strong."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult) and _SCALE.search(module.text(node)):
        yield node, f"2 * {_text(node)}"
    if isinstance(node, ast.Assign) and isinstance(node.value, (ast.BinOp, ast.Call)) and _is_scale(node, module):
        yield node.value, f"2 * {_text(node.value)}"


def division_for_product(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Divide instead of multiply, and the reverse."""
    swap: Dict[type, Any] = {ast.Mult: ast.Div(), ast.Div: ast.Mult()}
    if isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in swap:
        yield node, _with(node, op=swap[type(node.op)])


def transpose_dropped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Leave out a transpose: ``x.T``, ``x.t()``, ``x.transpose(...)``, ``transpose(x, flag)``."""
    if isinstance(node, ast.Attribute) and node.attr in ("T", "mT"):
        yield node, module.text(node.value)
    if isinstance(node, ast.Call) and _called(node) in _TRANSPOSES:
        yield node, _text(_receiver(node))


def transpose_turned(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Transpose in the other case: negate the flag of ``transpose(x, flag)``."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "transpose" and len(node.args) == 2:
        yield node.args[1], f"not {_text(node.args[1])}"


def cast_dropped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Leave out a change of dtype. A change of device alone is none on a CPU."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        moves = len(node.args) == 1 and "device" in module.text(node.args[0])
        if node.func.attr in _CASTS and not _is_library(node.func.value) and not moves:
            yield node, _text(node.func.value)
        if node.func.attr == "_cast_input_dtype" and node.args:
            yield node, _text(node.args[0])


def wrong_axis(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Name another axis: an argument ``dim``, the last number given to ``sum`` and its like, an index of a shape."""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg in _AXIS_WORDS and _number(keyword.value) is not None:
                yield keyword.value, _other_axis(keyword.value)
        if _called(node) in _AXIS_CALLS and node.args and _number(node.args[-1]) is not None:
            yield node.args[-1], _other_axis(node.args[-1])
    if (
        isinstance(node, ast.Subscript)
        and _number(node.slice) is not None
        and module.text(node.value).endswith("shape")
    ):
        yield node.slice, _other_axis(node.slice)


def first_skipped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Pass over the first of several: of keys, of modules, of adapters."""
    if isinstance(node, (ast.For, ast.comprehension)):
        called = _called(node.iter) if isinstance(node.iter, ast.Call) else None
        if isinstance(node.iter, (ast.Name, ast.Attribute)) or called in _LISTS:
            yield node.iter, f"list({module.text(node.iter)})[1:]"


def wrong_default(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Give an argument another default."""
    if isinstance(node, FUNCTIONS):
        for default in [*node.args.defaults, *node.args.kw_defaults]:
            if isinstance(default, ast.Constant) and isinstance(default.value, (bool, int, float)):
                yield default, repr(not default.value if isinstance(default.value, bool) else default.value + 1)


def detached(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Cut a product out of the graph of gradients, where there is one."""
    if _WITHOUT_GRADIENTS.search(module.qualified_name(node)):
        return
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield node, f"{_text(node)}.detach()"
    if isinstance(node, ast.Call) and (_called(node) in _PRODUCTS or re.search(r"lora_[AB]$", _called(node) or "")):
        yield node, f"{_text(node)}.detach()"


def shared_not_copied(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Hand out the thing itself instead of a copy."""
    if isinstance(node, ast.Call) and _called(node) in _COPIES:
        yield node, _text(_receiver(node))


def operands_swapped(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Exchange the two sides of what does not commute."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.MatMult, ast.Sub, ast.Div)):
        yield node, _with(node, left=node.right, right=node.left)
    if isinstance(node, ast.Call) and _called(node) in ("matmul", "mm", "bmm") and len(node.args) == 2:
        yield node, _with(node, args=node.args[::-1])


def off_by_one(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Count one further, in arithmetic, indices, slices and ranges."""
    if not isinstance(node, ast.Constant) or type(node.value) is not int:
        return
    parent = module.parent(node)
    counts = isinstance(parent, ast.Call) and _called(parent) == "range"
    is_axis = isinstance(parent, ast.Subscript) and module.text(parent.value).endswith("shape")
    if counts or (isinstance(parent, (ast.BinOp, ast.Compare, ast.Slice, ast.Subscript)) and not is_axis):
        yield node, repr(node.value + 1)


def statement_dropped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Leave out a call, or an assignment to something that lives on."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and "super().__init__" not in module.text(node):
        yield node, "pass"
    if isinstance(node, ast.Assign) and all(isinstance(each, (ast.Attribute, ast.Subscript)) for each in node.targets):
        yield node, "pass"
    if isinstance(node, (ast.AugAssign, ast.Delete)):
        yield node, "pass"


def condition_negated(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Take the other branch."""
    if isinstance(node, (ast.If, ast.IfExp)):
        yield node.test, f"not {_text(node.test)}"
    if isinstance(node, ast.comprehension):
        for test in node.ifs:
            yield test, f"not {_text(test)}"


def and_for_or(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Want all instead of any, and the reverse."""
    if isinstance(node, ast.BoolOp):
        yield node, _with(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())


def boundary_moved(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Count the boundary to the other side."""
    swap: Dict[type, Any] = {ast.Lt: ast.LtE(), ast.LtE: ast.Lt(), ast.Gt: ast.GtE(), ast.GtE: ast.Gt()}
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in swap:
        yield node, _with(node, ops=[swap[type(node.ops[0])]])


def flag_flipped(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Say True for False, and the reverse: in calls, assignments and results."""
    places = (ast.keyword, ast.Call, ast.Assign, ast.Return)
    if isinstance(node, ast.Constant) and isinstance(node.value, bool) and isinstance(module.parent(node), places):
        yield node, repr(not node.value)


def name_confused(node: ast.AST, module: Module) -> Iterator[Replacement]:
    """Write the name of the other one of a pair: lora_A for lora_B, in_features for out_features."""
    if isinstance(node, ast.Attribute) and node.attr in _OTHER_NAME:
        yield node, f"{module.text(node.value)}.{_OTHER_NAME[node.attr]}"
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value in _OTHER_NAME:
        yield node, repr(_OTHER_NAME[node.value])


def argument_dropped(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Do not hand on a named argument."""
    if isinstance(node, ast.Call) and node.keywords and _called(node) not in ("field", "replace"):
        for keyword in node.keywords:
            if keyword.arg is not None and keyword.arg not in _AXIS_WORDS:
                yield node, _with(node, keywords=[each for each in node.keywords if each is not keyword])


def loop_left(node: ast.AST, _module: Module) -> Iterator[Replacement]:
    """Leave a loop instead of going on with it, and the reverse."""
    if isinstance(node, ast.Continue):
        yield node, "break"
    if isinstance(node, ast.Break):
        yield node, "continue"


#: By name, in the order of reports.
OPERATORS: Dict[str, Operator] = {
    operator.__name__.replace("_", "-"): operator
    for operator in (
        sign_flipped,
        scale_dropped,
        scale_doubled,
        division_for_product,
        operands_swapped,
        transpose_dropped,
        transpose_turned,
        wrong_axis,
        cast_dropped,
        detached,
        shared_not_copied,
        first_skipped,
        loop_left,
        name_confused,
        argument_dropped,
        wrong_default,
        flag_flipped,
        off_by_one,
        boundary_moved,
        condition_negated,
        and_for_or,
        statement_dropped,
    )
}


def _is_scale(node: ast.Assign, module: Module) -> bool:
    return any(_SCALE.search(module.text(target)) for target in node.targets)


def _text(node: ast.AST) -> str:
    """Return the node on one line, in parentheses unless it holds together anyway."""
    text = ast.unparse(node)
    whole = (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant, ast.Tuple, ast.List, ast.Dict)
    return text if isinstance(node, whole) else f"({text})"


def _with(node: ast.AST, **fields: Any) -> str:
    changed = copy.copy(node)
    for name, value in fields.items():
        setattr(changed, name, value)
    return ast.unparse(changed)


def _called(node: ast.Call) -> Optional[str]:
    """Return the last word of what is called."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else None


def _receiver(node: ast.Call) -> ast.AST:
    """Return what a method is called on, or the first argument of a function."""
    if isinstance(node.func, ast.Attribute) and not (_is_library(node.func.value) and node.args):
        return node.func.value
    return node.args[0] if node.args else node


def _is_library(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "copy", "F", "nn", "np", "math")


def _joins_text(node: Union[ast.BinOp, ast.AugAssign]) -> bool:
    parts = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    texts = (ast.JoinedStr, ast.List, ast.ListComp, ast.Tuple)
    return any(
        isinstance(part, texts) or (isinstance(part, ast.Constant) and isinstance(part.value, str)) for part in parts
    )


def _number(node: ast.AST) -> Optional[int]:
    """Return the value of an integer constant, its sign included."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        inner = _number(node.operand)
        return None if inner is None else -inner
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _other_axis(node: ast.AST) -> str:
    return "1" if _number(node) == 0 else "0"
