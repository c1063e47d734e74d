"""The parts every request stands on, as the app holds them."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol, cast

from flask import current_app

from runtime.catalogue import Catalogue
from runtime.infra.db import Database
from runtime.infra.settings import Settings


class Platform(Protocol):
    """Settings, database, catalogue and clock, made once by `create_app`."""

    @property
    def settings(self) -> Settings:
        """Every setting."""

    @property
    def database(self) -> Database:
        """The database."""

    @property
    def catalogue(self) -> Catalogue:
        """The published apps."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """What time it is: an aware UTC instant."""


def platform() -> Platform:
    """Return the parts of the running app."""
    return cast(Platform, current_app.extensions["dajian"])
