"""Somebody at a browser, and what they read."""

from dataclasses import dataclass

from bs4 import BeautifulSoup
from bs4.element import Tag
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PASSWORD = "a demo for tests"


@dataclass(frozen=True)
class Page:
    """An answer, read."""

    response: TestResponse
    soup: BeautifulSoup

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    def texts(self, selector: str) -> list[str]:
        return [" ".join(found.get_text(" ").split()) for found in self.soup.select(selector)]

    def one(self, selector: str) -> Tag:
        found = self.soup.select(selector)
        assert len(found) == 1, f"{len(found)} × {selector}"
        return found[0]

    def rows(self) -> list[list[str]]:
        """The list's table, cell by cell."""
        return [
            [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
            for row in self.soup.select("#list tbody tr")
        ]


@dataclass
class Person:
    """Somebody at a browser."""

    client: FlaskClient
    token: str = ""

    def get(self, path: str, *, script: bool = False) -> Page:
        headers = {"HX-Request": "true", "HX-Request-Type": "partial"} if script else {}
        return self._read(self.client.get(path, headers=headers))

    def post(self, path: str, *, script: bool = False, **fields: str) -> Page:
        headers = {"HX-Request": "true", "X-CSRFToken": self.token} if script else {}
        data = fields if script else {**fields, "csrf_token": self.token}
        return self._read(self.client.post(path, data=data, headers=headers))

    def sign_in(self, name: str, password: str = PASSWORD, target: str = "") -> Page:
        self.get("/sign-in")
        answer = self.post("/sign-in", name=name, password=password, next=target)
        if answer.status == 303:
            self.get("/preferences")
        return answer

    def _read(self, response: TestResponse) -> Page:
        soup = BeautifulSoup(response.get_data(as_text=True), "lxml")
        field = soup.select_one("input[name=csrf_token]")
        if field is not None:
            self.token = str(field["value"])
        return Page(response, soup)
