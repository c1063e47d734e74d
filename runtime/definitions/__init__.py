"""What an app is: frozen dataclasses and the JSON Schemas of their shape. No database, no web."""

from runtime.definitions.aggregate import AggregateDef, MeasureDef, ShareDef, SourceDef
from runtime.definitions.app import AppDef
from runtime.definitions.app_test import AppTestDef, AppTestStep
from runtime.definitions.conversion import (
    ConversionDef,
    ConvertedLinesDef,
    ConvertedQuantityDef,
)
from runtime.definitions.form import FieldDef, FormDef, SectionDef, TabDef
from runtime.definitions.label import Label
from runtime.definitions.loader import load_app, read_app, shape_problems
from runtime.definitions.menu import MenuDef, MenuItemDef
from runtime.definitions.option_set import OptionSetDef
from runtime.definitions.posting import OutputsDef, PostingDef
from runtime.definitions.printout import PrintFileDef, PrintoutDef
from runtime.definitions.role import GrantDef, RoleDef
from runtime.definitions.rule import RuleDef
from runtime.definitions.stock import StockDef, StockItemDef, UnitsDef
from runtime.definitions.view import ViewDef
from runtime.definitions.workflow import StepDef, WorkflowDef

__all__ = [
    "AggregateDef",
    "AppDef",
    "AppTestDef",
    "AppTestStep",
    "ConversionDef",
    "ConvertedLinesDef",
    "ConvertedQuantityDef",
    "FieldDef",
    "FormDef",
    "GrantDef",
    "Label",
    "MeasureDef",
    "MenuDef",
    "MenuItemDef",
    "OptionSetDef",
    "OutputsDef",
    "PostingDef",
    "PrintFileDef",
    "PrintoutDef",
    "RoleDef",
    "RuleDef",
    "SectionDef",
    "ShareDef",
    "SourceDef",
    "StepDef",
    "StockDef",
    "StockItemDef",
    "TabDef",
    "UnitsDef",
    "ViewDef",
    "WorkflowDef",
    "load_app",
    "read_app",
    "shape_problems",
]
