"""The second step: the standard's own examples, no code twice, codes for paper, who needs it."""

import hmac
from base64 import b64decode, b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select

from runtime.infra import kept_secret, second_factor, sessions, totp, users
from runtime.infra.db import Database
from runtime.infra.errors import Conflict, Forbidden, NotSignedIn, ValidationFailed
from runtime.infra.second_factor import ADMINISTRATORS, EVERYBODY, factor_table, recovery_table
from runtime.infra.sessions import SecondFactorNeeded, Visitor
from runtime.infra.settings import Settings
from runtime.infra.users import NewUser, User
from tests.unit.infra.conftest import PASSWORD, Acting

KEYS = ("a key of the server that is long",)
HERE = Visitor("10.0.0.1", "Firefox")
STEP = timedelta(seconds=totp.SECONDS)
# RFC 6238, appendix B, the last six of eight digits: seconds since 1970 and the code.
VECTORS = (
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
)


def turned_on(acting: Acting, user: User, now: datetime) -> tuple[bytes, tuple[str, ...]]:
    with acting() as act:
        second_factor.begin(act, user.id, KEYS)
        secret = second_factor.unfinished(act.connection, user.id, KEYS)
        assert secret is not None
        # With the code of the half minute before, so that the present one is still unused.
        code = totp.code(secret, totp.step_of(now) - 1)
        return secret, second_factor.confirm(act, user.id, code, KEYS)


@pytest.mark.parametrize(("seconds", "code"), VECTORS)
def test_code__examples_of_the_standard(seconds: int, code: str) -> None:
    moment = datetime.fromtimestamp(seconds, UTC)
    assert totp.code(b"12345678901234567890", totp.step_of(moment)) == code
    assert list(totp.steps_of(b"12345678901234567890", code, moment)) == [totp.step_of(moment)]


def test_address__what_the_apps_read() -> None:
    parts = urlsplit(totp.address(b"12345678901234567890", "李 伟&x=1", "Dajian"))
    assert (parts.scheme, parts.netloc) == ("otpauth", "totp")
    assert parse_qs(parts.query) == {
        "secret": ["GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"],
        "issuer": ["Dajian"],
    }


def test_kept_secret__only_with_the_key_and_for_its_purpose() -> None:
    stored = kept_secret.hide(b"twenty bytes of that", "one", ("old",))
    assert stored != kept_secret.hide(b"twenty bytes of that", "one", ("old",))
    assert kept_secret.reveal(stored, "one", ("new", "old")) == b"twenty bytes of that"
    assert kept_secret.reveal(stored, "other", ("old",)) is None
    assert kept_secret.reveal(stored, "one", ("new",)) is None
    for place in (0, 20, 40, len(stored) - 5):
        changed = "A" if stored[place] != "A" else "B"
        forged = stored[:place] + changed + stored[place + 1 :]
        assert kept_secret.reveal(forged, "one", ("old",)) is None, place


def test_kept_secret__that_is_longer_than_a_block_of_its_pad() -> None:
    for length in (1, 31, 32, 33, 64, 67, kept_secret.LONGEST):
        secret = b"a" * length
        stored = kept_secret.hide(secret, "one", ("key",))
        assert kept_secret.reveal(stored, "one", ("key",)) == secret
        covered = b64decode(stored)[16:-32]
        # One pad for all blocks would cover the same letters alike.
        assert len(covered) == length
        assert covered[:32] != covered[32:64] or length <= 32


def test_kept_secret__of_before_secrets_were_long() -> None:
    """What was kept by the version before this one is found again."""
    once = bytes(range(16))
    own = hmac.digest(b"key", b"dajian one", "sha256")
    pad = hmac.digest(own, b"pad" + once, "sha256")
    body = once + bytes(a ^ b for a, b in zip(b"twenty bytes of that", pad, strict=False))
    stored = b64encode(body + hmac.digest(own, b"mark" + body, "sha256")).decode()
    assert kept_secret.reveal(stored, "one", ("key",)) == b"twenty bytes of that"


