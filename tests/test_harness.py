"""The harness itself: the databases are empty, the network is closed."""

import socket

import psycopg
import pytest
import redis

from runtime.infra.db import Database


def test_postgres__is_empty_at_every_test(postgres_url: str) -> None:
    with psycopg.connect(postgres_url.replace("+psycopg", "")) as connection:
        tables = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        assert tables.fetchone() == (0,)
        connection.execute("CREATE SCHEMA left_behind")
        connection.execute("CREATE TABLE left_behind.rows (id int)")
        connection.execute("CREATE TABLE rows (id int)")


def test_postgres__is_empty_after_the_test_before(postgres_url: str) -> None:
    test_postgres__is_empty_at_every_test(postgres_url)


def test_network__beyond_this_machine_is_refused() -> None:
    with socket.socket() as outward, pytest.raises(AssertionError, match=r"198\.51\.100\.1"):
        outward.connect(("198.51.100.1", 80))


def test_redis__is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_database__is_empty_and_writable(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE rows (id int)")
        connection.exec_driver_sql("INSERT INTO rows VALUES (1)")
    with database.reading() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM rows").scalar() == 1
