"""Where a form stands beside itself: menus, rights and its flow; taken away and put back."""

from typing import Any

from builder.drafts.model import Removed
from builder.drafts.working import Object, Working


def menu_add(work: Working, code: str, *, after: str = "") -> None:
    """Put a form into the menus: behind another one, or at the end where there are menus at all."""
    if not work.source.get("menus"):
        return
    menus = work.part("menus")
    for menu in menus:
        for index, item in enumerate(menu["items"]):
            if after and item.get("form") == after:
                menu["items"].insert(index + 1, {"form": code})
                return
    if not after:
        menus[-1]["items"].append({"form": code})


def drop_form(work: Working, form: Object) -> Object:
    """Take a form out of the app; returns where it stood: what `return_form` needs."""
    code = form["code"]
    forms = work.part("forms")
    index = next(i for i, each in enumerate(forms) if each["code"] == code)
    forms.pop(index)
    return {
        "index": index,
        "menus": _out_of_menus(work, code),
        "grants": _out_of_roles(work, code),
        "workflows": _out_of_flows(work, code),
    }


def return_form(work: Working, removed: Removed) -> None:
    """Put a removed form back where it stood, as far as those places are still there."""
    places = removed.places
    forms = work.part("forms")
    forms.insert(min(places["index"], len(forms)), dict(removed.source))
    if work.source.get("menus"):
        menus = work.part("menus")
        for menu, index in places["menus"]:
            items = menus[min(menu, len(menus) - 1)]["items"]
            items.insert(index, {"form": removed.code})
    for code, index, grant in places["grants"]:
        for role in work.part("roles"):
            if role["code"] == code and all(g["form"] != removed.code for g in role["grants"]):
                role["grants"].insert(index, grant)
    for index, flow in places["workflows"]:
        flows = work.part("workflows")
        if all(each["code"] != flow["code"] for each in flows):
            flows.insert(index, flow)


def _out_of_menus(work: Working, code: str) -> list[Any]:
    menus = work.source.get("menus", ())
    found = [
        [number, index]
        for number, menu in enumerate(menus)
        for index, item in enumerate(menu["items"])
        if item.get("form") == code
    ]
    for number, index in reversed(found):
        work.part("menus")[number]["items"].pop(index)
    return found


def _out_of_roles(work: Working, code: str) -> list[Any]:
    found = [
        [role["code"], index, grant]
        for role in work.source.get("roles", ())
        for index, grant in enumerate(role["grants"])
        if grant["form"] == code
    ]
    for role in work.part("roles") if found else ():
        role["grants"] = [each for each in role["grants"] if each["form"] != code]
    return found


def _out_of_flows(work: Working, code: str) -> list[Any]:
    flows = enumerate(work.source.get("workflows", ()))
    found = [[index, flow] for index, flow in flows if flow["form"] == code]
    for index, _ in reversed(found):
        work.part("workflows").pop(index)
    return found
