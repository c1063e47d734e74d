"""Every way to write values of a record, as somebody at a browser and as a program goes it.

Each takes who writes, the record aimed at and the fields that change; what an answer says is not
believed, so all that is told of it is its status.
"""

import io
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from flask import Flask
from openpyxl import Workbook
from sqlalchemy import select

from runtime.infra import jobs, tokens, users
from runtime.infra.act import SYSTEM, Act
from runtime.platform import Platform
from runtime.tasks import TASKS
from tests.api.conftest import Api
from tests.screens.conftest import NOW
from tests.screens.person import Person
from tests.security.rules_company import CODES, GOOD, LABELS, Past

numbers = itertools.count(1)
API: Final = "/apps/rules/forms"
Row = dict[str, Any]
Change = dict[str, str]


@dataclass
class World:
    """The application, what its past was, and the people in it."""

    app: Flask
    past: Past
    links: dict[str, str] = field(default_factory=dict)
    _people: dict[str, "Writer"] = field(default_factory=dict)

    @property
    def platform(self) -> Platform:
        found: Platform = self.app.extensions["dajian"]
        return found

    def writer(self, name: str) -> "Writer":
        """Somebody, signed in and with a token."""
        if name not in self._people:
            person = Person(self.app.test_client())
            assert person.sign_in(name).status == 303
            with self.platform.database.transaction() as connection:
                user = users.by_name(connection, name)
                assert user is not None
                token = tokens.create(Act(connection, SYSTEM, NOW), user.id, scope="write", days=1)
            self._people[name] = Writer(self, person, Api(self.app.test_client(), token))
        return self._people[name]

    def rows(self, form: str = "thing") -> list[Row]:
        """Every record of a form, lines too, as the tables have them."""
        with self.platform.database.reading() as connection:
            found = self.platform.catalogue.form(connection, "rules", form)
            query = select(found.table).order_by(found.table.c.id)
            rows = [dict(row) for row in connection.execute(query).mappings()]
            for row in rows:
                for table in found.lines:
                    lines = select(table.table).where(table.table.c.parent_id == row["id"])
                    told = connection.execute(lines.order_by(table.table.c.line_no)).mappings()
                    row[table.code] = [dict(line) for line in told]
        return [{key.removeprefix("f_"): value for key, value in row.items()} for row in rows]

    def row(self, form: str, record_id: int) -> Row:
        return next(row for row in self.rows(form) if row["id"] == record_id)

    def work(self) -> None:
        """Run every job there is."""
        while jobs.run_one(self.platform.database, self.platform.settings, TASKS):
            pass


