"""Excel and CSV out: what somebody sees of a list, row by row, typed, and never a formula."""

from runtime.exchange.export.plan import FORMATS, ExportPlan, plan_of
from runtime.exchange.export.write import Written, write_rows

__all__ = ["FORMATS", "ExportPlan", "Written", "plan_of", "write_rows"]
