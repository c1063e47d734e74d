"""AppDef -> App: every name resolved once, so nothing downstream looks a name up. Pure."""

from runtime.compile.build import compile_app, kind_problems
from runtime.compile.field import Field
from runtime.compile.model import App, Form, LineTable
from runtime.compile.programs import compute, defaults
from runtime.compile.validate import missing, validate

__all__ = [
    "App",
    "Field",
    "Form",
    "LineTable",
    "compile_app",
    "compute",
    "defaults",
    "kind_problems",
    "missing",
    "validate",
]
