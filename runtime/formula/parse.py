"""Tokens -> tree, with names resolved; depth is bounded before anything recurses."""

from decimal import Decimal
from typing import Final

from runtime.formula.errors import FormulaError, refuse
from runtime.formula.names import resolve
from runtime.formula.numbers import CONTEXT, MAX_EXPONENT
from runtime.formula.scope import Callee, Scope
from runtime.formula.tokens import Token, tokenize
from runtime.formula.tree import Binary, Call, Literal, Node, Unary

MAX_DEPTH: Final = 64
MAX_ARGUMENTS: Final = 255
# Excel's order: comparison, &, sums, products, powers; all read from left to right.
BINDING: Final = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), 1),
    "&": 2,
    **dict.fromkeys("+-", 3),
    **dict.fromkeys("*/", 4),
    "^": 5,
}


def parse_tree(source: str, scope: Scope) -> Node:
    """Read a formula whose names are those of `scope`."""
    parser = _Parser(tokenize(source), scope)
    tree = parser.expression(0)
    if parser.token.kind != "end":
        raise parser.unexpected()
    return tree


class _Parser:
    """One pass over the tokens by precedence climbing."""

    def __init__(self, tokens: list[Token], scope: Scope) -> None:
        self.tokens = tokens
        self.scope = scope
        self.place = 0
        self.depth = 0

    @property
    def token(self) -> Token:
        return self.tokens[self.place]

    @property
    def end(self) -> int:
        """Where what has been read ends, brackets that close it among it."""
        return self.tokens[self.place - 1].span[1]

    def take(self) -> Token:
        taken = self.token
        self.place += 1
        return taken

    def at(self, operator: str) -> bool:
        return self.token.kind == "operator" and self.token.text == operator

    def expect(self, operator: str) -> Token:
        if not self.at(operator):
            raise self.unexpected()
        return self.take()

    def unexpected(self) -> FormulaError:
        if self.token.kind == "end":
            return refuse("formula_incomplete", self.token.span)
        return refuse("formula_unexpected", self.token.span, found=self.token.text)

    def deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise refuse("formula_too_deep", self.token.span, limit=MAX_DEPTH)

    def expression(self, binding: int) -> Node:
        """Operands joined by operators that bind tighter than `binding`."""
        self.deeper()
        start = self.token.span[0]
        left = self.operand()
        comparisons = 0
        while self.token.kind == "operator" and BINDING.get(self.token.text, 0) > binding:
            operator = self.take().text
            right = self.expression(BINDING[operator])
            left = Binary(operator, left, right, (start, self.end))
            if BINDING[operator] == 1:
                comparisons += 1
                self.deeper()
        self.depth -= 1 + comparisons
        return left

    def operand(self) -> Node:
        """A sign binds tighter than %, % tighter than ^: -2^2 is 4, as in Excel."""
        start = self.token.span[0]
        node = self.signed()
        percents = 0
        while self.at("%"):
            node = Unary("%", node, (start, self.take().span[1]))
            percents += 1
            self.deeper()
        self.depth -= percents
        return node

    def signed(self) -> Node:
        if not (self.at("-") or self.at("+")):
            return self.primary()
        self.deeper()
        sign = self.take()
        operand = self.signed()
        self.depth -= 1
        return Unary(sign.text, operand, (sign.span[0], self.end))

    def primary(self) -> Node:
        if self.at("("):
            self.take()
            inner = self.expression(0)
            self.expect(")")
            return inner
        token = self.token
        match token.kind:
            case "number":
                self.take()
                return Literal(_number(token), token.span)
            case "text":
                self.take()
                return Literal(token.text, token.span)
            case "field":
                return self.braced(self.take())
            case "name":
                return self.named(self.take())
        raise self.unexpected()

    def named(self, token: Token) -> Node:
        """A constant, a function call, `code` or `lines.code`."""
        names = [token]
        while self.at(".") and len(names) < 3:
            self.take()
            if self.token.kind != "name":
                raise self.unexpected()
            names.append(self.take())
        text = ".".join(each.text for each in names)
        if self.at("("):
            return self.call(text, token)
        if text.upper() in ("TRUE", "FALSE"):
            return Literal(text.upper() == "TRUE", token.span)
        return resolve(self.scope, text, (token.span[0], names[-1].span[1]))

    def braced(self, token: Token) -> Node:
        """`{name}`, and parts joined by dots: `{lines}.{name}`, `{reference}.code`."""
        parts, end = [token.text], token.span[1]
        while self.at(".") and len(parts) < 3:
            self.take()
            if self.token.kind not in ("field", "name"):
                raise self.unexpected()
            last = self.take()
            parts.append(last.text)
            end = last.span[1]
        return resolve(self.scope, ".".join(parts), (token.span[0], end))

    def call(self, name: str, token: Token) -> Node:
        function = self.scope.functions.get(name.upper())
        if function is None:
            near = self.scope.suggestions(name, list(self.scope.functions))
            span = (token.span[0], self.token.span[0])
            code = "formula_function_unknown_near" if near else "formula_function_unknown"
            raise refuse(code, span, name=name[:64], near=near)
        self.expect("(")
        arguments = self.arguments()
        node = Call(function, arguments, (token.span[0], self.expect(")").span[1]))
        _count(function, node)
        return node

    def arguments(self) -> tuple[Node, ...]:
        """Expressions between commas; one left out is empty, as in IF(a,,b)."""
        if self.at(")"):
            return ()
        found: list[Node] = []
        while True:
            if self.at(",") or self.at(")"):
                found.append(Literal(None, (self.token.span[0], self.token.span[0])))
            else:
                found.append(self.expression(0))
            if len(found) > MAX_ARGUMENTS:
                raise refuse("formula_too_many_tokens", self.token.span, limit=MAX_ARGUMENTS)
            if not self.at(","):
                return tuple(found)
            self.take()


def _number(token: Token) -> Decimal:
    value = Decimal(token.text)
    if value and value.adjusted() > MAX_EXPONENT:
        raise refuse("formula_number_too_long", token.span, limit=MAX_EXPONENT)
    return CONTEXT.plus(value)


def _count(function: Callee, node: Call) -> None:
    """Refuse too few or too many arguments."""
    least = sum(not each.optional for each in function.parameters)
    repeated = sum(each.repeated for each in function.parameters)
    found = len(node.arguments)
    beyond = found - (len(function.parameters) - repeated)
    uneven = repeated > 1 and beyond % repeated
    if found < least or uneven or (found > len(function.parameters) and not repeated):
        most = "…" if repeated else str(len(function.parameters))
        wanted = str(least) if most == str(least) else f"{least}–{most}"
        raise refuse(
            "formula_arguments", node.span, function=function.name, wanted=wanted, found=found
        )
