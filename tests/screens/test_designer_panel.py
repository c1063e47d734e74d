"""The property panel of every sort of thing a form is made of, and the tabs beside the canvas."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from builder.designer.panel_spot import every_field, path_of
from builder.packages import read_package
from runtime.kinds.fields import FIELD_TYPES
from tests.screens.person import Person

Signed = Callable[[str], Person]
JXC = Path(__file__).parents[2] / "app_templates" / "jxc"


def things() -> Iterator[tuple[str, str]]:
    """A field of each kind jxc has, in a header and in lines; a form and a section."""
    seen: set[tuple[str, bool]] = set()
    yield "purchase_receipt", ""
    yield "purchase_receipt", "§basic"
    for form in read_package(JXC)["forms"]:
        for lines, field in every_field(form):
            if (field["kind"], lines is None) not in seen:
                seen.add((field["kind"], lines is None))
                yield form["code"], path_of(lines, field)


@pytest.mark.parametrize(("form", "path"), sorted(things()))
def test_panel__of_every_sort_of_thing(person: Signed, form: str, path: str) -> None:
    admin = person("admin")
    base = f"/design/jxc/forms/{form}"
    found = admin.get(f"{base}/panel?path={quote(path)}")
    assert found.status == 200
    assert found.one("#panel")["data-path"] == path
    named = {str(each["data-prop"]) for each in found.soup.select("[data-prop]")}
    assert "label" in named
    # Each option of the kind has a control, but for those that other controls take care of.
    kind = str(found.one("#panel")["data-kind"])
    if kind in FIELD_TYPES:
        schema: Any = FIELD_TYPES[kind].options["properties"]
        wanted = {name for name, part in schema.items() if part.get("widget") != "hidden"}
        shown = {name.removeprefix("options/") for name in named}
        shown |= {str(each["data-formula"]).partition("/")[2] for each in found.soup.select(".pf")}
        assert wanted - shown <= {"current", "set", "stock", "field", "columns", "fill"}
    assert admin.get(f"{base}/panel/more?path={quote(path)}").status == 200
    assert admin.get(f"{base}/rules?path={quote(path)}").status == 200


def test_panel__in_english_has_no_chinese_of_ours(person: Signed) -> None:
    admin = person("admin")
    admin.client.set_cookie("language", "en")
    for path in ("", "lines", "lines.item", "amount_total", "document_no", "%C2%A7basic"):
        found = admin.get(f"/design/jxc/forms/purchase_receipt/panel?path={path}")
        for each in found.soup.select("label, .lbl, h3, button, .help, legend"):
            text = each.get_text()
            assert not any("一" <= sign <= "鿿" for sign in text), (path, text)


@pytest.mark.parametrize("tab", ["access", "lists", "rules/edit?sort=rule", "rules/edit?at=0"])
def test_tabs__are_the_administrators(person: Signed, tab: str) -> None:
    address = f"/design/jxc/forms/purchase_receipt/{tab}"
    there = 404 if tab.endswith("at=0") else 200
    assert person("admin").get(address).status == there
    assert person("wangjianguo").get(address).status == 403
    assert person("admin").get(f"/design/jxc/forms/none/{tab}").status == 404


def test_eyes__say_what_comes_from_which_role(person: Signed) -> None:
    admin = person("admin")
    found = admin.get("/design/jxc/forms/purchase_receipt/access")
    people = {
        option.get_text(): str(option["value"]) for option in found.soup.select("#ac-as option")
    }
    seen = admin.get(f"/design/jxc/forms/purchase_receipt/access?as={people['王建国']}")
    reasons = [each.get_text(" ") for each in seen.soup.select("#ac-eyes .ac-yes")]
    assert len(reasons) == 10
    assert all("仓库主管" in reason for reason in reasons)
    other = admin.get(f"/design/jxc/forms/supplier/access?as={people['张敏']}")
    assert "所以看不到它" in other.one("#ac-eyes").get_text()
