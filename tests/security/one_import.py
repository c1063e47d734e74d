"""Take rows in or back and die at one statement, as a machine does that loses its power.

usage: one_import.py DATABASE_ADDRESS HOME JOB STATEMENT
"""

import os
import signal
import sys
from typing import Any

from sqlalchemy import event, update

from runtime.infra.jobs import run_one
from runtime.infra.queue import job_table
from runtime.infra.settings import read
from runtime.platform import open_database
from runtime.tasks import TASKS


def main(address: str, home: str, job_id: int, last: int) -> None:
    """Run a job; the process is gone before its statement number `last`."""
    database = open_database(address)
    with database.transaction() as connection:
        # Whoever had it is dead: its lease is over, and nobody counts the deaths.
        free = {"state": "queued", "attempt": 0, "due": 0}
        connection.execute(update(job_table).where(job_table.c.id == job_id).values(free))
    count = 0

    def die(*_: Any) -> None:
        nonlocal count
        count += 1
        if count == last:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", die)
    settings = read({"DAJIAN_HOME": home, "DAJIAN_DATABASE": address})
    run_one(database, settings, TASKS, job_id)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
