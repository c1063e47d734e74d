"""Tree + row -> value. The only home of simpleeval.

Our tree is turned into the few `ast` nodes of `_NODES`, which simpleeval walks with our own tables
of nodes, operators, functions and names. It evaluates, it never protects: nothing reaches it that
the parser and the type check have not built.
"""

import ast
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any, Final

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from runtime.formula import binding, values
from runtime.formula.cell_errors import NOT_A_NUMBER, CellError, LimitReachedError
from runtime.formula.numbers import finish, fit, power
from runtime.formula.scope import Callee
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine
from runtime.formula.types import NUMERIC, item
from runtime.formula.values import Array, Work, guarded, lifted


@dataclass
class Context:
    """What a formula is evaluated on; `work` may be shared by all formulas of a record."""

    row: Mapping[str, Any]
    lines: Mapping[str, Sequence[Mapping[str, Any]]]
    now: datetime
    zone: tzinfo
    line: Mapping[str, Any] | None = None
    work: Work = field(default_factory=Work)

    def moment(self) -> datetime:
        """The wall time of the one instant this evaluation knows."""
        return _wall(self.now, self.zone)


@dataclass(frozen=True, eq=False)
class Program:
    """A tree made ready to run, kept with the formula."""

    body: ast.expr
    functions: Mapping[str, Callee]
    references: Mapping[str, Reference]


def lower(tree: Node, days_apart: frozenset[Node]) -> Program:
    """Turn our tree into the nodes that are evaluated."""
    lowering = _Lowering(days_apart)
    return Program(lowering.of(tree), lowering.functions, lowering.references)


def run(program: Program, context: Context, result: str) -> Any:
    """Evaluate; a limit reached is a value too, but ends everything at once."""
    try:
        return _outside(_engine().run(program, context), result, context.zone)
    except LimitReachedError as reached:
        return reached.error


_ARITHMETIC: Final[Mapping[str, Callable[[], ast.operator]]] = {
    "+": ast.Add,
    "-": ast.Sub,
    "*": ast.Mult,
    "/": ast.Div,
    "^": ast.Pow,
    "&": ast.BitAnd,
}
_COMPARISONS: Final[Mapping[str, Callable[[], ast.cmpop]]] = {
    "=": ast.Eq,
    "<>": ast.NotEq,
    "<": ast.Lt,
    "<=": ast.LtE,
    ">": ast.Gt,
    ">=": ast.GtE,
}
_SIGNS: Final[Mapping[str, Callable[[], ast.unaryop]]] = {
    "-": ast.USub,
    "+": ast.UAdd,
    "%": ast.Invert,
}


class _Exact(ast.Constant):
    """A constant whose value is a Decimal; `ast` itself has already cut a literal to 17 digits."""

    def __init__(self, value: Any) -> None:
        super().__init__(value=value)


class _Lowering:
    """One walk over the tree."""

    def __init__(self, days_apart: frozenset[Node]) -> None:
        self.days_apart = days_apart
        self.functions: dict[str, Callee] = {}
        self.references: dict[str, Reference] = {}

    def of(self, node: Node) -> ast.expr:
        match node:
            case Literal():
                return _Exact(node.value)
            case Reference():
                return self.name(node)
            case Unary():
                return ast.UnaryOp(op=_SIGNS[node.operator](), operand=self.of(node.operand))
            case Call():
                self.functions[node.function.name] = node.function
                return ast.Call(
                    func=ast.Name(id=node.function.name, ctx=ast.Load()),
                    args=[self.argument(node, place) for place in range(len(node.arguments))],
                    keywords=[],
                )
            case Binary():
                return self.chain(node)

    def name(self, node: Reference) -> ast.Name:
        name = f"{node.lines or ''}{'.' if node.many else ':'}{node.code}"
        self.references[name] = node
        return ast.Name(id=name, ctx=ast.Load())

    def argument(self, node: Call, place: int) -> ast.expr:
        """A field standing alone where cells are read is marked by a list of one."""
        argument = self.of(node.arguments[place])
        kind = binding.kind_at(node.function.parameters, place)
        if kind in binding.CELLS and isinstance(node.arguments[place], Reference):
            return ast.Tuple(elts=[argument], ctx=ast.Load())
        return argument

    def chain(self, node: Binary) -> ast.expr:
        first, operations = spine(node)
        left = self.of(first)
        for operation in operations:
            right = self.of(operation.right)
            if operation.operator in _COMPARISONS:
                comparison = _COMPARISONS[operation.operator]()
                left = ast.Compare(left=left, ops=[comparison], comparators=[right])
                continue
            operator = _ARITHMETIC[operation.operator]()
            if operation in self.days_apart:
                operator = ast.FloorDiv()
            left = ast.BinOp(left=left, op=operator, right=right)
        return left


