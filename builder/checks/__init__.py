"""The rules a definition keeps, one per file; every Problem is collected first."""

from collections.abc import Callable, Iterator
from typing import Final

from builder.checks.app_tests import app_tests
from builder.checks.automations import automations
from builder.checks.conversions import conversions
from builder.checks.field_names import field_names
from builder.checks.flow_fields import flow_fields
from builder.checks.keys import keys
from builder.checks.layouts import layouts
from builder.checks.menus import menus
from builder.checks.names import names
from builder.checks.option_sets import option_sets
from builder.checks.permissions import permissions
from builder.checks.postings import postings
from builder.checks.printouts import printouts
from builder.checks.rules import rules
from builder.checks.stock import stock
from builder.checks.views import views
from builder.checks.workflows import workflows
from builder.conditions import constant_conditions
from runtime.compile import App
from runtime.definitions import AppDef
from runtime.infra.errors import Problem

Check = Callable[[AppDef], Iterator[Problem]]
Warner = Callable[[App], Iterator[Problem]]

CHECKS: Final[tuple[Check, ...]] = (
    names,
    field_names,
    option_sets,
    keys,
    layouts,
    views,
    rules,
    workflows,
    flow_fields,
    automations,
    conversions,
    printouts,
    postings,
    stock,
    permissions,
    menus,
    app_tests,
)


WARNINGS: Final[tuple[Warner, ...]] = (constant_conditions,)


def check_app(definition: AppDef) -> tuple[Problem, ...]:
    """Return everything that is wrong with an app of the right shape."""
    return tuple(problem for check in CHECKS for problem in check(definition))


def warnings(app: App) -> tuple[Problem, ...]:
    """Return what is hardly meant in an app that may be published as it is."""
    return tuple(problem for warn in WARNINGS for problem in warn(app))
