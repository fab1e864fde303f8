"""Every place in a file where an operator can plant a fault."""

import ast
import re
from typing import Any, Dict, Iterator, List, NamedTuple, Tuple

from peft_mutants.module import FUNCTIONS, Module
from peft_mutants.operators import OPERATORS

#: What speaks to people, and not to models.
_TALK = re.compile(r"^(?:__repr__|extra_repr|print_.*|.*model_card.*|get_nb_trainable_parameters)$")
_TALK_CALLS = re.compile(r"(?:^|\.)(?:warn|warning|info|debug|print)$")


class Mutant(NamedTuple):
    """One fault: bytes ``begin`` to ``end`` of a file replaced."""

    #: ``file:function:operator:ordinal``: stays the same as long as the function does.
    id: str
    file: str
    function: str
    operator: str
    line: int
    begin: int
    end: int
    before: str
    after: str
    #: Lines of which one must be executed for the fault to matter.
    reached_by: List[int]

    def facts(self) -> Dict[str, Any]:
        """Return it for JSON."""
        return {**self._asdict(), "reached_by": _ranges(self.reached_by)}


def mutants_of(module: Module) -> List[Mutant]:
    """Return every fault of every operator, in the order of the text."""
    found: Dict[Tuple[int, int, str], Mutant] = {}
    counts: Dict[Tuple[str, str], int] = {}
    for node in _worth_it(module):
        for name, operator in OPERATORS.items():
            for target, text in operator(node, module):
                mutant = _place(module, target, text, name, counts)
                if not _says_the_same(mutant.before, mutant.after):
                    found.setdefault((mutant.begin, mutant.end, mutant.after), mutant)
    return list(found.values())


def apply(source: bytes, begin: int, end: int, text: str) -> bytes:
    """Return the source with a part of it replaced."""
    return source[:begin] + text.encode("utf-8") + source[end:]


def _place(module: Module, target: ast.AST, text: str, operator: str, counts: Dict[Tuple[str, str], int]) -> Mutant:
    function = module.qualified_name(target)
    ordinal = counts[function, operator] = counts.get((function, operator), -1) + 1
    begin, end = module.span(target)
    return Mutant(
        id=f"{module.file}:{function}:{operator}:{ordinal}",
        file=module.file,
        function=function,
        operator=operator,
        line=target.lineno,  # type: ignore[attr-defined]
        begin=begin,
        end=end,
        before=ast.unparse(target),
        after=text if isinstance(target, ast.stmt) else _whole(text),
        reached_by=module.reached_by(target),
    )


def _whole(text: str) -> str:
    """Return an expression in parentheses, unless it holds together anyway."""
    tree = ast.parse(f"({text})", mode="eval").body  # it may have been on several lines
    stands_alone = isinstance(tree, (ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.Constant))
    return ast.unparse(tree) if stands_alone else f"({ast.unparse(tree)})"


def _says_the_same(before: str, after: str) -> bool:
    return _dumped(before) == _dumped(after)


def _dumped(text: str) -> str:
    return ast.dump(ast.parse(text))


def _worth_it(module: Module) -> Iterator[ast.AST]:
    """Yield the nodes that compute: no annotations, no words for people, nothing that only guards a ``raise``.

    What is guarded is invalid input. No config of ours is, so a fault there either refuses everything or shows never.
    """
    pending: List[ast.AST] = [module.tree]
    while pending:
        node = pending.pop()
        if not _is_talk(node) and not _guards_raise(node):
            yield node
            pending += reversed(_parts(node))


def _parts(node: ast.AST) -> List[ast.AST]:
    skipped = {"annotation", "returns", "decorator_list", "msg"}
    parts: List[ast.AST] = []
    for name, value in ast.iter_fields(node):
        if name not in skipped:
            parts += [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, ast.AST)]
    return parts


def _is_talk(node: ast.AST) -> bool:
    if isinstance(node, FUNCTIONS):
        return bool(_TALK.match(node.name))
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        return bool(_TALK_CALLS.search(ast.unparse(node.func)))
    # Positions inside of f-strings are wrong before Python 3.12.
    return isinstance(node, (ast.Raise, ast.Assert, ast.JoinedStr, ast.Import, ast.ImportFrom))


def _guards_raise(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and not node.orelse and all(isinstance(each, ast.Raise) for each in node.body)


def _ranges(lines: List[int]) -> List[Tuple[int, int]]:
    """Return the first and the last of every run of lines."""
    ranges: List[Tuple[int, int]] = []
    for line in lines:
        if ranges and ranges[-1][1] == line - 1:
            ranges[-1] = (ranges[-1][0], line)
        else:
            ranges.append((line, line))
    return ranges
