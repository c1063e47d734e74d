"""Every setting: its name, type, default and meaning; read from the environment once."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from runtime.infra.errors import BadRequest

SECRET_BYTES: Final = 32
PRIVATE: Final = 0o600
_YES: Final = frozenset({"1", "yes", "true", "on"})
_NO: Final = frozenset({"", "0", "no", "false", "off"})


@dataclass(frozen=True)
class Setting:
    """One setting: where it comes from, what it is, and what it is for."""

    name: str
    type: type
    default: str
    help: str

    @property
    def attribute(self) -> str:
        """The name of its field in `Settings`."""
        return self.name.removeprefix("DAJIAN_").lower()


SETTINGS: Final = (
    Setting("DAJIAN_HOME", Path, "~/.dajian", "Folder of the embedded database, files and secrets"),
    Setting("DAJIAN_DATABASE", str, "", "Database address; empty: SQLite in DAJIAN_HOME"),
    Setting("DAJIAN_REDIS", str, "", "Redis address; empty: the server runs jobs itself"),
    Setting("HOST", str, "127.0.0.1", "Address the server listens on"),
    Setting("PORT", int, "8000", "Port the server listens on"),
    Setting("DAJIAN_PUBLIC_URL", str, "", "Address people use; empty on this machine only"),
    Setting("DAJIAN_SECRET", str, "", "Secret key; empty: made once and kept in DAJIAN_HOME"),
    Setting("DAJIAN_SECRET_FALLBACKS", str, "", "Earlier secret keys still accepted, by commas"),
    Setting("DAJIAN_PROCESSES", int, "0", "Web processes; 0: one per processor, at most 4"),
    Setting("DAJIAN_PROXIES", int, "0", "Trusted proxies in front whose X-Forwarded headers count"),
    Setting("DAJIAN_ZONE", str, "Asia/Shanghai", "Time zone in which instants are shown"),
    Setting("DAJIAN_SESSION_IDLE_MINUTES", int, "30", "A session ends after so much idleness"),
    Setting("DAJIAN_SESSION_HOURS", int, "12", "A session ends after so long, used or not"),
    Setting("DAJIAN_UPLOAD_MB", int, "20", "Largest file that may be uploaded"),
    Setting("DAJIAN_UPLOAD_QUOTA_MB", int, "2000", "Files one person may keep in all"),
    Setting("DAJIAN_API_PER_MINUTE", int, "6000", "Calls of one person to a web process; 0: any"),
    Setting("DAJIAN_EGRESS", str, "", "Places inside that webhooks may call: host:port, by commas"),
    Setting("DAJIAN_MAIL", str, "", "Mail server: smtps://user:password@host; empty: no mail"),
    Setting("DAJIAN_MAIL_FROM", str, "", "Sender of mail; empty: the user of the mail server"),
    Setting("DAJIAN_LOG_LEVEL", str, "INFO", "DEBUG, INFO, WARNING or ERROR"),
    Setting("DAJIAN_DEMO_PASSWORD", str, "", "One password for all demo users (serve --demo)"),
    Setting(
        "DAJIAN_UNSAFE_DATABASE", bool, "no", "Accept a database that may lose commits (tests)"
    ),
)


@dataclass(frozen=True)
class Settings:
    """The settings of this process; the tuple above says what each means."""

    home: Path
    database: str
    redis: str
    host: str
    port: int
    public_url: str
    secret: str
    secret_fallbacks: str
    processes: int
    proxies: int
    zone: str
    session_idle_minutes: int
    session_hours: int
    upload_mb: int
    upload_quota_mb: int
    api_per_minute: int
    egress: str
    mail: str
    mail_from: str
    log_level: str
    demo_password: str
    unsafe_database: bool

    @property
    def is_https(self) -> bool:
        """Whether people come by https, so that cookies may insist on it."""
        return urlsplit(self.public_url).scheme == "https"

    @property
    def files_folder(self) -> Path:
        """Where uploads are kept."""
        return self.home / "files"

    @property
    def anchors(self) -> Path:
        """Where the daily ends of the books' chains are kept, to be copied elsewhere."""
        return self.home / "anchors"

    @property
    def upload_bytes(self) -> int:
        """The largest upload in bytes."""
        return self.upload_mb * 1_000_000


def read(environ: Mapping[str, str] | None = None, **changes: Any) -> Settings:
    """Read every setting from the environment; `changes` (options of a command) go before it."""
    source = os.environ if environ is None else environ
    values: dict[str, Any] = {
        setting.attribute: _parse(setting, source.get(setting.name) or setting.default)
        for setting in SETTINGS
    }
    values.update({name: value for name, value in changes.items() if value is not None})
    home = Path(values["home"]).expanduser().absolute()
    values["home"] = home
    values["database"] = values["database"] or f"sqlite:///{home / 'dajian.db'}"
    loopback = values["host"] in {"127.0.0.1", "localhost", "::1"}
    if not values["public_url"] and loopback:
        values["public_url"] = f"http://127.0.0.1:{values['port']}"
    assert set(values) == {field.name for field in fields(Settings)}
    return Settings(**values)


def with_secret(settings: Settings) -> Settings:
    """Return the settings with a secret key: the given one, else the one kept in DAJIAN_HOME."""
    if settings.secret:
        return settings
    path = settings.home / "secret.key"
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, secrets.token_urlsafe(SECRET_BYTES))
    changed = {field.name: getattr(settings, field.name) for field in fields(Settings)}
    return Settings(**{**changed, "secret": path.read_text(encoding="ascii").strip()})


def write_private(path: Path, text: str) -> bool:
    """Write a file only its owner may read; keep and return False when it is there already."""
    # Written beside and linked into place: two first starts at once agree on one content, and
    # nobody ever reads half of it.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return False
        return True
    finally:
        draft.unlink()


def _parse(setting: Setting, text: str) -> Any:
    parser: Callable[[str], Any] = _PARSERS[setting.type]
    try:
        return parser(text)
    except ValueError as error:
        params = {"name": setting.name, "value": text, "type": setting.type.__name__}
        raise BadRequest("setting_invalid", params) from error


def _whole(text: str) -> int:
    value = int(text)
    if value < 0:
        raise ValueError(text)
    return value


def _flag(text: str) -> bool:
    if text.lower() not in _YES | _NO:
        raise ValueError(text)
    return text.lower() in _YES


_PARSERS: Final[Mapping[type, Callable[[str], Any]]] = {
    str: str.strip,
    int: _whole,
    Path: Path,
    bool: _flag,
}
