"""What benchmarks stand on: companies, ledgers and records, made in sets."""

from datetime import UTC, datetime

NOW = datetime(2026, 11, 21, 1, 30, tzinfo=UTC)
