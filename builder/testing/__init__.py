"""The tests of an app: what its author expects, tried on a database that is thrown away."""

from builder.testing.outcome import Difference, Outcome, outcome_json
from builder.testing.run import run_tests, unknown_tests

__all__ = ["Difference", "Outcome", "outcome_json", "run_tests", "unknown_tests"]