def test_stored__neither_secret_nor_codes_in_clear(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    secret, codes = turned_on(acting, li, now)
    with ready.reading() as connection:
        stored = connection.execute(select(factor_table.c.secret)).scalar_one()
        hashes = connection.execute(select(recovery_table.c.code_hash)).scalars().all()
    assert totp.spelled(secret) not in stored
    assert len(set(codes)) == len(hashes) == second_factor.CODES
    assert not any(code.replace("-", "") in "".join(hashes).upper() for code in codes)


def test_code__once_and_not_too_far_from_now(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    secret, _ = turned_on(acting, li, now)

    def tried(code: str, at: datetime) -> bool:
        with ready.transaction() as connection:
            return second_factor.accepts(connection, li.id, code, at, KEYS)

    step = totp.step_of(now)
    later = now + 4 * STEP
    assert not tried(totp.code(secret, step + 2), later)
    assert not tried(totp.code(secret, step + 6), later)
    assert tried(totp.code(secret, step + 4), later)
    assert not tried(totp.code(secret, step + 4), later)
    # Once a code was used, an earlier one is void, too.
    assert not tried(totp.code(secret, step + 3), later)
    assert tried(f" {totp.code(secret, step + 5)[:3]} {totp.code(secret, step + 5)[3:]} ", later)
    for rubbish in ("", "000000x", "１２３４５６", "1" * 128):
        assert not tried(rubbish, later), rubbish


def test_code__two_who_type_it_at_once(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    secret, codes = turned_on(acting, li, now)

    def tried(code: str) -> bool:
        with ready.transaction() as connection:
            return second_factor.accepts(connection, li.id, code, now, KEYS)

    for code in (totp.code(secret, totp.step_of(now)), codes[0]):
        with ThreadPoolExecutor(4) as pool:
            assert sorted(pool.map(tried, [code] * 4)) == [False, False, False, True]


def test_sign_in__asks_for_the_code_and_counts_wrong_ones(
    acting: Acting, ready: Database, li: User, now: datetime
) -> None:
    secret, codes = turned_on(acting, li, now)
    with pytest.raises(NotSignedIn) as refused:
        sessions.sign_in(ready, "li.wei", "wrong horse", HERE, now)
    assert not isinstance(refused.value, SecondFactorNeeded)
    with pytest.raises(SecondFactorNeeded) as needed:
        sessions.sign_in(ready, "li.wei", PASSWORD, HERE, now)
    waiting = needed.value
    code = totp.code(secret, totp.step_of(now))
    assert sessions.second_step(ready, waiting, code, HERE, now, KEYS).user == li
    paper = codes[3].lower().replace("-", "")
    assert sessions.second_step(ready, waiting, paper, HERE, now, KEYS).user == li
    for typed in (code, codes[3], "000000", None, 7):
        with pytest.raises(NotSignedIn):
            sessions.second_step(ready, waiting, typed, HERE, now, KEYS)
    # Five wrong ones: now it takes patience, also with the right one.
    with pytest.raises(Exception, match="sign_in_wait"):
        sessions.second_step(ready, waiting, codes[4], HERE, now, KEYS)
    with acting() as act:
        users.end_credentials(act, li.id)
    with pytest.raises(NotSignedIn):
        sessions.second_step(ready, waiting, codes[4], HERE, now + timedelta(hours=1), KEYS)


def test_setting_up__not_twice_not_with_a_wrong_code(
    acting: Acting, li: User, now: datetime
) -> None:
    with acting() as act:
        second_factor.begin(act, li.id, KEYS)
        first = second_factor.unfinished(act.connection, li.id, KEYS)
        second_factor.begin(act, li.id, KEYS)
        assert second_factor.unfinished(act.connection, li.id, KEYS) != first
        with pytest.raises(ValidationFailed):
            second_factor.confirm(act, li.id, "000000", KEYS)
        assert not second_factor.state(act.connection, li.id).is_on
    _, codes = turned_on(acting, li, now)
    with acting() as act:
        state = second_factor.state(act.connection, li.id)
        assert (state.is_on, state.codes_left) == (True, 10)
        with pytest.raises(Conflict):
            second_factor.begin(act, li.id, KEYS)
        assert second_factor.unfinished(act.connection, li.id, KEYS) is None
        fresh = second_factor.renew_codes(act, li.id)
        assert not second_factor.accepts(act.connection, li.id, codes[0], now, KEYS)
        assert second_factor.accepts(act.connection, li.id, fresh[0], now, KEYS)
        second_factor.remove(act, li.id)
        assert not second_factor.state(act.connection, li.id).is_on
        assert not second_factor.accepts(act.connection, li.id, fresh[1], now, KEYS)


def test_rules__who_lacks_what_a_rule_asks_for(
    acting: Acting, ready: Database, li: User, now: datetime, settings: Settings
) -> None:
    with acting() as act:
        boss = users.create(act, NewUser("boss", PASSWORD, is_admin=True))
    opened = {
        user.id: sessions.sign_in(ready, user.name, PASSWORD, HERE, now) for user in (li, boss)
    }

    def lacking(*roles: str) -> list[bool]:
        with acting() as act:
            second_factor.set_rules(act, roles)
        found = []
        with ready.reading() as connection:
            for user in (li, boss):
                session = sessions.load(connection, opened[user.id].token, settings, now)
                assert session is not None
                found.append(session.lacks_factor)
        return found

    assert lacking() == [False, False]
    assert lacking("other") == [False, False]
    assert lacking("clerk") == [True, False]
    assert lacking(ADMINISTRATORS) == [False, True]
    assert lacking(EVERYBODY) == [True, True]
    turned_on(acting, li, now)
    assert lacking(EVERYBODY) == [False, True]
    with acting(li.actor("screen")) as act:
        with pytest.raises(Forbidden):
            second_factor.remove(act, li.id)
        second_factor.remove(act, li.id, by_rule=False)
    assert lacking("clerk") == [True, False]
