"""What a test does and where it failed, in words."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from runtime.definitions.label import read_label
from runtime.infra import strict_json
from runtime.infra.messages import catalogue
from runtime.infra.strict_json import Json
from runtime.screens.i18n import _, joined, label, said

_SHOWN: Final = 160
Test = Mapping[str, Any]
Source = Mapping[str, Any]


def sentences(source: Source, test: Test) -> Iterator[str]:
    """Each step of a test in a sentence: who does what."""
    for step in steps_of(test):
        verb = _verbs().get(str(step["do"]), str(step["do"]))
        what = form_name(source, step["form"]) if "form" in step else step.get("record", "")
        goods = joined(str(step[name]) for name in ("item", "warehouse") if name in step)
        by = str(step.get("by", "admin"))
        # The reader sees at once whom, what, and as which name it goes on.
        words = (person_name(source, by), verb, str(what), goods)
        text = " ".join(word for word in words if word)
        yield _("%(what)s，记作“%(name)s”", what=text, name=step["as"]) if "as" in step else text


def steps_of(test: Test) -> list[Test]:
    """The steps of a test; an example is one."""
    if "example" in test:
        return [{"do": "send", **test["example"]}]
    return list(test["steps"])


def place_words(source: Source, test: Test, at: str) -> str:
    """Where in a test something was not as expected: the step, then the field by its name."""
    parts = at.strip("/").split("/")
    if parts[0] == "after":
        return _("接在后面的那个测试")
    number = int(parts[1]) if parts[0] == "steps" and len(parts) > 1 else 0
    rest = parts[2:] if parts[0] == "steps" else parts[1:]
    steps = steps_of(test)
    step = steps[number] if number < len(steps) else {}
    names = _field_names(source, step.get("form", ""))
    shown = [_part(names, part) for part in rest if part not in ("expect", "values", "shown", "-")]
    place = _("第 %(n)s 步", n=number + 1)
    return " · ".join((place, *shown))


def _part(names: Mapping[str, str], part: str) -> str:
    if part.isdecimal():
        return _("第 %(n)s 行", n=int(part) + 1)
    return names.get(part) or _expected_words().get(part, part)


def _field_names(source: Source, code: str) -> dict[str, str]:
    """The names of a form's fields, of all forms where a step names none."""
    forms = [form for form in source["forms"] if form["code"] == code] or source["forms"]
    found: dict[str, str] = {}
    for form in forms:
        for field in form["fields"]:
            columns = field.get("options", {}).get("fields", ())
            for each in (field, *columns):
                found.setdefault(each["code"], label(read_label(each.get("label"), each["code"])))
    return found


def value_words(value: Json) -> str:
    """What was expected, or what there was, in one line."""
    if value is None:
        return _("没有")
    if isinstance(value, Mapping):
        return _mapping_words(value)
    text = value if isinstance(value, str) else strict_json.dumps(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def _mapping_words(value: Mapping[str, Json]) -> str:
    """A refusal or a broken test by its message; anything else as it is."""
    code = value.get("broken") or value.get("refused")
    if not isinstance(code, str) or code not in catalogue():
        text = strict_json.dumps(dict(value))
        return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
    problems = value.get("problems")
    told = [
        str(each.get("message") or each.get("code"))
        for each in (problems if isinstance(problems, list) else ())
        if isinstance(each, Mapping)
    ]
    return joined((said(code, dict(value)), *told[:3]))


def test_name(test: Test) -> str:
    """What people call a test."""
    return label(read_label(test.get("label"), test["code"]))


def form_name(source: Source, code: str) -> str:
    """What people call a form, or an aggregate table."""
    members = (*source["forms"], *source.get("aggregates", ()))
    found = next((each for each in members if each["code"] == code), None)
    return code if found is None else label(read_label(found.get("label"), code))


def person_name(source: Source, name: str) -> str:
    """Who acts: a role by its name, an administrator, or somebody of the test."""
    if name == "admin":
        return _("管理员")
    found = next((role for role in source.get("roles", ()) if role["code"] == name), None)
    return name if found is None else label(read_label(found.get("label"), name))


def _verbs() -> dict[str, str]:
    return {
        "create": _("填写"), "send": _("填写并提交"), "update": _("修改"), "submit": _("提交"),
        "approve": _("同意"), "reject": _("驳回"), "cancel": _("作废"), "delete": _("删除"),
        "read": _("打开"), "list": _("看列表"), "table": _("看汇总"), "rights": _("核对权限"),
        "stock": _("核对库存"), "places": _("核对批次、序列号、货位"), "ledger": _("核对流水"),
        "reservations": _("核对预留"), "journal": _("核对分录"), "costing": _("核对计价"),
    }  # fmt: skip


def _expected_words() -> dict[str, str]:
    return {
        "status": _("状态"), "fields": _("字段"), "asked": _("等谁审批"), "path": _("审批经过"),
        "records": _("列表"), "rows": _("各行"), "rights": _("权限"),
        "hidden_fields": _("看不到的字段"), "refused": _("拒绝的原因"), "problems": _("提示"),
    }  # fmt: skip
