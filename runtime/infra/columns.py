"""Exact column types, the same values on SQLite (STRICT tables) and PostgreSQL.

SQLite keeps a decimal as a scaled integer and a date as ISO text; PostgreSQL keeps NUMERIC, DATE
and
TIMESTAMPTZ. SQLAlchemy's own Numeric goes through a float on SQLite and is never used.
"""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Date, DateTime, Integer, Numeric, Text, Time
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from runtime.infra import strict_json
from runtime.infra.decimals import moved

# What JSON and a browser's numbers can hold exactly; no table of ours gets that far.
LARGEST_KEY: Final = 2**53 - 1

# A scaled integer stays well inside 64 bits, so that sums do too.
MAX_SCALED: Final = 10**17
LONGEST_DECIMAL: Final = 20


def Key() -> TypeEngine[int]:  # noqa: N802 - reads as a column type
    """A surrogate key: BIGINT, and INTEGER on SQLite so that it is the row id."""
    return BigInteger().with_variant(Integer(), "sqlite")


def is_key(value: object) -> bool:
    """Say whether a value can be a key at all: a database may have no room for what cannot."""
    return type(value) is int and 0 < value <= LARGEST_KEY


class ExactDecimal(TypeDecorator[Decimal]):
    """A decimal with a fixed number of places; refuses floats and digits beyond its scale."""

    impl = BigInteger
    cache_ok = True

    def __init__(self, scale: int) -> None:
        super().__init__()
        assert 0 <= scale <= 12, "a scale beyond 12 leaves no room for the number"
        self.scale = scale
        self._step = Decimal(1).scaleb(-scale)

    @property
    def python_type(self) -> type[Decimal]:
        """Values are Decimals."""
        return Decimal

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """NUMERIC where the database computes exactly, a scaled integer where it does not."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Numeric(30, self.scale))
        return dialect.type_descriptor(Integer())

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Any:
        """Decimal -> what the database stores."""
        if value is None:
            return None
        kind = type(value)
        assert kind in {Decimal, int}, f"{kind.__name__} is not exact"
        exact = Decimal(value)
        scaled = self._scaled(exact)
        assert scaled is not None, f"{exact} has more than {self.scale} places or is out of range"
        return scaled if dialect.name == "sqlite" else exact

    def holds(self, value: Decimal) -> bool:
        """Say whether a decimal fits: on the scale and inside the bounds."""
        return self._scaled(value) is not None

    def _scaled(self, value: Decimal) -> int | None:
        """The number in steps of the scale; None for one that does not fit."""
        # The size first: a number with a huge exponent must not be written out.
        if not value.is_finite() or value.adjusted() > LONGEST_DECIMAL:
            return None
        moved_there = moved(value, self.scale)
        scaled = int(moved_there)
        return scaled if scaled == moved_there and abs(scaled) <= MAX_SCALED * 10 else None

    def process_result_value(self, value: Any, dialect: Dialect) -> Decimal | None:
        """What the database stores -> Decimal with all its places."""
        if value is None:
            return None
        if dialect.name == "sqlite":
            return moved(Decimal(value), -self.scale)
        return Decimal(value).quantize(self._step)


class IsoDate(TypeDecorator[date]):
    """A calendar date; ISO text on SQLite, where it sorts as it should."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[date]:
        """Values are dates."""
        return date

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """DATE on PostgreSQL, TEXT on SQLite."""
        return dialect.type_descriptor(Date() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: date | None, dialect: Dialect) -> Any:
        """Date -> what the database stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.isoformat()

    def process_result_value(self, value: Any, dialect: Dialect) -> date | None:
        """What the database stores -> date."""
        return date.fromisoformat(value) if isinstance(value, str) else value


class ClockTime(TypeDecorator[time]):
    """A time of day to the second; text of one width on SQLite, where it sorts as it should."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[time]:
        """Values are times."""
        return time

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIME on PostgreSQL, TEXT on SQLite."""
        return dialect.type_descriptor(Time() if dialect.name == "postgresql" else Text())

    def process_bind_param(self, value: time | None, dialect: Dialect) -> Any:
        """Time -> what the database stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return value.isoformat("seconds")

    def process_result_value(self, value: Any, dialect: Dialect) -> time | None:
        """What the database stores -> time."""
        return time.fromisoformat(value) if isinstance(value, str) else value


# Many rows are written at one and the same moment.
@lru_cache(maxsize=64)
def _spelled(moment: datetime) -> str:
    """A moment as text of one width, so that text order is time order."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


class Instant(TypeDecorator[datetime]):
    """A moment in UTC with microseconds; naive datetimes are refused."""

    impl = Text
    cache_ok = True

    @property
    def python_type(self) -> type[datetime]:
        """Values are datetimes."""
        return datetime

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """TIMESTAMPTZ on PostgreSQL, TEXT on SQLite."""
        return dialect.type_descriptor(
            DateTime(timezone=True) if dialect.name == "postgresql" else Text()
        )

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """Aware datetime -> what the database stores."""
        if value is None:
            return None
        assert value.tzinfo is not None, "an instant needs its zone"
        return value.astimezone(UTC) if dialect.name == "postgresql" else _spelled(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """What the database stores -> aware UTC datetime."""
        if isinstance(value, str):
            return datetime.fromisoformat(value)
        return value.astimezone(UTC) if isinstance(value, datetime) else None


class Flag(TypeDecorator[bool]):
    """Yes or no; 0 and 1 on SQLite."""

    impl = Integer
    cache_ok = True

    @property
    def python_type(self) -> type[bool]:
        """Values are bools."""
        return bool

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """BOOLEAN on PostgreSQL, INTEGER on SQLite."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(Boolean())
        return dialect.type_descriptor(Integer())

    def process_bind_param(self, value: bool | None, dialect: Dialect) -> Any:
        """Bool -> what the database stores."""
        if value is None or dialect.name == "postgresql":
            return value
        return int(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> bool | None:
        """What the database stores -> bool."""
        return None if value is None else bool(value)


class JsonText(TypeDecorator[Any]):
    """A JSON document kept as text; decimals come back as strings, as they were written."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Value -> JSON text."""
        return None if value is None else strict_json.dumps(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """JSON text -> value."""
        return None if value is None else strict_json.loads(value, max_bytes=64_000_000)