def _comparison(holds: Callable[[int], bool]) -> Callable[[Any, Any], bool]:
    return lambda left, right: holds(values.compare(left, right))


_OPERATIONS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = {
    ast.Add: values.plus,
    ast.Sub: values.minus,
    ast.Mult: values.times,
    ast.Div: values.over,
    ast.Pow: lambda left, right: power(values.to_number(left), values.to_number(right)),
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
            _Exact: lambda node: node.value,
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
        return _inside(self.program.references[node.id], self.context)

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
            value = self.simple.operators[type(operation.op)](value, right)
        return value

    def _call(self, node: ast.Call) -> Any:
        assert isinstance(node.func, ast.Name)
        callee = self.program.functions[node.func.id]
        given = [
            self._later(each) if binding.kind_at(callee.parameters, at) == "lazy" else self.of(each)
            for at, each in enumerate(node.args)
        ]
        function = callee.call
        if callee.volatile:
            moment = self.context.moment()
            return binding.call(
                self.context.work, lambda *each: function(moment, *each), callee.parameters, given
            )
        return binding.call(self.context.work, function, callee.parameters, given)

    def _later(self, node: ast.expr) -> Callable[[], Any]:
        return lambda: self.of(node)


_threads = threading.local()


def _engine() -> _Engine:
    engine: _Engine | None = getattr(_threads, "engine", None)
    if engine is None:
        engine = _threads.engine = _Engine()
    return engine


def _inside(reference: Reference, context: Context) -> Any:
    """The value of a field as the language has it."""
    if reference.many:
        rows = context.lines.get(reference.lines or "", ())
        context.work.spend(len(rows))
        items = (_read(row.get(reference.code), reference.type, context.zone) for row in rows)
        return Array(tuple(items))
    if reference.lines is not None:
        assert context.line is not None, "a line formula needs its line"
        return _read(context.line.get(reference.code), reference.type, context.zone)
    return _read(context.row.get(reference.code), reference.type, context.zone)


def _read(value: Any, kind: str, zone: tzinfo) -> Any:
    """From the record: decimals of 34 digits, wall time, a reference as the text of its id."""
    match value:
        case None | bool() | CellError():
            return value
        case Decimal():
            return guarded(fit, value) if value.is_finite() else NOT_A_NUMBER
        case str():
            return guarded(values.check_text, value)
        case int():
            return _read(Decimal(value), kind, zone) if item(kind) in NUMERIC else str(value)
        case datetime():
            return _wall(value, zone)
        case tuple() | list():
            return Array(tuple(_read(each, item(kind), zone) for each in value))
    assert isinstance(value, date), f"{type(value).__name__} is no value of a formula"
    return value


def _wall(instant: datetime, zone: tzinfo) -> datetime:
    """What a clock in the zone shows, to the second; formulas compute with that, as Excel does."""
    if instant.tzinfo is not None:
        instant = instant.astimezone(zone)
    return instant.replace(microsecond=0, tzinfo=None)


def _outside(value: Any, kind: str, zone: tzinfo) -> Any:
    """To the record: 28 digits, an instant in UTC, a reference as its id."""
    match value:
        case Decimal():
            return guarded(finish, value)
        case datetime():
            return value.replace(tzinfo=zone).astimezone(UTC)
        case Array():
            return tuple(_outside(each, item(kind), zone) for each in value.items)
        case str() if kind == "reference" and value.isdecimal():
            return int(value)
    return None if value == "" and kind not in ("text", "choice", "any", "empty") else value
