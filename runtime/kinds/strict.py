"""Marshmallow fields that guess nothing: exact decimals, real dates, clean text."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any, Final, NoReturn

from marshmallow import ValidationError, fields

from runtime.infra.decimals import shortest
from runtime.kinds import rich
from runtime.kinds.bounds import fixed_bound
from runtime.kinds.field_type import Unreadable
from runtime.kinds.patterns import Pattern

# Tags and all; far more than what may be read of it.
MOST_HTML: Final = 200_000
JOINERS: Final = "\u200c\u200d"
_DECIMAL: Final = re.compile(r"-?[0-9]{1,18}(\.[0-9]{1,18})?", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2})?", re.ASCII)
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Fault(dict[str, Any]):
    """A message code and its parameters, carried inside a marshmallow ValidationError."""

    def __init__(self, code: str, params: Mapping[str, Any] | None = None) -> None:
        super().__init__(code=code, params=dict(params or {}))


def fail(code: str, **params: Any) -> NoReturn:
    """Refuse a value."""
    raise ValidationError([Fault(code, params)])


class StrictField(fields.Field[Any]):
    """The common part: None is allowed (completeness is asked elsewhere), Unreadable is refused."""

    def __init__(self) -> None:
        super().__init__(allow_none=True)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        return self.taken(value)

    def taken(self, value: Any) -> Any:
        """What the field makes of a value, however it is asked: by a schema or by itself."""
        if value is None:
            return None
        if isinstance(value, Unreadable):
            fail(value.code, text=value.text[:60])
        return self.read(value)

    def read(self, value: Any) -> Any:
        """Check one value and return it as Python holds it."""
        raise AssertionError("every strict field reads")


class StrictText(StrictField):
    """Text without control or invisible characters, at most `limit` characters.

    What is written at all has at least `least` characters and the form the author asks for.
    """

    def __init__(
        self, limit: int, *, lines: bool = False, least: int = 0, form: Pattern | None = None
    ) -> None:
        super().__init__()
        self.limit, self.lines, self.least, self.form = limit, lines, least, form

    def read(self, value: Any) -> str | None:
        """Return clean text; blank text is None."""
        if not isinstance(value, str):
            fail("text_expected")
        text = value.replace("\r\n", "\n").strip()
        if not text.isprintable():
            self._refuse_unseen(text)
        if len(text) > self.limit:
            fail("text_too_long", limit=self.limit, length=len(text))
        if not text.strip(JOINERS):
            return None
        if len(text) < self.least:
            fail("text_too_short", limit=self.least, length=len(text))
        if self.form is not None and not self.form.holds(text):
            _fail_form(self.form)
        return text

    def _refuse_unseen(self, text: str) -> None:
        # Scripts and emoji need the joiners.
        allowed = JOINERS + ("\n\t" if self.lines else "")
        if any(_is_unseen(character) and character not in allowed for character in text):
            fail("text_control_character")


class StrictWord(StrictText):
    """Text of one kind (an address, a number), kept in one spelling."""

    def __init__(self, limit: int, code: str, spelled: Callable[[str], str | None]) -> None:
        super().__init__(limit)
        self.code, self.spelled = code, spelled

    def read(self, value: Any) -> str | None:
        """Return the text as it is kept."""
        text = super().read(value)
        if text is None:
            return None
        found = self.spelled(text)
        if found is None:
            fail(self.code, text=text[:60])
        return found


class StrictRich(StrictText):
    """Text with emphasis; `limit` counts its words, not the tags around them."""

    def __init__(self, limit: int) -> None:
        super().__init__(MOST_HTML, lines=True)
        self.words = limit

    def read(self, value: Any) -> str | None:
        """Return the HTML that is kept."""
        text = super().read(value)
        cleaned = rich.kept(text) if text else ""
        length = len(rich.plain(cleaned))
        if length > self.words:
            fail("text_too_long", limit=self.words, length=length)
        return cleaned or None


class StrictDecimal(StrictField):
    """A decimal with at most `places` places inside its bounds; never a float."""

    def __init__(self, places: int, options: Mapping[str, Any]) -> None:
        super().__init__()
        self.places = places
        self._step = Decimal(1).scaleb(-places)
        self._room = Decimal(10) ** (17 - places)
        self.low = _bound(options.get("min"))
        self.high = _bound(options.get("max"))
        self.low_exclusive = bool(options.get("min_exclusive"))

    def read(self, value: Any) -> Decimal:
        """Return an exact decimal on its scale."""
        number = self._number(value)
        if -self._room < number < self._room:
            kept = number.quantize(self._step)
            if kept == number:
                self._check_bounds(number)
                return kept
        # It does not fit its column: the places are told first, then how large it is.
        exponent = shortest(number).as_tuple().exponent
        if isinstance(exponent, int) and -exponent > self.places:
            fail("number_too_many_places", places=self.places)
        fail("number_too_large")

    def _number(self, value: Any) -> Decimal:
        if isinstance(value, bool) or not isinstance(value, (str, int, Decimal)):
            fail("number_expected")
        if isinstance(value, str):
            if not _DECIMAL.fullmatch(value):
                fail("number_expected")
            return Decimal(value)
        number = Decimal(value)
        if not number.is_finite() or number.adjusted() > 20:
            fail("number_too_large")
        return number

    def _check_bounds(self, number: Decimal) -> None:
        if self.low is not None:
            if self.low_exclusive and number <= self.low:
                fail("number_not_above", limit=_plain(self.low))
            if number < self.low:
                fail("number_below", limit=_plain(self.low))
        if self.high is not None and number > self.high:
            fail("number_above", limit=_plain(self.high))


class StrictMoment(StrictField):
    """What days, moments and times of day have in common: the first and the last there may be."""

    def __init__(self, low: Any = None, high: Any = None) -> None:
        super().__init__()
        self.low, self.high = low, high

    def within(self, found: Any) -> Any:
        """Refuse what is too early or too late."""
        if self.low is not None and found < self.low:
            fail("moment_before", limit=self.low.isoformat())
        if self.high is not None and found > self.high:
            fail("moment_after", limit=self.high.isoformat())
        return found


class StrictDate(StrictMoment):
    """A calendar date, ISO in JSON."""

    def read(self, value: Any) -> date:
        """Return the date."""
        if isinstance(value, date) and not isinstance(value, datetime):
            found = value
        elif isinstance(value, str) and _DATE.fullmatch(value):
            try:
                found = date.fromisoformat(value)
            except ValueError:
                fail("date_expected")
        else:
            fail("date_expected")
        if not 1900 <= found.year <= 2999:
            fail("date_out_of_range")
        day: date = self.within(found)
        return day


class StrictTime(StrictMoment):
    """A time of day, ISO in JSON; seconds may be left out."""

    def read(self, value: Any) -> time:
        """Return the time."""
        found = value
        if isinstance(value, str):
            if not _TIME.fullmatch(value):
                fail("time_expected")
            try:
                found = time.fromisoformat(value)
            except ValueError:
                fail("time_expected")
        if not isinstance(found, time) or found.tzinfo is not None:
            fail("time_expected")
        clock: time = self.within(found.replace(microsecond=0))
        return clock


class StrictInstant(StrictMoment):
    """A moment, ISO with its offset in JSON."""

    def read(self, value: Any) -> datetime:
        """Return the moment in UTC."""
        if isinstance(value, str) and len(value) <= 40:
            try:
                value = datetime.fromisoformat(value)
            except ValueError:
                fail("datetime_expected")
        if not isinstance(value, datetime) or value.tzinfo is None:
            fail("datetime_expected")
        if not 1900 <= value.year <= 2999:
            fail("date_out_of_range")
        moment: datetime = self.within(value.astimezone(UTC))
        return moment


class StrictFlag(StrictField):
    """True or false and nothing that merely looks like it."""

    def read(self, value: Any) -> bool:
        """Return the flag."""
        if not isinstance(value, bool):
            fail("boolean_expected")
        return value


class StrictKey(StrictField):
    """The id of a record or user: an integer, or `{"id": 7}` as the API shows it."""

    def read(self, value: Any) -> int:
        """Return the id."""
        if isinstance(value, Mapping) and "id" in value:
            value = value["id"]
        if isinstance(value, bool) or not isinstance(value, int) or not 0 < value < 2**53:
            fail("reference_expected")
        return value


class StrictOption(StrictField):
    """The code of one of the options."""

    def __init__(self, codes: frozenset[str]) -> None:
        super().__init__()
        self.codes = codes

    def read(self, value: Any) -> str:
        """Return the code."""
        if not isinstance(value, str) or value not in self.codes:
            fail("option_unknown", text=str(value)[:60])
        return value


class StrictOptions(StrictField):
    """Codes of several options, each once, in the order given."""

    def __init__(self, codes: frozenset[str]) -> None:
        super().__init__()
        self.codes = codes

    def read(self, value: Any) -> tuple[str, ...] | None:
        """Return the codes; none is None."""
        if isinstance(value, str) or not isinstance(value, (list, tuple)):
            fail("options_expected")
        for code in value:
            if not isinstance(code, str) or code not in self.codes:
                fail("option_unknown", text=str(code)[:60])
        return tuple(dict.fromkeys(value)) or None


class StrictKeys(StrictField):
    """Several ids, each once, at most `limit`: of files, or of what the codes speak of."""

    def __init__(
        self, limit: int, wrong: str = "files_expected", many: str = "files_too_many"
    ) -> None:
        super().__init__()
        self.limit, self.wrong, self.many = limit, wrong, many

    def read(self, value: Any) -> tuple[int, ...] | None:
        """Return the ids; none is None."""
        if not isinstance(value, (list, tuple)):
            fail(self.wrong)
        for key in value:
            if isinstance(key, bool) or not isinstance(key, int) or not 0 < key < 2**53:
                fail(self.wrong)
        if len(value) > self.limit:
            fail(self.many, limit=self.limit)
        return tuple(dict.fromkeys(value)) or None


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) in {"Cc", "Cs", "Cf"}


def _fail_form(form: Pattern) -> NoReturn:
    if form.message is not None:
        fail("text_pattern_said", message=form.message.zh, message_en=form.message.text("en"))
    fail("text_pattern", wanted=form.name.zh, wanted_en=form.name.text("en"))


def _bound(value: Any) -> Decimal | None:
    fixed = fixed_bound(value)
    return None if fixed is None else Decimal(fixed)


def _plain(number: Decimal) -> str:
    return format(shortest(number), "f")
