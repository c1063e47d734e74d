"""Tree + row -> value. The only home of simpleeval.

Our tree is turned into the few `ast` nodes of `_NODES`, which simpleeval walks with our own tables
of nodes, operators, functions and names. It evaluates, it never protects: nothing reaches it that
the parser and the type check have not built.
"""

import ast
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Any, Final

from simpleeval import SimpleEval  # type: ignore[import-untyped]

from runtime.formula import binding, values
from runtime.formula.cell_errors import NOT_A_NUMBER, CellError, LimitReachedError
from runtime.formula.criteria import read_criterion
from runtime.formula.numbers import ZERO, finish, fit
from runtime.formula.scope import Callee, Tables
from runtime.formula.tree import Binary, Call, Literal, Node, Reference, Unary, spine
from runtime.formula.types import NUMERIC, TEXTS, item
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
    # Records that are pointed to, by form and id; columns of other forms. Without them there are
    # none of what they would give.
    related: Callable[[str, int], Mapping[str, Any]] | None = None
    tables: Tables | None = None

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
        # A line table and a form may have one name, so each part has its place.
        parts = (node.form, node.via, node.lines, str(node.many), node.code)
        name = "/".join(part or "" for part in parts)
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
            moment = self.context.moment()
            return binding.call(
                self.context.work, lambda *each: function(moment, *each), callee.parameters, given
            )
        return binding.call(self.context.work, function, callee.parameters, given)

    def _narrowed(self, callee: Callee, arguments: Sequence[ast.expr]) -> dict[int, Any]:
        """Arguments that are columns of one form, read with what their criteria leave of them.

        The criteria, which are computed to know that, are among the answers.
        """
        columns = {
            at: found
            for at, each in enumerate(arguments)
            if binding.kind_at(callee.parameters, at) in binding.CELLS
            and (found := self._far(each))
        }
        if len({(each.form, each.lines) for each in columns.values()}) != 1:
            return {}
        known: dict[int, Any] = {}
        exact = callee.exact_at
        if exact is not None and exact < len(arguments):
            known[exact] = self.of(arguments[exact])
            if known[exact] not in (None, False, ZERO):
                return known
        equal: dict[str, Any] = {}
        for array, criterion in _pairs(callee, len(arguments)):
            if array not in columns or criterion in columns:
                continue
            known[criterion] = self.of(arguments[criterion])
            key = _key(columns[array].type, known[criterion])
            if key is not None:
                equal.setdefault(columns[array].code, key)
        arrays = _columns(list(columns.values()), equal, self.context)
        return {**known, **dict(zip(columns, arrays, strict=True))}

    def _far(self, argument: ast.expr) -> Reference | None:
        """The column of another form that an argument is, standing alone."""
        node = argument.elts[0] if isinstance(argument, ast.Tuple) else argument
        if not isinstance(node, ast.Name):
            return None
        reference = self.program.references.get(node.id)
        return reference if reference and reference.form and not reference.via else None

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
    if reference.form is not None and reference.via is None:
        return _columns([reference], {}, context)[0]
    if reference.many:
        rows = context.lines.get(reference.lines or "", ())
        context.work.read(len(rows))
        return Array(tuple(_cell(reference, row, context) for row in rows))
    if reference.lines is not None:
        assert context.line is not None, "a line formula needs its line"
        return _cell(reference, context.line, context)
    return _cell(reference, context.row, context)


def _cell(reference: Reference, row: Mapping[str, Any], context: Context) -> Any:
    """A value of a row, or of the record its reference points to."""
    if reference.via is None:
        return _read(row.get(reference.code), reference.type, context.zone)
    context.work.spend()
    key = row.get(reference.via)
    if key is None or key == "" or context.related is None or reference.form is None:
        return None
    record = context.related(reference.form, int(key))
    return _read(record.get(reference.code), reference.type, context.zone)


def _columns(
    references: Sequence[Reference], equal: Mapping[str, Any], context: Context
) -> list[Array]:
    """Columns of one form (or line table of it), in the order of their references."""
    first = references[0]
    if context.tables is None or first.form is None:
        return [Array(()) for _ in references]
    codes = sorted({each.code for each in references})
    found = context.tables.columns(first.form, first.lines, codes, equal)
    arrays = []
    for each in references:
        context.work.read(len(found[each.code]))
        items = (_read(item, each.type, context.zone) for item in found[each.code])
        arrays.append(Array(tuple(items)))
    return arrays


def _pairs(callee: Callee, count: int) -> Iterator[tuple[int, int]]:
    """The places of arrays and criteria in a call with so many arguments."""
    yield from (pair for pair in callee.narrows if max(pair) < count)
    repeated = sum(each.repeated for each in callee.parameters)
    array, criterion = callee.narrows[-1]
    while repeated and max(array, criterion) + repeated < count:
        array, criterion = array + repeated, criterion + repeated
        yield array, criterion


def _key(kind: str, wanted: Any) -> Any:
    """What a row must equal, if a criterion says that and nothing else; None if not.

    A text that reads as a number or a date means these too, one with a sign may be a pattern.
    """
    if kind == "reference":
        return int(wanted) if isinstance(wanted, str) and wanted.isdecimal() else None
    match wanted:
        case Decimal() if kind in NUMERIC:
            return wanted
        case datetime() if kind == "datetime":
            return None
        case date() if kind == "date" and not isinstance(wanted, datetime):
            return wanted
        case str() if kind in TEXTS and _is_plain(wanted):
            return wanted
    return None


def _is_plain(text: str) -> bool:
    """Whether a criterion of this text means just this text, in capitals or small."""
    if not text or text[0] in "<>=" or any(sign in text for sign in "*?~"):
        return False
    return isinstance(read_criterion(text), str)


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
        case time():
            return value.replace(microsecond=0)
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