@dataclass
class Writer:
    """Somebody who writes; `form` and `id` say which record they aim at."""

    world: World
    person: Person
    api: Api
    form: str = "thing"
    id: int = 1

    def at(self, form: str, record_id: int) -> "Writer":
        return Writer(self.world, self.person, self.api, form, record_id)

    @property
    def version(self) -> int:
        return int(self.world.row(self.form, self.id)["version"])

    @property
    def _page(self) -> str:
        return f"/a/rules/{self.form}"

    # ------------------------------------------------------------ screens

    def form_create(self, change: Change) -> int:
        fields = {**GOOD, "no": f"N{next(numbers)}", **change, "version": "0"}
        return self.person.post(self._page, **fields).status

    def form_update(self, change: Change) -> int:
        row = self.world.row(self.form, self.id)
        kept = {code: str(row[code]) for code in GOOD if row[code] is not None}
        for number, line in enumerate(row.get("rows", [])):
            cells = {code: str(line[f"f_{code}"]) for code in ("what", "qty")}
            cells["id"] = str(line["id"])
            kept |= {f"rows.{number}.{code}": value for code, value in cells.items()}
        fields = {**kept, **change, "version": str(self.version)}
        return self.person.post(f"{self._page}/{self.id}", **fields).status

    def inline(self, change: Change) -> int:
        ((code, value),) = change.items()
        address = f"{self._page}/{self.id}/cells/{code}"
        fields = {code: value, "version": str(self.version)}
        return self.person.post(address, script=True, **fields).status

    def sheet(self, change: Change) -> int:
        rows = [{"id": self.id, "version": self.version, "cells": change}]
        return self._json(f"{self._page}/sheet", {"rows": rows})

    def bulk(self, change: Change) -> int:
        ((code, value),) = change.items()
        fields = {"action": "update", "ids": str(self.id), "field": code, code: value}
        return self.person.post(f"{self._page}/batches", script=True, **fields).status

    def bulk_as_a_job(self, change: Change) -> int:
        status = self.bulk(change)
        self.world.work()
        return status

    def bulk_submit(self, _change: Change) -> int:
        fields = {"action": "submit", "ids": str(self.id)}
        return self.person.post(f"{self._page}/batches", script=True, **fields).status

    def submit(self, _change: Change) -> int:
        address = f"{self._page}/{self.id}/submission"
        return self.person.post(address, version=str(self.version)).status

    def delete(self, _change: Change) -> int:
        address = f"{self._page}/{self.id}/deletion"
        return self.person.post(address, version=str(self.version)).status

    def restore(self, version_id: int) -> int:
        address = f"{self._page}/{self.id}/versions/{version_id}/restoration"
        return self.person.post(address, version=str(self.version)).status

    def undelete(self) -> int:
        return self.person.post(f"{self._page}/bin/{self.id}/restoration").status

    def undo(self, batch_id: int) -> int:
        return self.person.post(f"{self._page}/batches/{batch_id}/undoing", script=True).status

    def convert(self) -> int:
        fields = {"id": str(self.id), "line": str(self.id)}
        return self.person.post(f"{self._page}/conversions/grow", **fields).status

    def _json(self, address: str, body: Any) -> int:
        headers = {"X-CSRFToken": self.person.token}
        return self.person.client.post(address, json=body, headers=headers).status_code

    # ------------------------------------------------------------ programs

    def send(self, method: str, path: str, body: Any = None, *, key: bool = False) -> int:
        headers = {"If_Match": f'"{self.version}"'} if not path.startswith("?") else {}
        if key:
            headers["Idempotency_Key"] = f"rules-{next(numbers)}"
        return self.api.send(
            method, f"{API}/{self.form}{path.lstrip('?')}", body, **headers
        ).status_code

    def rest_create(self, change: Change) -> int:
        values = _json_values({**GOOD, "no": f"N{next(numbers)}", **change})
        return self.send("POST", "?/records", {"values": values}, key=True)

    def rest_create_and_submit(self, change: Change) -> int:
        values = _json_values({**GOOD, "no": f"N{next(numbers)}", **change})
        whole = {**values, "rows": [{"what": "x", "qty": "1"}]}
        return self.send("POST", "?/records", {"values": whole, "submit": True}, key=True)

    def rest_update(self, change: Change) -> int:
        body = {"values": _json_values(change)}
        return self.send("PATCH", f"/records/{self.id}", body)

    def rest_delete(self, _change: Change) -> int:
        return self.send("DELETE", f"/records/{self.id}")

    def rest_submit(self, _change: Change) -> int:
        return self.send("POST", f"/records/{self.id}/submission", key=True)

    def rest_batch_create(self, change: Change) -> int:
        values = _json_values({**GOOD, "no": f"N{next(numbers)}", **change})
        return self._batch({"op": "create", "values": values})

    def rest_batch_update(self, change: Change) -> int:
        seen = {"id": self.id, "version": self.version}
        return self._batch({"op": "update", **seen, "values": _json_values(change)})

    def rest_batch_submit(self, _change: Change) -> int:
        return self._batch({"op": "submit", "id": self.id, "version": self.version})

    def _batch(self, operation: Any) -> int:
        body = {"operations": [operation], "atomic": False}
        key = f"rules-{next(numbers)}"
        answer = self.api.send("POST", f"{API}/{self.form}/batch", body, Idempotency_Key=key)
        # Each operation is answered for itself.
        found = answer.get_json().get("results", [{"status": answer.status_code}])
        return int(found[0]["status"])

    def rest_restore(self, version_id: int) -> int:
        path = f"/records/{self.id}/versions/{version_id}/restoration"
        return self.send("POST", path, key=True)

    def rest_undelete(self) -> int:
        return self.send("POST", f"?/bin/{self.id}/restoration", key=True)

    def rest_convert(self) -> int:
        body = {"lines": [{"record": self.id}]}
        return self.send("POST", "?/conversions/grow", body, key=True)

    def line_add(self, change: Change) -> int:
        values = {"what": "x", "qty": "1", **change}
        body = {"values": _json_values(values)}
        return self.send("POST", f"/records/{self.id}/lines/rows", body)

    def line_change(self, change: Change) -> int:
        line = self.world.row(self.form, self.id)["rows"][0]["id"]
        body = {"values": _json_values(change)}
        return self.send("PATCH", f"/records/{self.id}/lines/rows/{line}", body)

    def line_remove(self, _change: Change) -> int:
        line = self.world.row(self.form, self.id)["rows"][0]["id"]
        return self.send("DELETE", f"/records/{self.id}/lines/rows/{line}")

    def lines_by_form(self, change: Change) -> int:
        cells = {"what": "x", "qty": "1", **change}
        return self.form_update({f"rows.0.{code}": value for code, value in cells.items()})

    def lines_as_values(self, change: Change) -> int:
        line = {"what": "x", "qty": "1", **change}
        body = {"values": {"rows": [_json_values(line)]}}
        return self.send("PATCH", f"/records/{self.id}", body)

    # ------------------------------------------------------------ others

    def public(self, change: Change) -> int:
        """Somebody without an account, by a link that an administrator has made."""
        address = self.world.links["thing"]
        visitor = Person(self.world.app.test_client())
        visitor.get(address)
        fields = {**GOOD, "no": f"N{next(numbers)}", **change}
        return visitor.post(address, **fields).status

    def imported(self, rows: list[Change]) -> int:
        """A workbook, taken as the wizard offers it, and the job that carries it out."""
        data = {"file": (io.BytesIO(_workbook(rows)), "东西.xlsx"), "csrf_token": self.person.token}
        address = f"/imports/rules?form={self.form}"
        answer = self.person.client.post(address, data=data)
        if answer.status_code != 303:
            return answer.status_code
        found = re.search(r"/imports/rules/(\d+)", answer.location)
        assert found is not None, answer.location
        batch = f"/imports/rules/{found[1]}"
        columns = self.person.get(f"{batch}/columns?form={self.form}")
        chosen = _as_offered(columns.one("form#columns"))
        assert self.person.post(f"{batch}/columns", **chosen).status == 303
        status = self.person.post(f"{batch}/run").status
        self.world.work()
        return status


