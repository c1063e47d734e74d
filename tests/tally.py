"""Counts what ran on which database and says it in the last lines of a run."""

import os
from collections import Counter

import pytest


class Tally:
    """A plugin that counts outcomes by what the tests noted with `uses`."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.outcomes: dict[str, Counter[str]] = {}
        self.samples: Counter[str] = Counter()
        self.hasty: list[tuple[str, str]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count a finished test once, or its set-up when that already failed or skipped."""
        if report.outcome == "rerun":  # type: ignore[comparison-overlap]  # a plugin's word
            self.hasty.append((report.nodeid, last_line(report)))
            return
        if report.when != "call" and not (report.failed or report.skipped):
            return
        outcome = "skipped" if report.skipped else report.outcome
        used = {str(value) for name, value in report.user_properties if name == "uses"}
        for name in used or {"no server"}:
            self.outcomes.setdefault(name, Counter())[outcome] += 1
        self.samples.update(str(text) for name, text in report.user_properties if name == "sample")

    def missing(self) -> list[str]:
        """What a whole run must have used and did not, and what it skipped."""
        wanted = [name for name in os.environ.get("TEST_MUST_USE", "").split(",") if name]
        faults = [f"nothing passed on {name}" for name in wanted if not self.passed(name)]
        skipped = sum(counts["skipped"] for counts in self.outcomes.values())
        if wanted and skipped:
            faults.append(f"{skipped} skipped")
        return faults

    def passed(self, name: str) -> int:
        """How many tests passed that used `name`."""
        return self.outcomes.get(name, Counter())["passed"]

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """A whole run that left something out has failed."""
        if not hasattr(self.config, "workerinput") and session.exitstatus == 0 and self.missing():
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line per database, then the seed and what was sampled."""
        write = terminalreporter.write_line
        terminalreporter.section("what ran on which database")
        for name, counts in sorted(self.outcomes.items()):
            parts = (f"{counts[outcome]} {outcome}" for outcome in ("passed", "failed", "skipped"))
            write(f"{name:<12} " + ", ".join(parts))
        for text, count in sorted(self.samples.items()):
            write(f"sampled      {text}" + (f", {count} tests" if count > 1 else ""))
        for test, reason in self.hasty:
            write(f"HASTY: {test} was tried again, for {reason}", yellow=True)
        write(f"TEST_DEPTH={os.environ['TEST_DEPTH']} TEST_SEED={os.environ['TEST_SEED']}")
        for fault in self.missing():
            write(f"FAILED: {fault}", red=True)


def last_line(report: pytest.TestReport) -> str:
    """Why a test failed, in a line."""
    lines = [text for text in str(report.longrepr).splitlines() if text.strip()]
    said = [text for text in lines if text.startswith("E ")] or lines
    return said[-1].removeprefix("E").strip()[:200] if said else "no reason"


def uses(request: pytest.FixtureRequest, name: str) -> None:
    """Note for the tally what the test of this request runs on."""
    request.node.user_properties.append(("uses", name))
