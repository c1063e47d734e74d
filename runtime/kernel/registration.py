"""What postings stand on: companies, warehouses, items with their costing policy and units."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import Exact, Rounding, as_text, atoms_per_base
from runtime.kernel.connections import ready
from runtime.kernel.costing import Policy
from runtime.kernel.rules import Rules, read_rules, set_rules
from runtime.kernel.sql import marks, run

# The warehouse that stands for a whole company where goods are costed together.
WHOLE_COMPANY = "*"
FROM_THE_BEGINNING = -(2**62)


@dataclass(frozen=True, slots=True)
class Company:
    """One set of books and its rules."""

    id: int
    code: str
    currency: str
    value_scale: int
    rounding: Rounding
    same_day: str
    rules: Rules


@dataclass(frozen=True, slots=True)
class Item:
    """A stock item, its units of measure and how it is costed over time."""

    id: int
    key: str
    tracking: str
    base_uom: str
    atoms_per_base: int
    scope: str
    item_group: str
    policies: tuple[Policy, ...] = ()
    uoms: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    def factor(self, uom: str) -> tuple[int, int] | None:
        """How many base units one such unit is; an empty name is the base unit."""
        return self.uoms.get(uom) if uom else (1, 1)

    @property
    def policy(self) -> Policy:
        """The policy that holds now."""
        return self.policies[-1]

    @property
    def allows_negative(self) -> bool:
        """Whether an issue may take more than there is."""
        return self.policy.negative


@dataclass(frozen=True, slots=True)
class ItemTerms:
    """What an item begins with; what is left out follows the company's rules.

    Costs are per base unit; `uoms` says how many base units each unit is.
    """

    base_uom: str = ""
    uoms: Mapping[str, Fraction] = field(default_factory=dict)
    method: str | None = None
    scope: str | None = None
    variance: str | None = None
    negative: str | None = None
    tracking: str = "none"
    standard_cost: Exact | None = None
    estimate_cost: Exact | None = None
    item_group: str = ""


def create_company(  # noqa: PLR0913 - what is fixed for ever is said at once
    connection: Connection, code: str, *, currency: str = "CNY", value_scale: int = 2,
    rounding: Rounding = Rounding.HALF_UP, same_day: str = "in_first",
    rules: Mapping[str, str] | None = None,
) -> Company:  # fmt: skip
    """Open the books of a company; the one that is there already keeps its rules."""
    ready(connection)
    there = find_company(connection, code)
    if there is not None:
        return there
    run(
        connection,
        "INSERT INTO k_company (code, currency, value_scale, rounding, same_day)"
        f" VALUES (?, ?, ?, ?, ?){unless_there(connection)}",
        (code, currency, value_scale, rounding.value, same_day),
    )
    made = find_company(connection, code)
    assert made is not None, "a company that was inserted is there"
    if rules:
        set_rules(connection, made.id, rules, "", "")
        made = find_company(connection, code)
        assert made is not None, "rules do not take a company away"
    return made


COMPANY_COLUMNS = (
    "c.id, c.code, c.currency, c.value_scale, c.rounding, c.same_day,"
    " (SELECT rules FROM k_company_rule WHERE company = c.id ORDER BY n DESC LIMIT 1)"
)


def find_company(connection: Connection, code: str) -> Company | None:
    """The company with this code."""
    rows = run(connection, f"SELECT {COMPANY_COLUMNS} FROM k_company c WHERE code = ?", (code,))
    return as_company(rows[0]) if rows else None


def companies(connection: Connection) -> list[Company]:
    """Every company that has books here."""
    rows = run(connection, f"SELECT {COMPANY_COLUMNS} FROM k_company c ORDER BY c.id")
    return [as_company(row) for row in rows]


def as_company(row: tuple[object, ...]) -> Company:
    """A row of `COMPANY_COLUMNS`."""
    number, code, currency, scale, rounding, same_day, rules = row
    assert isinstance(number, int)
    assert isinstance(scale, int)
    return Company(
        number, str(code), str(currency), scale, Rounding(str(rounding)), str(same_day),
        read_rules(None if rules is None else str(rules)),
    )  # fmt: skip


def register_warehouses(connection: Connection, company: int, keys: Iterable[str]) -> None:
    """Make warehouses known to the books; known ones stay as they are."""
    for key in sorted(set(keys) - set(find_warehouses(connection, company, keys))):
        run(
            connection,
            f"INSERT INTO k_warehouse (company, key) VALUES (?, ?){unless_there(connection)}",
            (company, key),
        )


def register_items(connection: Connection, company: int, keys: Iterable[str]) -> None:
    """Make items known to the books under the company's own rules; known ones stay as they are."""
    for key in sorted(set(keys) - set(find_items(connection, company, keys))):
        register_item(connection, company, key)


