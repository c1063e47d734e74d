"""Every kind of command posts once per key: the same request again brings back the first answer."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, get_args

import pytest

from runtime import kernel
from runtime.infra.db import Database
from runtime.kernel import Refusal
from tests.tally import uses

from .conftest import NOW, Books
from .forging import everything, rolled_back


def header(name: str, day: str, **more: Any) -> kernel.Header:
    ref = kernel.DocumentRef("document", name)
    return kernel.Header(1, name, date.fromisoformat(f"2026-{day}"), ref, "clerk", NOW, **more)


@dataclass(frozen=True)
class Case:
    """A command, and in what a request under its key may differ from it."""

    make: Callable[[Books], kernel.Command]
    others: tuple[Callable[[Any], kernel.Command], ...]


def line(**values: Any) -> Callable[[Any], kernel.Command]:
    """The same command, its first line different."""
    return lambda command: replace(
        command, lines=(replace(command.lines[0], **values), *command.lines[1:])
    )


def field(**values: Any) -> Callable[[Any], kernel.Command]:
    return lambda command: replace(command, **values)


def source(books: Books, name: str) -> kernel.LineRef:
    return kernel.LineRef(books.postings[name], 0)


def issue(name: str, day: str, qty: int, item: str = "A", **more: Any) -> kernel.Issue:
    return kernel.Issue(header(name, day), (kernel.IssueLine(item, "W1", qty, **more),))


def receive(name: str, day: str, qty: int, item: str = "A", **more: Any) -> kernel.Receive:
    goods = kernel.ReceiveLine(item, "W1", qty, unit_cost=3, **more)
    return kernel.Receive(header(name, day), (goods,))


# In this order they are posted; each leans on those before it.
CASES: dict[str, Case] = {
    "receive": Case(
        lambda _: receive("receive", "01-01", 50),
        (
            line(qty=51), line(unit_cost=4), line(item="B"), line(warehouse="W2"), line(lot="X"),
            line(bin="b"), line(owner="o"), line(unit_cost=None, amount=150),
            line(provisional=True), lambda one: replace(one, lines=one.lines * 2),
        ),
    ),
    "receive late": Case(lambda _: receive("receive late", "01-01", 5), (line(qty=6),)),
    "receive lots": Case(
        lambda _: receive("receive lots", "01-01", 5, "L", lot="X", expiry=date(2027, 1, 1)),
        (line(expiry=date(2028, 1, 1)), line(produced=date(2026, 1, 1)), line(lot="Y")),
    ),
    "receive serials": Case(
        lambda _: receive("receive serials", "01-01", 2, "S", serials=("s1", "s2")),
        (line(serials=("s1", "s3")),),
    ),
    "receive for later": Case(
        lambda _: receive("receive for later", "01-02", 5, "P"), (line(item="A"),)
    ),
    "issue": Case(
        lambda _: issue("issue", "01-03", 6),
        (line(qty=5), line(lot="X"), line(reservation="q"), line(warehouse="W2"), line(bin="b")),
    ),
    "issue serials": Case(
        lambda _: issue("issue serials", "01-03", 1, "S", serials=("s1",)),
        (line(serials=("s2",)),),
    ),
    "transfer": Case(
        lambda _: kernel.Transfer(
            header("transfer", "01-04"), (kernel.TransferLine("A", "W1", "W2", 7),)
        ),
        (line(to_warehouse="W3"), line(qty=8), line(to_bin="b")),
    ),
    "second leg": Case(
        lambda b: kernel.Transfer(
            header("second leg", "01-05"),
            (kernel.TransferLine("A", "W2", "W3", 3, source=source(b, "transfer")),),
        ),
        (line(source=None),),
    ),
    "purchase return": Case(
        lambda b: kernel.PurchaseReturn(
            header("purchase return", "01-06"), (kernel.ReturnLine(source(b, "receive"), 2),)
        ),
        (line(qty=1), lambda one: line(source=replace(one.lines[0].source, line=1))(one)),
    ),
    "sales return": Case(
        lambda b: kernel.SalesReturn(
            header("sales return", "01-06"), (kernel.ReturnLine(source(b, "issue"), 2),)
        ),
        (line(qty=1), line(warehouse="W2")),
    ),
    "count": Case(
        lambda _: kernel.Count(header("count", "01-07"), (kernel.CountLine("A", "W1", 40),)),
        (line(counted=41), line(unit_cost=9), line(set_unit_cost=9)),
    ),
    "landed cost": Case(
        lambda b: kernel.LandedCost(
            header("landed cost", "01-08"), 9, (kernel.LandedLine(source(b, "receive")),)
        ),
        (field(amount=8), field(basis="qty"), line(part=9)),
    ),
    "invoice": Case(
        lambda b: kernel.Invoice(
            header("invoice", "01-08"),
            (kernel.InvoiceLine(source(b, "receive"), 4, unit_cost=5),),
        ),
        (line(qty=3), line(unit_cost=6), line(unit_cost=None, amount=20)),
    ),
    "adjust": Case(
        lambda _: kernel.Adjust(header("adjust", "01-09"), (kernel.AdjustLine("A", "W1", 2),)),
        (line(amount=3), line(owner="o")),
    ),
    "assemble": Case(
        lambda _: kernel.Assemble(
            header("assemble", "01-09"), (kernel.IssueLine("A", "W1", 2),),
            (kernel.OutputLine("P", "W1", 1),), 5,
        ),
        (field(extra_cost=6), field(kind="disassemble"), field(inputs=())),
    ),
    "set standard": Case(
        lambda _: kernel.SetStandard(header("set standard", "01-10"), "D", 8),
        (field(unit_cost=9), field(item="A")),
    ),
    "change policy": Case(
        lambda _: kernel.ChangePolicy(header("change policy", "01-10"), "B", method="fifo"),
        (field(method="moving_average"), field(negative="allow"), field(item="A")),
    ),
    "reserve": Case(
        lambda _: kernel.Reserve(header("reserve", "01-11"), "A", "W1", 4),
        (field(qty=3), field(expires=date(2026, 3, 1)), field(warehouse="W2"), field(lot="X")),
    ),
    "issue reserved": Case(
        lambda _: issue("issue reserved", "01-11", 1, reservation="reserve"),
        (line(reservation=""),),
    ),
    "release": Case(
        lambda _: kernel.Release(header("release", "01-12"), "reserve"),
        (field(expired=True), field(reservation="other")),
    ),
    "batch": Case(
        lambda _: kernel.Batch(
            header("batch", "01-13"),
            (receive("part 1", "01-13", 4), issue("part 2", "01-13", 1)),
        ),
        (
            lambda one: replace(one, parts=one.parts[:1]),
            lambda one: replace(one, parts=one.parts[::-1]),
            lambda one: replace(
                one, parts=(one.parts[0], issue("another", "01-13", 1))
            ),
        ),
    ),
    "void": Case(
        lambda b: kernel.Void(header("void", "01-13"), b.postings["receive late"]),
        (lambda one: replace(one, posting=one.posting + 1),),
    ),
    "reverse": Case(
        lambda b: kernel.Reverse(header("reverse", "01-14"), b.postings["receive for later"]),
        (lambda one: replace(one, posting=one.posting + 1),),
    ),
    "close": Case(
        lambda _: kernel.ClosePeriod(header("close", "01-31"), "2026-01"),
        (field(ym="2026-02"),),
    ),
    "reopen": Case(
        lambda _: kernel.ReopenPeriod(header("reopen", "01-31"), "2026-01", "an error"),
        (field(reason="another"), field(ym="2026-02")),
    ),
}  # fmt: skip
# What the header says of the document; the key, the author and the hour are not part of it.
HEADERS: tuple[dict[str, Any], ...] = (
    {"date": date(2026, 1, 30)},
    {"document": kernel.DocumentRef("document", "another")},
    {"party": "another"},
    {"purpose": "scrap"},
)


@dataclass
class Told:
    """Books in which every case was posted once, the commands and the first answers."""

    books: Books
    commands: dict[str, kernel.Command]
    answers: dict[str, kernel.Posted]


@pytest.fixture(scope="module")
def told(module_url: str) -> Iterator[Told]:
    """Every case posted in turn; what follows may name what was posted."""
    database = Database(module_url)
    found = Told(open_shop(database), {}, {})
    for name, case in CASES.items():
        command = case.make(found.books)
        outcome = found.books.post(command)
        assert isinstance(outcome, kernel.Posted), (name, outcome)
        found.commands[name], found.answers[name] = command, outcome
    yield found
    database.dispose()


def open_shop(database: Database) -> Books:
    with database.transaction() as connection:
        kernel.install(connection)
        company = kernel.create_company(connection, "books").id
        for key, terms in {
            "A": kernel.ItemTerms(), "B": kernel.ItemTerms(), "P": kernel.ItemTerms(),
            "D": kernel.ItemTerms(method="standard", standard_cost=7),
            "L": kernel.ItemTerms(tracking="batch"), "S": kernel.ItemTerms(tracking="serial"),
        }.items():  # fmt: skip
            kernel.register_item(connection, company, key, terms)
        kernel.register_warehouses(connection, company, ["W1", "W2", "W3"])
    return Books(database, company)


@pytest.fixture
def unchanged(told: Told, request: pytest.FixtureRequest) -> Iterator[Told]:
    """Asked once more, the books stay as they are to the last row."""
    uses(request, told.books.database.kind)
    before = everything(told.books)
    yield told
    assert everything(told.books) == before


def test_every_kind_of_command_is_a_case() -> None:
    kinds = {type(case.make(Anything())) for case in CASES.values()}  # type: ignore[arg-type]
    assert kinds == set(get_args(kernel.Command))


class Anything:
    """Books in which every posting is the first."""

    def __init__(self) -> None:
        self.postings = defaultdict[str, int](lambda: 1)


def test_the_same_request_brings_back_the_first_answer(unchanged: Told) -> None:
    """Although everything that came later has changed costs, closed months and undone postings."""
    for name, command in unchanged.commands.items():
        assert unchanged.books.post(command) == unchanged.answers[name], name


def test_who_asks_again_and_when_does_not_matter(unchanged: Told) -> None:
    for name, command in unchanged.commands.items():
        again = {"posted_at": NOW.replace(year=2027), "user": "another", "order": 7}
        asked = replace(command, header=replace(command.header, **again))
        assert unchanged.books.post(asked) == unchanged.answers[name], name


def test_another_request_under_the_key_is_refused(unchanged: Told) -> None:
    for name, command in unchanged.commands.items():
        for nth, other in enumerate(CASES[name].others):
            asked = other(command)
            assert asked.header.key == command.header.key
            outcome = unchanged.books.post(asked)
            assert outcome == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT), (name, nth)


def test_what_the_header_says_is_part_of_the_request(unchanged: Told) -> None:
    for name, command in unchanged.commands.items():
        if name == "void":
            continue  # it takes the time and the document of what it undoes
        for values in HEADERS:
            asked = replace(command, header=replace(command.header, **values))
            outcome = unchanged.books.post(asked)
            assert outcome == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT), (name, values)


def test_another_kind_of_command_under_the_key_is_refused(unchanged: Told) -> None:
    kinds = list(unchanged.commands.values())
    for command, other in zip(kinds, kinds[1:] + kinds[:1], strict=True):
        asked = replace(other, header=command.header)
        assert unchanged.books.post(asked) == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT), command


def test_the_key_of_a_refused_request_is_free(unchanged: Told) -> None:
    """What was refused has left nothing; the key still stands for whatever comes next."""
    books = unchanged.books
    with rolled_back(books) as connection:
        too_much = issue("free", "02-01", 10**6)
        refused = kernel.post(connection, too_much)
        assert isinstance(refused, kernel.Refused)
        posted = kernel.post(connection, issue("free", "02-01", 1))
        assert isinstance(posted, kernel.Posted)
        assert kernel.post(connection, too_much) == kernel.Refused(Refusal.IDEMPOTENCY_CONFLICT)


def test_books_are_clean(told: Told, request: pytest.FixtureRequest) -> None:
    uses(request, told.books.database.kind)
    assert told.books.broken() == set()