def _json_values(values: Change) -> dict[str, Any]:
    return {code: value or None for code, value in values.items()}


def _workbook(rows: list[Change]) -> bytes:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(LABELS)
    for number, change in enumerate(rows):
        whole = {**GOOD, "no": f"I{number}", **change}
        sheet.append([whole.get(code, "") for code in CODES])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _as_offered(form: Any) -> dict[str, str]:
    """What a browser sends when nothing is touched."""
    fields = {
        str(box["name"]): str(box.get("value", ""))
        for box in form.select("input[name]")
        if box.get("type") not in {"checkbox", "radio"} or box.has_attr("checked")
    }
    for box in form.select("select[name]"):
        chosen = box.select_one("option[selected]") or box.select_one("option")
        fields[str(box["name"])] = str(chosen["value"]) if chosen else ""
    fields.pop("csrf_token", None)
    return fields


Way = Callable[[Writer, Change], int]
# Ways that write one record, by the address each goes to.
MAKING: Final[dict[str, tuple[str, Way]]] = {
    "form": ("screens.create_record", Writer.form_create),
    "program": ("api.create_record", Writer.rest_create),
    "program, many": ("api.batch_records", Writer.rest_batch_create),
    "public link": ("screens.send_public_form", Writer.public),
}
CHANGING: Final[dict[str, tuple[str, Way]]] = {
    "form": ("screens.update_record", Writer.form_update),
    "cell": ("screens.save_cell", Writer.inline),
    "sheet": ("screens.save_sheet", Writer.sheet),
    "many": ("screens.create_batch", Writer.bulk),
    "many, as a job": ("documents.batch", Writer.bulk_as_a_job),
    "program": ("api.update_record", Writer.rest_update),
    "program, many": ("api.batch_records", Writer.rest_batch_update),
}
SUBMITTING: Final[dict[str, tuple[str, Way]]] = {
    "button": ("screens.submit_record", Writer.submit),
    "many": ("screens.create_batch", Writer.bulk_submit),
    "program": ("api.submit_record", Writer.rest_submit),
    "program, many": ("api.batch_records", Writer.rest_batch_submit),
}
ON_LINES: Final[dict[str, tuple[str, Way]]] = {
    "form": ("screens.update_record", Writer.lines_by_form),
    "program, whole": ("api.update_record", Writer.lines_as_values),
    "program, new line": ("api.create_line", Writer.line_add),
    "program, one line": ("api.update_line", Writer.line_change),
}
ENDING: Final[dict[str, tuple[str, Way]]] = {
    "deletion": ("screens.delete_record", Writer.delete),
    "deletion by program": ("api.delete_record", Writer.rest_delete),
    "line taken out": ("api.delete_line", Writer.line_remove),
}
# Ways that bring back or take over what is there already.
RESTORING: Final[dict[str, tuple[str, Callable[[Writer, int], int]]]] = {
    "version": ("screens.restore_version", Writer.restore),
    "version by program": ("api.restore_version", Writer.rest_restore),
}
UNDELETING: Final[dict[str, tuple[str, Callable[[Writer], int]]]] = {
    "bin": ("screens.undelete_record", Writer.undelete),
    "bin by program": ("api.undelete_record", Writer.rest_undelete),
}
UNDOING: Final[dict[str, tuple[str, Callable[[Writer, int], int]]]] = {
    "batch": ("screens.undo_batch", Writer.undo),
}
CONVERTING: Final[dict[str, tuple[str, Callable[[Writer], int]]]] = {
    "conversion": ("screens.convert_records", Writer.convert),
    "conversion by program": ("api.convert_records", Writer.rest_convert),
}
IMPORTING: Final = ("screens.create_import", "screens.choose_import_columns",
                    "screens.start_import", "exchange.import_rows")  # fmt: skip
TRIED: Final = frozenset(IMPORTING).union(
    *(
        {place for place, _way in group.values()}
        for group in (MAKING, CHANGING, SUBMITTING, ON_LINES, ENDING)
    ),
    *({place for place, _way in group.values()} for group in (RESTORING, UNDOING)),
    *({place for place, _way in group.values()} for group in (UNDELETING, CONVERTING)),
)