def register_item(
    connection: Connection, company: int, key: str, terms: ItemTerms | None = None
) -> None:
    """Make one item known, its atoms chosen so that every unit is a whole number of them."""
    given = terms or ItemTerms()
    rules = _rules_of(connection, company)
    scope = given.scope or rules.scope
    run(
        connection,
        "INSERT INTO k_item (company, key, tracking, base_uom, atoms_per_base, scope, item_group)"
        f" VALUES (?, ?, ?, ?, ?, ?, ?){unless_there(connection)}",
        (
            company, key, given.tracking, given.base_uom,
            atoms_per_base(tuple(given.uoms.values())), scope, given.item_group,
        ),
    )  # fmt: skip
    if scope == "company":
        register_warehouses(connection, company, {WHOLE_COMPANY})
    rows = run(connection, "SELECT id FROM k_item WHERE company = ? AND key = ?", (company, key))
    number = rows[0][0]
    run(
        connection,
        "INSERT INTO k_item_policy (item, n, posting, at, ord, method, variance, negative,"
        " standard, estimate) SELECT ?, 1, CAST(NULL AS BIGINT), ?, ?, ?, ?, ?, ?, ?"
        " WHERE NOT EXISTS (SELECT 1 FROM k_item_policy WHERE item = ?)",
        (
            number, FROM_THE_BEGINNING, FROM_THE_BEGINNING, given.method or rules.method,
            given.variance or rules.variance, given.negative or rules.negative,
            as_text(given.standard_cost), as_text(given.estimate_cost), number,
        ),
    )  # fmt: skip
    for uom, factor in sorted(given.uoms.items()):
        run(
            connection,
            "INSERT INTO k_uom_factor (item, uom, num, den) VALUES (?, ?, ?, ?)"
            f"{unless_there(connection)}",
            (number, uom, factor.numerator, factor.denominator),
        )


def _rules_of(connection: Connection, company: int) -> Rules:
    rows = run(connection, f"SELECT {COMPANY_COLUMNS} FROM k_company c WHERE id = ?", (company,))
    assert rows, f"there is no company {company}"
    return as_company(rows[0]).rules


def find_warehouses(connection: Connection, company: int, keys: Iterable[str]) -> dict[str, int]:
    """The ids of the warehouses that are known, by key."""
    wanted = sorted(set(keys))
    rows = run(
        connection,
        f"SELECT key, id FROM k_warehouse WHERE company = ? AND key IN ({marks(wanted)})",
        (company, *wanted),
    )
    return {str(key): int(number) for key, number in rows}


def find_items(
    connection: Connection, company: int, keys: Iterable[str], *, with_uoms: bool = False
) -> dict[str, Item]:
    """The items that are known, by key; their units only where they are asked for."""
    wanted = sorted(set(keys))
    found = _items(
        connection, f"i.company = ? AND i.key IN ({marks(wanted)})", (company, *wanted), with_uoms
    )
    return {item.key: item for item in found}


def items_by_id(connection: Connection, ids: Iterable[int]) -> dict[int, Item]:
    """Items by their ids, without their units."""
    wanted = sorted(set(ids))
    found = _items(connection, f"i.id IN ({marks(wanted)})", tuple(wanted), with_uoms=False)
    return {item.id: item for item in found}


def _items(
    connection: Connection, condition: str, params: tuple[int | str, ...], with_uoms: bool  # noqa: FBT001
) -> list[Item]:  # fmt: skip
    rows = run(
        connection,
        "SELECT i.id, i.key, i.tracking, i.base_uom, i.atoms_per_base, i.scope, i.item_group,"
        " p.at, p.ord, p.method, p.variance, p.negative, p.standard, p.estimate, c.value_scale"
        " FROM k_item i JOIN k_company c ON c.id = i.company JOIN k_item_policy p ON p.item = i.id"
        " AND (p.posting IS NULL OR NOT EXISTS"
        " (SELECT 1 FROM k_posting v WHERE v.voids = p.posting))"
        f" WHERE {condition} ORDER BY i.id, p.at, p.ord, p.n",
        params,
    )
    uoms = _uoms(connection, sorted({row[0] for row in rows})) if with_uoms and rows else {}
    policies: dict[int, list[Policy]] = {}
    for row in rows:
        policies.setdefault(row[0], []).append(policy_of(row[7:14], row[4], row[14]))
    facts = {row[0]: row for row in rows}
    return [
        Item(number, fact[1], fact[2], fact[3], fact[4], fact[5], fact[6],
             tuple(policies[number]), uoms.get(number, {}))
        for number, fact in facts.items()
    ]  # fmt: skip


def policy_of(row: Sequence[object], per_base: int, scale: int) -> Policy:
    """A row of the policy table from `at` on, its costs per atom."""
    at, order, method, variance, negative, standard, estimate = row
    assert isinstance(at, int)
    assert isinstance(order, int)
    return Policy(
        at, order, str(method), str(variance), negative == "allow",
        _per_atom(str(standard), per_base, scale), _per_atom(str(estimate), per_base, scale),
    )  # fmt: skip


def _per_atom(unit_cost: str, per_base: int, scale: int) -> tuple[int, int] | None:
    """A cost per base unit as minor units per atom, exactly."""
    if not unit_cost:
        return None
    exact = Fraction(unit_cost) * 10**scale / per_base
    return exact.numerator, exact.denominator


def _uoms(connection: Connection, items: list[int]) -> dict[int, dict[str, tuple[int, int]]]:
    uoms: dict[int, dict[str, tuple[int, int]]] = {item: {} for item in items}
    for item, uom, num, den in run(
        connection,
        f"SELECT item, uom, num, den FROM k_uom_factor WHERE item IN ({marks(items)})",
        items,
    ):
        uoms[item][uom] = (num, den)
    return uoms


def unless_there(connection: Connection) -> str:
    """Two sessions may register the same thing at once; SQLite has one writer, so it cannot."""
    return "" if connection.dialect.name == "sqlite" else " ON CONFLICT DO NOTHING"
