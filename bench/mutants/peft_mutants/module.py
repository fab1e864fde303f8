"""One source file as a tree that knows parents, the functions that things are in, and where they are in the text."""

import ast
from functools import cached_property
from typing import Dict, Iterator, List, Optional, Tuple, Union

Function = Union[ast.FunctionDef, ast.AsyncFunctionDef]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


class Module:
    """A parsed source file."""

    def __init__(self, file: str, source: str) -> None:
        #: Path below the package, such as ``tuners/lora/layer.py``.
        self.file = file
        self.source = source.encode("utf-8")
        self.tree = ast.parse(source)
        self._parents: Dict[ast.AST, ast.AST] = {}
        for parent in ast.walk(self.tree):
            for child in ast.iter_child_nodes(parent):
                self._parents[child] = parent
        self._starts = [0]
        for line in self.source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))

    def parent(self, node: ast.AST) -> Optional[ast.AST]:
        """Return what the node is directly in."""
        return self._parents.get(node)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """Yield everything that the node is in, innermost first, without itself."""
        current = self._parents.get(node)
        while current is not None:
            yield current
            current = self._parents.get(current)

    def function_of(self, node: ast.AST) -> Optional[Function]:
        """Return the innermost function that the node is in, its decorators and defaults included."""
        return next((each for each in self.above(node) if isinstance(each, FUNCTIONS)), None)

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """Return the innermost statement that the node is in or is."""
        if isinstance(node, ast.stmt):
            return node
        return next(each for each in self.above(node) if isinstance(each, ast.stmt))

    def qualified_name(self, node: ast.AST) -> str:
        """Return classes and functions around the node with dots between, or ``<module>``."""
        named = [each.name for each in [*self.above(node)] if isinstance(each, (*FUNCTIONS, ast.ClassDef))]
        return ".".join(reversed(named)) or "<module>"

    def span(self, node: ast.AST) -> Tuple[int, int]:
        """Return where the node begins and ends, in bytes of the source."""
        begin = self._starts[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]
        end = self._starts[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]
        return begin, end

    def text(self, node: ast.AST) -> str:
        """Return the node's source."""
        begin, end = self.span(node)
        return self.source[begin:end].decode("utf-8")

    def reached_by(self, node: ast.AST) -> List[int]:
        """Return lines of which one is executed whenever the node is: those of its statement without inner blocks.

        For what is evaluated when the file is imported, all lines of the function whose default it is, or, at module
        level, of all functions: what it changes can show wherever they run.
        """
        function = self.function_of(node)
        if function is None:
            return self._lines_of_functions
        if not any(each in function.body for each in [node, *self.above(node)]):
            return sorted(_lines_of_body(function))
        statement = self.statement_of(node)
        blocks = getattr(statement, "body", None)
        last = statement.end_lineno if not blocks else max(statement.lineno, blocks[0].lineno - 1)
        return list(range(statement.lineno, (last or statement.lineno) + 1))

    @cached_property
    def _lines_of_functions(self) -> List[int]:
        bodies = [each for each in ast.walk(self.tree) if isinstance(each, FUNCTIONS)]
        return sorted({line for each in bodies for line in _lines_of_body(each)})


def _lines_of_body(function: Function) -> Iterator[int]:
    return iter(range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1))
