"""What the keepers of the books do without a document: periods, rules, policies, reservations.

Each writes the audit. Who may do it is asked by the caller.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

from runtime import kernel
from runtime.infra import audit
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, NotFound
from runtime.infra.strict_json import Json
from runtime.posting.refusals import bare_refusal_of


def close_period(act: Act, app_code: str, ym: str) -> kernel.Posted:
    """Close a month (`2026-11`): nothing of it changes any more."""
    header = _header(act, app_code, "close_period", ym)
    posted = _posted(act, kernel.ClosePeriod(header, ym))
    return _noted(act, app_code, "close_period", posted, {"ym": ym})


def reopen_period(act: Act, app_code: str, ym: str, reason: str) -> kernel.Posted:
    """Open the last closed month again; why is kept with it."""
    if not reason.strip():
        raise BadRequest("reason_missing")
    header = _header(act, app_code, "reopen_period", ym)
    posted = _posted(act, kernel.ReopenPeriod(header, ym, reason.strip()))
    return _noted(act, app_code, "reopen_period", posted, {"ym": ym, "reason": reason.strip()})


def set_rules(act: Act, app_code: str, rules: Mapping[str, str]) -> None:
    """Set rules of the books for what is posted from now on."""
    company = _company(act, app_code)
    try:
        kernel.set_rules(act.connection, company.id, rules, act.actor.name, act.now.isoformat())
    except ValueError:
        raise BadRequest("books_rule_unknown", {"rules": ", ".join(sorted(rules))}) from None
    _note(act, app_code, "set_rules", dict(rules))


def set_account_rule(  # noqa: PLR0913 - a rule says what it fits and where it books
    act: Act,
    app_code: str,
    role: str,
    account: str,
    *,
    purpose: str = "*",
    item_group: str = "*",
    warehouse: str = "*",
) -> None:
    """Say which account a change of value is booked on; an empty account takes a rule back."""
    if not role.strip() or not all((purpose, item_group, warehouse)):
        raise BadRequest("account_rule_incomplete")
    rule = kernel.AccountRule(0, purpose, role.strip(), item_group, warehouse, account.strip())
    company = _company(act, app_code)
    now = act.now.isoformat()
    kernel.set_account_rule(act.connection, company.id, rule, act.actor.name, now)
    changes: dict[str, Json] = {
        "role": rule.role, "account": rule.account, "purpose": purpose,
        "item_group": item_group, "warehouse": warehouse,
    }  # fmt: skip
    _note(act, app_code, "set_account_rule", changes)


def change_policy(  # noqa: PLR0913 - what may change of a policy
    act: Act,
    app_code: str,
    item: int,
    *,
    on: date,
    method: str | None = None,
    variance: str | None = None,
    negative: str | None = None,
    estimate_cost: Decimal | None = None,
) -> kernel.Posted:
    """Cost an item differently from a day on, value unchanged; nothing means as before."""
    header = replace(_header(act, app_code, "change_policy", str(item)), date=on)
    command = kernel.ChangePolicy(header, str(item), method, variance, negative, estimate_cost)
    posted = _posted(act, command)
    given = {
        "on": on.isoformat(), "item": item, "method": method, "variance": variance,
        "negative": negative, "estimate_cost": estimate_cost and str(estimate_cost),
    }  # fmt: skip
    said = {name: value for name, value in given.items() if value is not None}
    return _noted(act, app_code, "change_policy", posted, said)


def reserve(  # noqa: PLR0913 - goods of an item, lot and warehouse, for how long
    act: Act,
    app_code: str,
    key: str,
    *,
    item: int,
    warehouse: int,
    qty: Decimal,
    lot: str = "",
    expires: date | None = None,
    party: str = "",
) -> kernel.Posted:
    """Hold goods for somebody under a name of the caller's choosing."""
    header = replace(_header(act, app_code, "reserve", key), key=key, party=party)
    command = kernel.Reserve(header, str(item), str(warehouse), qty, lot=lot, expires=expires)
    posted = _posted(act, command)
    said: dict[str, Json] = {
        "key": key, "item": item, "warehouse": warehouse, "qty": str(qty), "lot": lot,
    }  # fmt: skip
    return _noted(act, app_code, "reserve", posted, said)


def release(act: Act, app_code: str, reservation: str, *, expired: bool = False) -> kernel.Posted:
    """Let go of what is left of a reservation."""
    header = _header(act, app_code, "release", reservation)
    posted = _posted(act, kernel.Release(header, reservation, expired))
    return _noted(act, app_code, "release", posted, {"key": reservation, "expired": expired})


def _company(act: Act, app_code: str) -> kernel.Company:
    found = kernel.find_company(act.connection, app_code)
    if found is None:
        raise NotFound("books_not_open", {"app": app_code})
    return found


def _header(act: Act, app_code: str, verb: str, subject: str) -> kernel.Header:
    """An act may be done again another time: its key is told by the moment."""
    return kernel.Header(
        company=_company(act, app_code).id,
        key=f"{verb}:{subject}:{act.now.isoformat()}",
        date=act.now.date(),
        document=kernel.DocumentRef(verb, subject),
        user=act.actor.name,
        posted_at=act.now,
    )


def _posted(act: Act, command: kernel.Command) -> kernel.Posted:
    answer = kernel.post(act.connection, command)
    if isinstance(answer, kernel.Refused):
        raise bare_refusal_of(answer)
    return answer


def _noted(
    act: Act, app_code: str, action: str, posted: kernel.Posted, changes: Mapping[str, Json]
) -> kernel.Posted:
    _note(act, app_code, action, {**changes, "seq": posted.seq})
    return posted


def _note(act: Act, app_code: str, action: str, changes: Mapping[str, Json]) -> None:
    audit.write(act, action, f"{app_code}.books", None, changes)
