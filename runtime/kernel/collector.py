"""The garbage collector stands still while a posting is worked out."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_paused() -> Iterator[None]:
    """Pause the collector for one posting: a late one makes many thousand moves, all of them kept.

    The collector would go through them again and again and find nothing. Where several threads post
    at once, whoever found it running starts it again: no posting pauses it for longer than itself.
    """
    was_running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_running:
            gc.enable()
