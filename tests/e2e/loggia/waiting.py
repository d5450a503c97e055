"""Waiting for something to become true, with a deadline, instead of sleeping and hoping."""

import time

# How long anything ordinary may take on a busy two-core machine.
PATIENCE_SECONDS = 10.0


def until(condition, what, seconds=PATIENCE_SECONDS, every=0.02):
    """Returns the first true value of `condition()`; fails saying `what` was waited for (a string or a function)."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds} s still not: {what() if callable(what) else what}")
        time.sleep(every)


def stays_false(condition, what, seconds=0.4, every=0.02):
    """Checks that something does *not* happen for a while. For what has no later event to wait for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert not condition(), f"should not have happened: {what() if callable(what) else what}"
        time.sleep(every)
