"""Alembic migrations of the system tables; form tables are changed by publishing."""
