"""What postings stand on: companies, warehouses, items with their costing policy and units."""

# ruff: noqa: S608 - statements are put together from our own names, values are always bound

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import Connection

from runtime.kernel.amounts import Rounding, atoms_per_base
from runtime.kernel.connections import ready
from runtime.kernel.sql import marks, run


@dataclass(frozen=True, slots=True)
class Company:
    """One set of books and its rules."""

    id: int
    code: str
    currency: str
    value_scale: int
    rounding: Rounding
    same_day: str
    method: str
    negative: str


@dataclass(frozen=True, slots=True)
class Item:
    """A stock item with the policy that holds now and its units of measure."""

    id: int
    key: str
    method: str
    negative: str
    atoms_per_base: int
    uoms: Mapping[str, tuple[int, int]]

    def factor(self, uom: str) -> tuple[int, int] | None:
        """How many base units one such unit is; an empty name is the base unit."""
        return self.uoms.get(uom) if uom else (1, 1)


def create_company(
    connection: Connection, code: str, *, currency: str = "CNY", value_scale: int = 2,
    rounding: Rounding = Rounding.HALF_UP, same_day: str = "in_first",
) -> Company:  # fmt: skip
    """Open the books of a company; the one that is there already keeps its rules."""
    ready(connection)
    there = find_company(connection, code)
    if there is not None:
        return there
    run(
        connection,
        "INSERT INTO k_company (code, currency, value_scale, rounding, same_day, method, negative)"
        f" VALUES (?, ?, ?, ?, ?, 'moving_average', 'forbid'){_unless_there(connection)}",
        (code, currency, value_scale, rounding.value, same_day),
    )
    made = find_company(connection, code)
    assert made is not None, "a company that was inserted is there"
    return made


def find_company(connection: Connection, code: str) -> Company | None:
    """The company with this code."""
    rows = run(
        connection,
        "SELECT id, code, currency, value_scale, rounding, same_day, method, negative"
        " FROM k_company WHERE code = ?",
        (code,),
    )
    return as_company(rows[0]) if rows else None


def as_company(row: tuple[object, ...]) -> Company:
    """A row of the company table, columns in order."""
    number, code, currency, scale, rounding, same_day, method, negative = row
    assert isinstance(number, int)
    assert isinstance(scale, int)
    return Company(
        number, str(code), str(currency), scale, Rounding(str(rounding)), str(same_day),
        str(method), str(negative),
    )  # fmt: skip


def register_warehouses(connection: Connection, company: int, keys: Iterable[str]) -> None:
    """Make warehouses known to the books; known ones stay as they are."""
    for key in sorted(set(keys) - set(find_warehouses(connection, company, keys))):
        run(
            connection,
            f"INSERT INTO k_warehouse (company, key) VALUES (?, ?){_unless_there(connection)}",
            (company, key),
        )


def register_items(connection: Connection, company: int, keys: Iterable[str]) -> None:
    """Make items known to the books under the company's own rules; known ones stay as they are."""
    for key in sorted(set(keys) - set(find_items(connection, company, keys))):
        register_item(connection, company, key)


def register_item(
    connection: Connection, company: int, key: str, *, base_uom: str = "",
    uoms: Mapping[str, Fraction] | None = None,
) -> None:  # fmt: skip
    """Make one item known, its atoms chosen so that every unit is a whole number of them."""
    factors = dict(uoms or {})
    run(
        connection,
        f"INSERT INTO k_item (company, key) VALUES (?, ?){_unless_there(connection)}",
        (company, key),
    )
    number = run(connection, "SELECT id FROM k_item WHERE company = ? AND key = ?", (company, key))
    run(
        connection,
        "INSERT INTO k_item_policy (item, n, valid_from, method, scope, negative, tracking,"
        " base_uom, atoms_per_base) SELECT ?, 1, 0, method, 'warehouse', negative, 'none', ?, ?"
        f" FROM k_company WHERE id = ?{_unless_there(connection)}",
        (number[0][0], base_uom, atoms_per_base(tuple(factors.values())), company),
    )
    for uom, factor in sorted(factors.items()):
        run(
            connection,
            "INSERT INTO k_uom_factor (item, uom, num, den) VALUES (?, ?, ?, ?)"
            f"{_unless_there(connection)}",
            (number[0][0], uom, factor.numerator, factor.denominator),
        )


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
    rows = run(
        connection,
        "SELECT i.id, i.key, p.method, p.negative, p.atoms_per_base FROM k_item i"
        " JOIN k_item_policy p ON p.item = i.id"
        " AND p.n = (SELECT max(n) FROM k_item_policy WHERE item = i.id)"
        f" WHERE i.company = ? AND i.key IN ({marks(wanted)})",
        (company, *wanted),
    )
    uoms: dict[int, dict[str, tuple[int, int]]] = {row[0]: {} for row in rows}
    if with_uoms and rows:
        for item, uom, num, den in run(
            connection,
            f"SELECT item, uom, num, den FROM k_uom_factor WHERE item IN ({marks(uoms)})",  # type: ignore[arg-type]
            tuple(uoms),
        ):
            uoms[item][uom] = (num, den)
    return {row[1]: Item(row[0], row[1], row[2], row[3], row[4], uoms[row[0]]) for row in rows}


def _unless_there(connection: Connection) -> str:
    """Two sessions may register the same thing at once; SQLite has one writer, so it cannot."""
    return "" if connection.dialect.name == "sqlite" else " ON CONFLICT DO NOTHING"
