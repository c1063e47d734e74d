"""Barcodes and QR codes as drawings."""

from collections.abc import Iterator

from flask import Response, request

from runtime.infra.errors import BadRequest
from runtime.kinds.barcodes import SYMBOLOGIES, wrong
from runtime.printing.symbols import BAR_HEIGHT, QUIET, modules
from runtime.screens.routes import permission


@permission("signed_in")
def barcode(symbology: str) -> Response:
    """Draw the text that is asked for; what the symbology cannot say is refused."""
    text = request.args.get("text", "")
    if symbology not in SYMBOLOGIES or wrong(text, symbology):
        raise BadRequest("barcode_unreadable")
    answer = Response(svg(text, symbology), mimetype="image/svg+xml")
    # Should a browser show it as a page, it is one that may do nothing.
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def svg(text: str, symbology: str) -> str:
    """Return the drawing: one path of unit squares, black on white with its quiet zone."""
    rows = modules(text, symbology)
    quiet, is_square = QUIET[symbology], symbology == "qr"
    width = len(rows[0]) + 2 * quiet
    height = len(rows) + 2 * quiet if is_square else BAR_HEIGHT
    top = quiet if is_square else 0
    path = "".join(
        f"M{x + quiet} {top + y}h{length}v{1 if is_square else BAR_HEIGHT}h-{length}z"
        for y, row in enumerate(rows)
        for x, length in _runs(row)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{width}v{height}H0z"/>'
        f'<path d="{path}"/></svg>'
    )


def _runs(row: str) -> Iterator[tuple[int, int]]:
    """Where dark modules begin, and how many follow each other."""
    start = 0
    while (start := row.find("1", start)) >= 0:
        end = row.find("0", start)
        end = len(row) if end < 0 else end
        yield start, end - start
        start = end
