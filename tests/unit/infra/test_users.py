from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from runtime.infra import audit, passwords, tokens, users
from runtime.infra.act import Act
from runtime.infra.errors import NotFound, ValidationFailed
from runtime.infra.users import NewUser, Preferences, User
from tests.unit.infra.conftest import PASSWORD, Acting


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("王芳", None),
        ("li.wei2", None),
        ("a b", None),
        ("", "user_name_invalid"),
        ("   ", "user_name_invalid"),
        ("a  b", "user_name_invalid"),
        (" ab", "user_name_invalid"),
        ("x" * 65, "user_name_invalid"),
        ("\u0430dmin", "user_name_invalid"),  # Cyrillic a
        ("\uff41dmin", "user_name_invalid"),  # full-width a
        ("ad\u202emin", "user_name_invalid"),  # direction override
        ("a\u200bb", "user_name_invalid"),  # zero-width space
        ("a\nb", "user_name_invalid"),
        ("<b>", "user_name_invalid"),
        ("LI.WEI", "user_name_taken"),
    ],
)
@pytest.mark.usefixtures("li")
def test_create__name(acting: Acting, name: str, code: str | None) -> None:
    def make(act: Act) -> str | None:
        try:
            users.create(act, NewUser(name, PASSWORD))
        except ValidationFailed as error:
            return error.problems[0].code
        return None

    with acting() as act:
        assert make(act) == code


@pytest.mark.parametrize("password", ["", "1234567", "x" * 129, None, 12345678])
def test_create__password(acting: Acting, password: str) -> None:
    with acting() as act, pytest.raises(ValidationFailed) as refused:
        users.create(act, NewUser("anna", password))
    assert refused.value.problems[0].code == "password_length"


def test_hash__real_parameters_and_salt(monkeypatch: pytest.MonkeyPatch, li: User) -> None:
    assert "password" not in repr(li)
    monkeypatch.undo()
    one, two = passwords.hash_of(PASSWORD), passwords.hash_of(PASSWORD)
    assert one != two
    assert one.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert passwords.matches(one, PASSWORD)
    assert not passwords.matches(one, PASSWORD + " ")
    assert not passwords.matches(None, PASSWORD)
    assert not passwords.is_outdated(one)


def test_everybody_and_roles(acting: Acting, li: User) -> None:
    with acting() as act:
        anna = users.create(act, NewUser("anna", PASSWORD, frozenset({"lead", "clerk"})))
        users.set_disabled(act, li.id, is_disabled=True)
        assert [user.name for user in users.everybody(act.connection)] == ["anna", "li.wei"]
        assert users.with_role(act.connection, "clerk") == (anna.id,)
        assert users.names(act.connection, [anna.id, li.id, 99]) == {anna.id: "anna", li.id: "李伟"}
        with pytest.raises(NotFound):
            users.set_roles(act, 99, {"clerk"})


def test_preferences(acting: Acting, li: User) -> None:
    with acting(li.actor("screen")) as act:
        users.set_preferences(act, Preferences("dark", "compact", "en"))
        assert users.get(act.connection, li.id).preferences == Preferences("dark", "compact", "en")
        with pytest.raises(ValidationFailed) as refused:
            users.set_preferences(act, Preferences("<x>", "dense", "en"))
    assert [problem.pointer for problem in refused.value.problems] == ["/theme", "/density"]


def test_every_change_is_audited(acting: Acting, li: User) -> None:
    with acting() as act:
        users.set_password(act, li.id, "another horse")
        users.set_roles(act, li.id, {"lead"})
        found = audit.entries(act.connection, "user", li.id)
    assert [entry.action for entry in found] == ["update", "reset_password", "create"]
    assert found[0].changes == {"roles": [["clerk"], ["lead"]]}
    assert "horse" not in repr(found)


def test_token(acting: Acting, li: User, now: datetime) -> None:
    with acting() as act:
        token = tokens.create(act, li.id, scope="write", days=1, label="scanner")
        kept = act.connection.execute(select(tokens.token_table.c.token_hash)).scalar_one()
        assert token not in kept
        bearer = tokens.load(act.connection, token, now)
        assert bearer is not None
        assert bearer.user == li
        assert [bearer.reaches(scope) for scope in tokens.SCOPES] == [True, True, False]
        assert tokens.load(act.connection, token, now + timedelta(days=1)) is None
        assert tokens.load(act.connection, token + "x", now) is None


@pytest.mark.parametrize("change", ["password", "disabled", "revoked"])
def test_token__ends(acting: Acting, li: User, now: datetime, change: str) -> None:
    with acting() as act:
        token = tokens.create(act, li.id, scope="read", days=30)
        if change == "password":
            users.set_password(act, li.id, "another horse")
        elif change == "disabled":
            users.set_disabled(act, li.id, is_disabled=True)
        else:
            tokens.revoke(act, act.connection.execute(select(tokens.token_table.c.id)).scalar_one())
        assert tokens.load(act.connection, token, now) is None


@pytest.mark.parametrize(("scope", "days"), [("all", 5), ("read", 0), ("read", 10_000)])
def test_token__refused(acting: Acting, li: User, scope: str, days: int) -> None:
    with acting() as act, pytest.raises(ValidationFailed):
        tokens.create(act, li.id, scope=scope, days=days)
