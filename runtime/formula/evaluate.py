"""Tree + row -> value. The only home of simpleeval.

Our tree, turned into a few `ast` nodes (lowering.py says which there may be), is walked by
simpleeval with our own tables of nodes, operators, functions and names. It evaluates, it never
protects: nothing reaches it that the parser and the type check have not built.
"""

import ast
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from runtime.formula import binding, narrowing, values
from runtime.formula.cell_errors import LimitReachedError
from runtime.formula.lowering import Exact, Program
from runtime.formula.numbers import ZERO
from runtime.formula.reading import Context, columns, inside, outside
from runtime.formula.scope import Callee
from runtime.formula.tree import Node, Reference
from runtime.formula.values import Array, lifted


def run(program: Program, context: Context, result: str) -> Any:
    """Evaluate; a limit reached is a value too, but ends everything at once."""
    try:
        return outside(_engine().run(program, context), result, context.zone)
    except LimitReachedError as reached:
        return reached.error


def trace(program: Program, context: Context) -> Mapping[Node, Any]:
    """Evaluate, and return the value of every part that was needed, as the language has it."""
    tracing = _Tracing()
    try:
        tracing.run(program, context)
    except LimitReachedError as reached:
        tracing.found[program.origins[program.body]] = reached.error
    return tracing.found


def _comparison(holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: holds(values.compare(left, right))


_OPERATIONS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: values.plus,
    ast.Sub: values.minus,
    ast.Mult: values.times,
    ast.Div: values.over,
    ast.Pow: values.raised,
    ast.BitAnd: values.join,
    ast.FloorDiv: values.days_between,
    ast.USub: values.negative,
    ast.UAdd: values.to_number,
    ast.Invert: values.percent,
    ast.Eq: _comparison(lambda order: order == 0),
    ast.NotEq: _comparison(lambda order: order != 0),
    ast.Lt: _comparison(lambda order: order < 0),
    ast.LtE: _comparison(lambda order: order <= 0),
    ast.Gt: _comparison(lambda order: order > 0),
    ast.GtE: _comparison(lambda order: order >= 0),
}


class _Engine:
    """A simpleeval evaluator with our tables in place of its own; one per thread, kept."""

    def __init__(self) -> None:
        self.simple = SimpleEval(operators=self._operators(), functions={}, names={})
        self.simple.nodes = {
            Exact: lambda node: node.value,
            ast.Name: self._name,
            ast.Tuple: self._cell,
            ast.UnaryOp: self.simple.nodes[ast.UnaryOp],
            ast.BinOp: self._chain,
            ast.Compare: self.simple.nodes[ast.Compare],
            ast.Call: self._call,
        }
        self.program: Program
        self.context: Context

    def run(self, program: Program, context: Context) -> Any:
        self.program, self.context = program, context
        return self.of(program.body)

    def of(self, node: ast.expr) -> Any:
        return self.simple.eval("", previously_parsed=node)

    def _operators(self) -> dict[type[ast.AST], Callable[..., Any]]:
        return {kind: self._stepped(operation) for kind, operation in _OPERATIONS.items()}

    def _stepped(self, operation: Callable[..., Any]) -> Callable[..., Any]:
        """An operation that costs a step, passes errors on and runs per row over columns."""

        def step(*operands: Any) -> Any:
            self.context.work.spend()
            return lifted(self.context.work, operation, *operands)

        return step

    def _name(self, node: ast.Name) -> Any:
        self.context.work.spend()
        return inside(self.program.references[node.id], self.context)

    def _cell(self, node: ast.Tuple) -> Any:
        value = self.of(node.elts[0])
        return value if isinstance(value, Array) else Array((value,))

    def _chain(self, node: ast.BinOp) -> Any:
        """A chain of operations in a loop: as long as it may be, it is no deeper than one."""
        operations = [node]
        while isinstance(operations[-1].left, ast.BinOp):
            operations.append(operations[-1].left)
        value = self.of(operations[-1].left)
        for operation in reversed(operations):
            right = self.of(operation.right)
            value = self._step(operation, value, right)
        return value

    def _step(self, operation: ast.BinOp, left: Any, right: Any) -> Any:
        return self.simple.operators[type(operation.op)](left, right)

    def _call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        callee = self.program.functions[node.func.id]
        known = self._narrowed(callee, node.args) if callee.narrows else {}
        given = [
            known[at]
            if at in known
            else self._later(each)
            if binding.kind_at(callee.parameters, at) == "lazy"
            else self.of(each)
            for at, each in enumerate(node.args)
        ]
        function = callee.call
        if callee.volatile:
            function = partial(function, self.context.moment())
        elif callee.zoned:
            function = partial(function, self.context.zone)
        return binding.call(self.context.work, function, callee.parameters, given)

    def _narrowed(self, callee: Callee, arguments: Sequence[ast.expr]) -> dict[int, Any]:
        """Arguments that are columns of one form, read with what their criteria leave of them.

        The criteria, which are computed to know that, are among the answers.
        """
        wanted = {
            at: found
            for at, each in enumerate(arguments)
            if binding.kind_at(callee.parameters, at) in binding.CELLS
            and (found := self._far(each))
        }
        if len({(each.form, each.lines) for each in wanted.values()}) != 1:
            return {}
        known: dict[int, Any] = {}
        exact = callee.exact_at
        if exact is not None and exact < len(arguments):
            known[exact] = self.of(arguments[exact])
            if known[exact] not in (None, False, ZERO):
                return known
        equal: dict[str, Any] = {}
        for array, criterion in narrowing.pairs(callee, len(arguments)):
            if array not in wanted or criterion in wanted:
                continue
            known[criterion] = self.of(arguments[criterion])
            key = narrowing.key_of(wanted[array].type, known[criterion])
            if key is not None:
                equal.setdefault(wanted[array].code, key)
        arrays = columns(list(wanted.values()), equal, self.context)
        return {**known, **dict(zip(wanted, arrays, strict=True))}

    def _far(self, argument: ast.expr) -> Reference | None:
        """The column of another form that an argument is, standing alone."""
        node = argument.elts[0] if isinstance(argument, ast.Tuple) else argument
        if not isinstance(node, ast.Name):
            return None
        reference = self.program.references.get(node.id)
        return reference if reference and reference.form and not reference.via else None

    def _later(self, node: ast.expr) -> Callable[[], Any]:
        return lambda: self.of(node)


class _Tracing(_Engine):
    """The same evaluator, writing down what each part of the formula came to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[Node, Any] = {}
        self.simple.nodes = {
            kind: self._noting(handler) for kind, handler in self.simple.nodes.items()
        }

    def _noting(self, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda node: self._noted(node, handler(node))

    def _noted(self, node: ast.expr, value: Any) -> Any:
        origin = self.program.origins.get(node)
        if origin is not None:
            self.found[origin] = value
        return value

    def _step(self, operation: ast.BinOp, left: Any, right: Any) -> Any:
        return self._noted(operation, super()._step(operation, left, right))

    def _narrowed(self, callee: Callee, arguments: Sequence[ast.expr]) -> dict[int, Any]:
        known = super()._narrowed(callee, arguments)
        for place, value in known.items():
            argument = arguments[place]
            self._noted(argument.elts[0] if isinstance(argument, ast.Tuple) else argument, value)
        return known


_threads = threading.local()


def _engine() -> _Engine:
    engine: _Engine | None = getattr(_threads, "engine", None)
    if engine is None:
        engine = _threads.engine = _Engine()
    return engine
