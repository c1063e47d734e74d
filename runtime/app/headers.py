"""Security headers on every answer the application gives."""

from typing import Final

from flask import Flask, Response, g

from runtime.infra.settings import Settings

POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "object-src 'none'",
        "manifest-src 'self'",
        "worker-src 'self'",
    )
)
# The page that reads barcodes from pictures runs a compiled module, and no other does.
POLICY_WITH_MODULE: Final = POLICY.replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
)
HEADERS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=(), payment=(), usb=()",
    "Cache-Control": "no-store",
}
A_YEAR: Final = 31_536_000


def init_app(app: Flask, settings: Settings) -> None:
    """Add the headers; a view that set one itself (a file's own policy) keeps it.

    `g.runs_module`: the page may compile the module that reads barcodes.
    """

    @app.after_request
    def protect(response: Response) -> Response:
        policy = POLICY_WITH_MODULE if g.get("runs_module") else POLICY
        response.headers.setdefault("Content-Security-Policy", policy)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if settings.is_https:
            response.headers["Strict-Transport-Security"] = f"max-age={A_YEAR}"
        response.vary.update(("Cookie", "HX-Request"))
        response.headers["X-Request-ID"] = g.get("request_id", "")
        return response
