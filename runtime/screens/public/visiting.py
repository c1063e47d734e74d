"""What anybody sees who has a public link: a form to fill in, or a list to read."""

from typing import Any, Final

from flask import Response, g, request, session, url_for

from runtime import access, documents, query
from runtime.compile import Field, Form
from runtime.infra import public_links as links
from runtime.infra import puzzles, sessions
from runtime.infra.act import Act
from runtime.infra.errors import AppError, Forbidden, NotFound, ValidationFailed
from runtime.infra.public_links import PublicLink
from runtime.infra.puzzles import Puzzle
from runtime.infra.sessions import Visitor
from runtime.query import PageRequest
from runtime.screens.acting import carry_out, platform, reading
from runtime.screens.errors import texts
from runtime.screens.form_values import read_some
from runtime.screens.i18n import _, label, said
from runtime.screens.public.fields import readable
from runtime.screens.render import go, render
from runtime.screens.routes import permission

OPENED: Final = "links"
MOST_OPENED: Final = 20
REFUSED: Final = frozenset({400, 403, 409, 422, 429})
BODY: Final = 200_000


@permission("public")
def public_page(link_token: str) -> Response:
    """Show what the link is for."""
    link = _link(link_token)
    if _is_locked(link):
        return _password(link, link_token)
    return _form(link, link_token) if link.purpose == "add" else _list(link, link_token)


@permission("public", body=BODY)
def send_public_form(link_token: str) -> Response:
    """Keep what somebody without an account filled in."""
    link = _link(link_token)
    if link.purpose != "add":
        raise NotFound
    if _is_locked(link):
        return _password(link, link_token)
    try:
        _count(f"#link{link.id}")
        _require_answer(link)
        carry_out(lambda act: _keep(act, link))
    except AppError as refusal:
        if refusal.status not in REFUSED:
            raise
        return _form(link, link_token, texts(refusal), refusal.status)
    return render("public/thanks.html", heading=link.label)


@permission("public")
def open_public_link(link_token: str) -> Any:
    """Take the password of a link."""
    link = _link(link_token)
    here = platform()
    try:
        attempt = _count(f"#link-password{link.id}")
    except AppError as refusal:
        return _password(link, link_token, texts(refusal)[0], refusal.status)
    with here.database.transaction() as connection:
        if not links.opens(connection, link.id, request.form.get("password", "")):
            return _password(link, link_token, said("public_link_password_wrong"), 422)
        sessions.forgive(connection, attempt)
    known = [each for each in session.get(OPENED, []) if each != link.id]
    session[OPENED] = [*known[-MOST_OPENED:], link.id]
    return go("screens.public_page", link_token=link_token)


def _link(token: str) -> PublicLink:
    """The link of a token, as nobody else; what is not there and what is over look alike."""
    here = platform()
    with here.database.reading() as connection:
        found = links.find(connection, token) if len(token) <= 64 else None
    if found is None or found.state(here.clock()):
        raise NotFound("public_link_gone")
    # Whoever is signed in here is nobody all the same.
    g.actor = found.actor()
    return found


def _is_locked(link: PublicLink) -> bool:
    return link.has_password and link.id not in session.get(OPENED, [])


def _count(key: str) -> int:
    """Count an attempt; after a few each next one has to wait longer."""
    here = platform()
    visitor = Visitor(request.remote_addr or "", request.user_agent.string)
    return sessions.counted(here.database, key, visitor, here.clock())


def _require_answer(link: PublicLink) -> None:
    """Ask for the answer to the question, and for an empty box that only programs fill in."""
    if request.form.get("_homepage", ""):
        raise Forbidden("public_puzzle_wrong")
    if not link.asks_puzzle:
        return
    here, sent = platform(), request.form
    # Spent whatever comes of it, so outside of the act.
    with here.database.transaction() as connection:
        token, answer = sent.get("_puzzle", "")[:64], sent.get("_answer", "")[:20]
        is_right = puzzles.solve(connection, token, answer, here.clock())
    if not is_right:
        raise ValidationFailed("public_puzzle_wrong")


def _keep(act: Act, link: PublicLink) -> None:
    form = platform().catalogue.form(act.connection, link.app, link.form)
    links.use(act, link)
    documents.create(act, form, read_some(act, form, request.form, _asked(act, form)))


def _asked(act: Act, form: Form) -> tuple[Field, ...]:
    return access.visible_fields(act.actor, form)


def _form(
    link: PublicLink, token: str, problems: tuple[str, ...] = (), status: int = 200
) -> Response:
    here = platform()
    with reading() as act:
        form = here.catalogue.form(act.connection, link.app, link.form)
        boxes = [_box(item) for item in _asked(act, form)]
    puzzle = None
    if link.asks_puzzle:
        with here.database.transaction() as connection:
            puzzle = puzzles.make(connection, here.clock())
    return render(
        "public/form.html",
        status=status,
        heading=link.label,
        action=url_for("screens.send_public_form", link_token=token),
        boxes=boxes,
        typed=request.form,
        problems=problems,
        puzzle=puzzle,
        question=_question(puzzle) if puzzle else "",
    )


def _box(item: Field) -> dict[str, Any]:
    kind = item.kind.kind
    options = item.options.get("options") or ()
    choices = [(each["code"], label(each["label"])) for each in options] if kind == "choice" else []
    return {
        "code": item.code,
        "label": label(item.label),
        "kind": kind,
        "is_required": item.required,
        "choices": choices,
        "help": label(item.definition.help) if item.definition.help else "",
    }


def _question(puzzle: Puzzle) -> str:
    match puzzle.kind:
        case "sum":
            return _("%(a)s加%(b)s等于几？", a=puzzle.parts[0], b=puzzle.parts[1])
        case "largest":
            return _("%(numbers)s，哪个最大？", numbers="、".join(puzzle.parts))
    return _("“%(signs)s”里第%(n)s个字是几？", signs=puzzle.parts[0], n=puzzle.parts[1])


def _list(link: PublicLink, token: str) -> Response:
    with reading() as act:
        form = platform().catalogue.form(act.connection, link.app, link.form)
        shown = {item.code for item in access.visible_fields(act.actor, form)}
        columns = tuple(item.code for item in readable(form) if item.code in shown)
        after = request.args.get("after", "")[:2000]
        page = query.page(act, form, PageRequest(columns=columns, after=after, size=50))
        following = url_for("screens.public_page", link_token=token, after=page.next)
        return render(
            "public/list.html",
            heading=link.label,
            columns=[label(item.label) for item in page.columns],
            rows=[[row.shown[item.code] for item in page.columns] for row in page.rows],
            following=following if page.next else "",
        )


def _password(link: PublicLink, token: str, problem: str = "", status: int = 200) -> Response:
    return render(
        "public/password.html",
        status=status,
        heading=link.label,
        problem=problem,
        action=url_for("screens.open_public_link", link_token=token),
    )
