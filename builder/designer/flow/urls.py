"""Where the pages of the flow designer are."""

from typing import Final

from builder.designer.flow import (
    automations,
    hook,
    page,
    panel,
    problems,
    robot,
    running,
    simulation,
)
from runtime.screens import Url

APP: Final = "/design/<app_code>"
FORM: Final = f"{APP}/forms/<form_code>"
FLOW: Final = f"{FORM}/flows/<flow_code>"

URLS: Final = (
    Url(f"{FORM}/flow", "form_flow", page.form_flow),
    Url(FLOW, "one_flow", page.form_flow),
    Url(f"{APP}/automations", "app_automations", automations.app_automations),
    Url(f"{APP}/automations", "create_automation", automations.create_automation, ("POST",)),
    Url(f"{FORM}/automations", "form_automations", automations.form_automations),
    Url(f"{FLOW}/canvas", "flow_canvas", page.flow_canvas),
    Url(f"{FLOW}/ops", "flow_ops", page.flow_ops, ("POST",)),
    Url(f"{FLOW}/undo", "undo_flow", page.undo_flow, ("POST",)),
    Url(f"{FLOW}/redo", "redo_flow", page.redo_flow, ("POST",)),
    Url(f"{FLOW}/panel", "flow_panel", panel.flow_panel),
    Url(f"{FLOW}/problems", "flow_problems", problems.flow_problems),
    Url(f"{FLOW}/simulation", "flow_simulation", simulation.flow_simulation),
    Url(f"{FLOW}/running", "flow_running", running.flow_running),
    Url(f"{FLOW}/migrations", "move_runs", running.move_runs, ("POST",)),
    Url(f"{FLOW}/migrations/<int:batch_id>/undoing", "undo_move", running.undo_move, ("POST",)),
    Url(f"{FLOW}/hook", "flow_hook", hook.flow_hook),
    Url(f"{FLOW}/hook", "change_hook", hook.change_hook, ("POST",)),
    Url(f"{FLOW}/robots/<step_code>", "flow_robot", robot.flow_robot),
    Url(f"{FLOW}/robots/<step_code>", "change_robot", robot.change_robot, ("POST",)),
    Url(f"{FLOW}/publication", "publish_flow", problems.publish_flow, ("POST",)),
)
