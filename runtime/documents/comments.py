"""What people say about a record: seen by whoever may view it, told to whoever is named in it."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select, update

from runtime import access
from runtime.compile.model import Form
from runtime.documents import kept_files
from runtime.documents.conditions import clean_comment
from runtime.documents.tables import comments
from runtime.infra import audit, files, notices, users
from runtime.infra.act import Act
from runtime.infra.errors import BadRequest, Forbidden, NotFound, Problem, ValidationFailed
from runtime.infra.notices import Place
from runtime.infra.upsert import insert_row
from runtime.infra.users import user_table
from runtime.query import Record, record

MOST: Final = 500
MOST_NAMED: Final = 20
# A candidate costs a question, and a list longer than this is not read.
OFFERED: Final = 8
AT: Final = "@"


@dataclass(frozen=True)
class Person:
    """Somebody who can be named: `handle` is what stands behind the @, and nobody else's."""

    id: int
    name: str
    handle: str


@dataclass(frozen=True)
class Comment:
    """Something that was said; a comment that was withdrawn says nothing any more."""

    id: int
    author_id: int | None
    author: str
    at: datetime
    text: str
    mentions: tuple[Person, ...]
    files: tuple[files.StoredFile, ...]
    is_withdrawn: bool
    is_own: bool

    @property
    def parts(self) -> tuple[tuple[str, bool], ...]:
        """The text cut at the names in it; True where somebody is named."""
        return tuple(_cut(self.text, [f"{AT}{person.handle}" for person in self.mentions]))


def add(
    act: Act, form: Form, record_id: int, text: str, file_ids: Collection[int] = ()
) -> tuple[int, tuple[str, ...]]:
    """Say something about a record the actor may view.

    Returns the comment's id and who was named in it but may not view the record: they hear nothing.
    """
    if act.actor.user_id is None:
        raise Forbidden
    if record(act, form, record_id) is None:
        raise NotFound
    said, kept = clean_comment(text), kept_files.require_own(act, file_ids, "/files")
    if not said and not kept:
        raise ValidationFailed(problems=[Problem("/text", "comment_empty")])
    named = [person for person in _people(act) if f"{AT}{person.handle}" in said]
    if len(named) > MOST_NAMED:
        raise BadRequest("comment_names_too_many", {"limit": MOST_NAMED})
    named = [person for person in named if _is_named(said, person, named)]
    row = {
        "app": form.app_code,
        "form": form.code,
        "record_id": record_id,
        "author_id": act.actor.user_id,
        "author": act.actor.name,
        "at": act.now,
        "text": said,
        "mentions": [person.id for person in named],
        "files": kept,
    }
    comment_id = insert_row(act.connection, comments, row)
    files.attach(act, kept, f"{form.app_code}.{form.code}", record_id)
    noted = {"comment_id": comment_id}
    audit.write(act, "comment", f"{form.app_code}.{form.code}", record_id, noted)
    seeing = {person.id for person in named if _may_view(act, form, record_id, person.id)}
    _tell(act, form, record_id, comment_id, seeing)
    return comment_id, tuple(person.name for person in named if person.id not in seeing)


def withdraw(act: Act, form: Form, record_id: int, comment_id: int) -> None:
    """Take back what one said oneself; administrators may take back anybody's words."""
    if record(act, form, record_id) is None:
        raise NotFound
    columns = comments.c
    here = (columns.app == form.app_code, columns.form == form.code)
    query = select(columns.author_id).where(
        *here, columns.record_id == record_id, columns.id == comment_id
    )
    found = act.connection.execute(query).one_or_none()
    if found is None:
        raise NotFound
    if found.author_id != act.actor.user_id and not act.actor.is_admin:
        raise Forbidden("comment_is_anothers")
    gone = update(comments).where(columns.id == comment_id, columns.withdrawn_at.is_(None))
    act.connection.execute(gone.values(withdrawn_at=act.now, text="", files=[], mentions=[]))
    noted = {"comment_id": comment_id}
    audit.write(act, "withdraw_comment", f"{form.app_code}.{form.code}", record_id, noted)


def of_record(act: Act, form: Form, record_id: int) -> tuple[Comment, ...]:
    """Return what was said about a record the actor may view, the first word first."""
    if act.actor.user_id is None:
        return ()
    found = record(act, form, record_id)
    return () if found is None else about(act, found)


