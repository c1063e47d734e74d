"""What an app is: forms, aggregate tables, conversions, papers, workflows, roles, menus."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from runtime.definitions.aggregate import AggregateDef
from runtime.definitions.app_test import AppTestDef
from runtime.definitions.conversion import ConversionDef
from runtime.definitions.form import FormDef
from runtime.definitions.label import Label
from runtime.definitions.menu import MenuDef
from runtime.definitions.option_set import OptionSetDef
from runtime.definitions.printout import PrintoutDef
from runtime.definitions.role import RoleDef
from runtime.definitions.stock import StockDef
from runtime.definitions.workflow import WorkflowDef


@dataclass(frozen=True)
class AppDef:
    """A whole app. `source` is the JSON it was read from: what is stored, compared and exported."""

    code: str
    label: Label
    forms: tuple[FormDef, ...]
    source: Mapping[str, Any]
    workflows: tuple[WorkflowDef, ...] = ()
    roles: tuple[RoleDef, ...] = ()
    menus: tuple[MenuDef, ...] = ()
    currency: str = "CNY"
    zone: str = "Asia/Shanghai"
    stock: StockDef | None = None
    aggregates: tuple[AggregateDef, ...] = ()
    option_sets: tuple[OptionSetDef, ...] = ()
    conversions: tuple[ConversionDef, ...] = ()
    printouts: tuple[PrintoutDef, ...] = ()
    tests: tuple[AppTestDef, ...] = ()
    # Whether a version whose own tests fail may not be published.
    tests_block_publish: bool = False

    def form(self, code: str) -> FormDef | None:
        """Return the form with that code, if there is one."""
        return next((form for form in self.forms if form.code == code), None)

    def is_readable(self, code: str) -> bool:
        """Say whether a menu or a grant may name the code: a form's or an aggregate table's."""
        codes = [form.code for form in self.forms] + [table.code for table in self.aggregates]
        return code in codes
