"""The divisions of China as the boxes that choose one ask for them."""

from flask import Response, jsonify

from runtime.kinds import regions
from runtime.screens.routes import permission


@permission("signed_in")
def region_tree() -> Response:
    """Answer every division as `[code, code above, name]`; it changes with the program alone."""
    answer = jsonify([[code, code[:-2], name] for code, name in regions.names().items()])
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer
