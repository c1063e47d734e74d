import re
from dataclasses import replace

import pytest

from runtime.infra import self_check
from runtime.infra.db import Database
from runtime.infra.messages import catalogue
from runtime.infra.self_check import NUMBERS, Finding, RefusedToStartError
from runtime.infra.settings import Settings


# setting                            value                      what is found    only a warning
@pytest.mark.parametrize(
    ("name", "value", "code", "is_warning"),
    [
        ("secret", "changeme", "secret_is_weak", False),
        ("secret", "a" * 64, "secret_is_weak", False),
        ("secret", "short-but-random", "secret_is_weak", False),
        ("public_url", "", "public_url_missing", False),
        ("public_url", "dajian.example.cn", "public_url_missing", False),
        ("public_url", "http://10.0.0.5:8000", "sessions_without_https", True),
        ("redis", "redis://redis.internal:6379/0", "redis_unprotected", False),
        ("database", "postgresql://u:p@db.internal/d", "database_without_tls", False),
        ("database", "postgresql://u@10.0.0.7/d?sslmode=prefer", "database_without_tls", False),
        ("database", "postgresql://u@/d?host=db.internal:5432", "database_without_tls", False),
        ("database", "postgresql://u@/d?host=%2Frun&host=b:1", "database_without_tls", False),
    ],
)
def test_of_settings__refused(
    settings: Settings, name: str, value: str, code: str, is_warning: bool
) -> None:
    (finding,) = self_check.of_settings(replace(settings, **{name: value}))
    assert (finding.code, finding.is_warning) == (code, is_warning)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("public_url", "https://dajian.example.cn"),
        ("public_url", "http://127.0.0.1:8000"),
        ("redis", "redis://127.0.0.1:6379/0"),
        ("redis", "rediss://redis.internal:6379/0"),
        ("redis", "redis://:word@redis.internal:6379/0"),
        ("database", "postgresql+psycopg://u:p@127.0.0.1:5432/d"),
        ("database", "postgresql+psycopg://u@[::1]/d"),
        ("database", "postgresql+psycopg://u@/d?host=/var/run/postgresql"),
        ("database", "postgresql+psycopg://u@/d?host=localhost:5433"),
        ("database", "postgresql+psycopg://u:p@db.internal/d?sslmode=verify-full"),
    ],
)
def test_of_settings__fine(settings: Settings, name: str, value: str) -> None:
    assert list(self_check.of_settings(replace(settings, **{name: value}))) == []


def test_of_settings__tls_of_the_database_from_the_environment_or_waived(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    remote = replace(settings, database="postgresql://u@db.internal/d")
    (waived,) = self_check.of_settings(replace(remote, unsafe_database=True))
    assert waived.is_warning
    monkeypatch.setenv("PGSSLMODE", "verify-full")
    assert list(self_check.of_settings(remote)) == []


def test_of_settings__debug(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert [finding.code for finding in self_check.of_settings(settings)] == ["debug_is_on"]


def test_of_database__nothing_forbids_the_start_of_the_test_server(
    ready: Database, settings: Settings
) -> None:
    unsafe = replace(settings, unsafe_database=True)
    found = self_check.demand(self_check.of_database(ready, unsafe))
    assert all(finding.is_warning for finding in found)
    if ready.kind == "postgresql":
        assert "application_owns_ledger" in {finding.code for finding in found}


def test_demand__every_reason_at_once() -> None:
    fatal = Finding("debug_is_on"), Finding("secret_is_weak", {"bytes": 32})
    with pytest.raises(RefusedToStartError) as refused:
        self_check.demand([fatal[0], Finding("no_data_checksums", is_warning=True), fatal[1]])
    assert refused.value.findings == fatal


def test_every_finding_has_a_number_and_a_text() -> None:
    assert len(set(NUMBERS.values())) == len(NUMBERS)
    assert set(NUMBERS) <= set(catalogue())
    for code in NUMBERS:
        placeholders = [set(re.findall(r"\{(\w+)\}", text)) for text in catalogue()[code].values()]
        assert placeholders[0] == placeholders[1]