def about(act: Act, seen: Record) -> tuple[Comment, ...]:
    """Return what was said about a record that was read for the actor, who has signed in."""
    if act.actor.user_id is None:
        return ()
    form, columns = seen.form, comments.c
    query = select(comments).where(
        columns.app == form.app_code, columns.form == form.code, columns.record_id == seen.id
    )
    rows = act.connection.execute(query.order_by(columns.id.desc()).limit(MOST)).all()[::-1]
    kept = files.several(act.connection, {key for row in rows for key in row.files})
    by_id = {file.id: file for file in kept}
    people = {person.id: person for person in _people(act)} if rows else {}
    return tuple(
        Comment(
            row.id,
            row.author_id,
            row.author,
            row.at,
            row.text,
            tuple(people[key] for key in row.mentions if key in people),
            tuple(by_id[key] for key in row.files if key in by_id),
            row.withdrawn_at is not None,
            row.author_id == act.actor.user_id,
        )
        for row in rows
    )


def files_of(act: Act, form: Form, record_id: int) -> frozenset[int]:
    """The files in what was said about a record; what was withdrawn holds none."""
    columns = comments.c
    query = select(columns.files).where(
        columns.app == form.app_code, columns.form == form.code, columns.record_id == record_id
    )
    return frozenset(key for row in act.connection.execute(query).scalars() for key in row)


def candidates(act: Act, form: Form, record_id: int, typed: str) -> tuple[Person, ...]:
    """Return people whose name holds what was typed and who may view the record."""
    if act.actor.user_id is None or record(act, form, record_id) is None:
        return ()
    wanted = users.name_key(typed)
    found: list[Person] = []
    for person in _people(act):
        is_meant = person.id != act.actor.user_id and wanted in users.name_key(person.handle)
        if is_meant and _may_view(act, form, record_id, person.id):
            found.append(person)
        if len(found) == OFFERED:
            break
    return tuple(found)


def _people(act: Act) -> Sequence[Person]:
    """Everybody who works here, longer names first: 张敏敏 is not 张敏."""
    columns = user_table.c
    query = select(columns.id, columns.name, columns.display_name).where(
        columns.is_disabled == False  # noqa: E712 - SQL
    )
    rows = act.connection.execute(query.order_by(columns.id)).all()
    called: dict[str, int] = {}
    for row in rows:
        called[row.display_name] = called.get(row.display_name, 0) + 1
    people = [
        Person(
            row.id,
            row.display_name,
            row.display_name
            if called[row.display_name] == 1
            else f"{row.display_name}({row.name})",
        )
        for row in rows
    ]
    return sorted(people, key=lambda person: -len(person.handle))


def _is_named(said: str, person: Person, named: Collection[Person]) -> bool:
    """Whether the name stands there by itself and not only as the beginning of a longer one."""
    rest = said
    for other in named:
        if len(other.handle) > len(person.handle):
            rest = rest.replace(f"{AT}{other.handle}", "")
    return f"{AT}{person.handle}" in rest


def _cut(text: str, names: Sequence[str]) -> Iterator[tuple[str, bool]]:
    """Cut a text at names, longer ones first."""
    while text:
        places = [(text.find(name), -len(name), name) for name in names if name in text]
        if not places:
            yield text, False
            return
        at, _, name = min(places)
        if at:
            yield text[:at], False
        yield name, True
        text = text[at + len(name) :]


def _tell(act: Act, form: Form, record_id: int, comment_id: int, named: set[int]) -> None:
    """Tell who is named, and who made the record or spoke before."""
    place = Place(form.app_code, form.code, record_id, f"comment-{comment_id}")
    said: Mapping[str, str] = {"person": act.actor.name}
    notices.tell(act, named, "mention", said, place)
    columns, head = comments.c, form.table.c
    made = select(head.created_by).where(head.id == record_id)
    spoke = select(columns.author_id).where(
        columns.app == form.app_code, columns.form == form.code, columns.record_id == record_id
    )
    others = {*act.connection.execute(spoke).scalars(), *act.connection.execute(made).scalars()}
    listening = {each for each in others if each is not None} - named
    notices.tell(act, listening, "comment", said, place)


def _may_view(act: Act, form: Form, record_id: int, user_id: int) -> bool:
    """Whether somebody else may view a record, with the rights of this moment."""
    user = users.find(act.connection, user_id)
    if user is None or user.is_disabled:
        return False
    somebody = user.actor("screen")
    if not access.may(somebody, "view", form):
        return False
    condition, key = access.row_condition(somebody, form), form.table.c.id
    query = select(func.count()).select_from(form.table).where(key == record_id)
    return bool(act.connection.scalar(query if condition is None else query.where(condition)))
