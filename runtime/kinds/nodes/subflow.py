"""`subflow`: the steps of another workflow, for the document or for each of its lines."""

from dataclasses import replace
from typing import Final

from runtime.definitions.workflow import step_options
from runtime.kinds.node_lines import Lines
from runtime.kinds.node_type import Enter, Step, Turn, Visit


class SubFlow(Lines):
    """Its steps are kept with the run, as they were when it began."""

    kind: Final = "subflow"
    options: Final = step_options("subflow")
    once: Final = False

    def enter(self, step: Step, visit: Visit) -> Turn:
        """Ask for the lines, or go in."""
        if "lines" in step.options:
            return super().enter(step, visit)
        return Turn(replace(visit, data={"left": [None]}), enter=(Enter(""),))
