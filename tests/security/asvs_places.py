"""Where each item of the ASVS checklist is proved, or what it waits for."""

from typing import Final

_HTTP: Final = "tests/security/test_http.py"
_ROUTES: Final = "tests/security/test_routes.py"
_RIGHTS: Final = "tests/unit/test_access.py"
_PAGES: Final = "tests/screens/accounts/test_account_pages.py"
_GATES: Final = "build_tools/gates.py"
_BAD_FILES: Final = "tests/unit/exchange/test_corpus.py"
_DEFINITIONS: Final = "tests/unit/definitions/test_attacks.py"
_FORMULAS: Final = "tests/unit/formula/test_attacks.py"
_CHECK: Final = "tests/unit/infra/test_self_check.py"
_USERS: Final = "tests/unit/infra/test_users.py"
_SESSIONS: Final = "tests/unit/infra/test_sessions.py"
_LINKS: Final = "tests/unit/infra/test_invitations.py"
_FACTOR: Final = "tests/unit/infra/test_second_factor.py"
HERE: Final = "tests/security/test_asvs.py"

PROVED: Final[dict[str, tuple[str, ...]]] = {
    "1.1.1": (_HTTP,),
    "1.2.1": (_HTTP, _GATES),
    "1.2.2": (_HTTP,),
    "1.2.3": (_GATES,),
    "1.2.4": (_GATES, _HTTP),
    "1.2.5": (_GATES,),
    "1.2.9": (_HTTP, "tests/screens/accounts/test_audit_page.py"),
    "1.2.10": ("tests/screens/accounts/test_audit_page.py", "tests/unit/exchange/export"),
    "1.3.1": ("tests/unit/kinds",),
    "1.3.2": (_FORMULAS, _GATES),
    "1.3.6": ("tests/unit/infra/test_egress.py",),
    "1.3.7": (_GATES, _DEFINITIONS),
    "1.3.10": (_DEFINITIONS,),
    "1.3.12": (_DEFINITIONS,),
    "1.5.1": (_BAD_FILES, _CHECK),
    "1.5.2": (_GATES,),
    "1.5.3": ("tests/unit/infra/test_strict_json.py",),
    "2.2.1": (_ROUTES,),
    "2.2.2": (_HTTP,),
    "2.2.3": (_HTTP,),
    "2.3.1": (_HTTP, "tests/unit/workflow/test_instances.py"),
    "2.3.3": ("tests/security/test_faults.py", "tests/security/test_publish_faults.py"),
    "2.3.4": ("tests/kernel/test_concurrency.py",),
    "2.4.1": (_SESSIONS, HERE),
    "3.2.1": (_HTTP,),
    "3.2.2": (_GATES,),
    "3.3.1-3.3.4": (HERE,),
    "3.4.1": (HERE,),
    "3.4.2": (_HTTP,),
    "3.4.3": (HERE, "tests/browser/test_walk.py"),
    "3.4.4-3.4.6": (HERE,),
    "3.5.1": (_ROUTES,),
    "3.5.3": (_ROUTES,),
    "3.7.2": ("tests/screens/test_sessions.py",),
    "4.1.1": (HERE,),
    "4.1.3": (_HTTP,),
    "4.3.1": (_HTTP,),
    "5.2.1": (_HTTP,),
    "5.2.2": (_BAD_FILES,),
    "5.2.3": ("tests/unit/exchange/test_gate.py", _BAD_FILES),
    "5.3.2": ("tests/unit/infra/test_files.py",),
    "5.4.1-5.4.2": (_HTTP,),
    "6.1.1 / 6.3.1": (_SESSIONS, _FACTOR),
    "6.2.1-6.2.9": (_USERS, _LINKS),
    "6.2.4 / 6.2.12": (_LINKS,),
    "6.3.2": (HERE,),
    "6.3.3": (_FACTOR, _PAGES),
    "6.3.8": (_HTTP, HERE),
    "6.4.1": (_LINKS, _PAGES),
    "7.2.1-7.2.4": (_SESSIONS, _HTTP),
    "7.3.1-7.3.2": (_SESSIONS,),
    "7.4.1-7.4.5": (_SESSIONS, _USERS, _PAGES),
    "7.5.1": (_PAGES, HERE),
    "8.2.1-8.2.3": (_ROUTES, _RIGHTS),
    "8.3.1": (_RIGHTS, _HTTP),
    "11.4.2": (_USERS,),
    "11.5.1": (HERE,),
    "13.2.2-13.2.3": ("tests/cli/test_owner.py",),
    "13.4.1-13.4.5": (_HTTP,),
    "14.2.1": (HERE,),
    "14.3.1-14.3.2": (_HTTP,),
    "15.3.1 / 15.3.3": (_HTTP,),
    "15.3.2": ("tests/unit/infra/test_egress.py",),
    "15.3.5": (_HTTP,),
    "15.3.7": (_HTTP,),
    "15.4.1-15.4.3": ("tests/kernel/test_concurrency.py", _HTTP),
    "16.2.1-16.2.5": (HERE,),
    "16.3.1-16.3.4": (HERE,),
    "16.4.1": (_HTTP,),
    "16.5.1-16.5.4": ("tests/security/test_faults.py",),
}

LATER: Final[dict[str, str]] = {
    "2.3.2": "limits are tested one by one; no list of them is made from the documentation",
    "8.1.1-8.1.2": "rights are data of an app; tests walk the matrix, no file keeps it",
    "8.4.1": "one company each installation: there is no second tenant",
    "12.3.1": "a remote Redis without protection is refused; a remote PostgreSQL is not looked at",
    "13.3.1": "the source is looked through by hand before a release",
    "15.1.2 / 15.2.1": "needs a list of known weaknesses from outside; the locks pin every package",
    "15.2.2": "a crowd at one door is measured with the load of the reports",
}
