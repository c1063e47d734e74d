"""Throw-away PostgreSQL and Redis servers for a test or benchmark run."""

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SERVER_LIMIT_SECONDS = 60
# Files here are memory. Containers often have next to nothing of it, and a run needs some.
MEMORY = Path("/dev/shm")  # noqa: S108 - folders are made there by mkdtemp
ENOUGH_MEMORY = 2 * 2**30

COMMON_POSTGRES = (
    "max_connections=200",
    "max_locks_per_transaction=256",
    "listen_addresses=127.0.0.1",
)

# Nothing in a throw-away cluster must survive a power cut, so nothing waits for the disk.
FAST_POSTGRES = (
    *COMMON_POSTGRES,
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "wal_level=minimal",
    "max_wal_senders=0",
    "max_wal_size=256MB",
    "shared_buffers=128MB",
    "autovacuum=off",
    # Tests ask small tables, where compiling a query takes longer than answering it.
    "jit=off",
)

# For measuring: as durable as in earnest.
DURABLE_POSTGRES = (*COMMON_POSTGRES, "fsync=on", "synchronous_commit=on", "shared_buffers=512MB")


class ServerMissing(Exception):  # noqa: N818 - a sentence for a person, not an error of ours
    """A server program is not on this machine; the text says which."""


def free_port() -> int:
    """A port nobody listens on, and that no outgoing connection is given meanwhile.

    The system hands out ports from 32768 (49152) on to whoever connects somewhere; one of those
    may be taken again before the server that wants it has started.
    """
    chance = random.SystemRandom()
    while True:
        port = chance.randrange(20_000, 32_768)
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port


def postgres_folders() -> Iterator[Path]:
    """Folders that may hold the server's programs, the newest Debian version first."""
    if found := shutil.which("pg_config"):
        answer = subprocess.run([found, "--bindir"], capture_output=True, text=True, check=False)
        yield Path(answer.stdout.strip() or "/nowhere")
    debian = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(debian, key=lambda bin_: int(bin_.parent.name), reverse=True)
    yield from (Path(folder) for folder in ("/usr/local/bin", "/usr/local/pgsql/bin", "/usr/bin"))


def postgres_bin() -> Path | None:
    """The folder with initdb and postgres, or none."""
    for folder in postgres_folders():
        if all((folder / name).exists() for name in ("initdb", "postgres")):
            return folder
    return None


def unprivileged() -> pwd.struct_passwd | None:
    """Whom to run PostgreSQL as: it refuses root, so root hands it to postgres or nobody."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise ServerMissing("PostgreSQL refuses to run as root and there is no user postgres or nobody")


def memory() -> Path | None:
    """The folder for what nobody keeps and many files are made of; none where it is small."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage(MEMORY).free >= ENOUGH_MEMORY and os.access(MEMORY, os.W_OK | os.X_OK):
            return MEMORY
    return None


def open_folder(
    prefix: str, owner: pwd.struct_passwd | None = None, within: Path | None = None
) -> Path:
    """A new folder below `within` or the temporary one that belongs to `owner`."""
    folder = Path(tempfile.mkdtemp(prefix=prefix, dir=within))
    if owner:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def wait_until_listening(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Return when the port answers; say what the log holds when the process dies first."""
    until = time.monotonic() + SERVER_LIMIT_SECONDS
    while time.monotonic() < until:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        if process.poll() is not None:
            break
        time.sleep(0.05)
    raise ServerMissing(f"server on port {port} did not start: {log.read_text()[-600:]}")


def stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    """End a server started here and wait for it."""
    process.send_signal(how)
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def accepts_queries(bin_folder: Path, port: int) -> bool:
    """Whether the cluster has finished starting; the port answers a little earlier."""
    ready = bin_folder / "pg_isready"
    if not ready.exists():
        return True
    answer = subprocess.run(
        [str(ready), "-q", "-h", "127.0.0.1", "-p", str(port)], check=False, env=clean_environment()
    )
    return answer.returncode == 0


def clean_environment() -> dict[str, str]:
    """Our environment without what would steer PostgreSQL's programs elsewhere."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return kept | {"LC_ALL": "C", "LANG": "C"}


def as_user(owner: pwd.struct_passwd | None) -> dict[str, Any]:
    """What makes subprocess run a program as somebody else."""
    if owner is None:
        return {}
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}


def make_cluster(bin_folder: Path, folder: Path, owner: pwd.struct_passwd | None) -> None:
    """Run initdb; it trusts everybody, because only this machine reaches it."""
    command = [str(bin_folder / "initdb"), "-D", str(folder / "data"), "-U", "postgres"]
    command += ["-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--data-checksums"]
    made = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd=folder,
        env=clean_environment(), **as_user(owner),
    )  # fmt: skip
    if made.returncode:
        raise ServerMissing(f"initdb failed: {made.stderr.strip()[-600:]}")


def start_postgres(
    bin_folder: Path,
    folder: Path,
    port: int,
    owner: pwd.struct_passwd | None,
    settings: tuple[str, ...],
) -> subprocess.Popen[bytes]:
    """Start the server of a cluster."""
    command = [str(bin_folder / "postgres"), "-D", str(folder / "data"), "-p", str(port)]
    command += ["-k", str(folder)]
    for setting in settings:
        command += ["-c", setting]
    with (folder / "log").open("wb") as output:
        return subprocess.Popen(
            command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, cwd=folder,
            env=clean_environment(), start_new_session=True, **as_user(owner),
        )  # fmt: skip


@contextlib.contextmanager
def postgres(settings: tuple[str, ...] = FAST_POSTGRES) -> Iterator[str]:
    """A running PostgreSQL of our own; yields its address (database postgres)."""
    bin_folder = postgres_bin()
    if bin_folder is None:
        raise ServerMissing("PostgreSQL (initdb and postgres)")
    owner = unprivileged()
    # A database made for a test is some 300 files.
    folder = open_folder("dajian-pg-", owner, memory() if settings is FAST_POSTGRES else None)
    port = free_port()
    try:
        make_cluster(bin_folder, folder, owner)
        process = start_postgres(bin_folder, folder, port, owner, settings)
        try:
            wait_until_listening(port, process, folder / "log")
            while not accepts_queries(bin_folder, port) and process.poll() is None:
                time.sleep(0.05)
            yield f"postgresql+psycopg://postgres@127.0.0.1:{port}/postgres"
        finally:
            stop(process, signal.SIGINT)  # fast shutdown: ends open sessions
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def redis_program() -> str | None:
    """The server's path, or none."""
    return shutil.which("redis-server") or shutil.which("valkey-server")


@contextlib.contextmanager
def redis() -> Iterator[str]:
    """A running Redis of our own that keeps nothing; yields its address."""
    program = redis_program()
    if program is None:
        raise ServerMissing("Redis (redis-server)")
    folder = Path(tempfile.mkdtemp(prefix="dajian-redis-"))
    port = free_port()
    log = folder / "log"
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder)]
    command += ["--save", "", "--appendonly", "no", "--maxmemory-policy", "noeviction"]
    try:
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, stdout=output, stderr=output, stdin=subprocess.DEVNULL,
                start_new_session=True,
            )  # fmt: skip
        try:
            wait_until_listening(port, process, log)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            stop(process, signal.SIGTERM)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
