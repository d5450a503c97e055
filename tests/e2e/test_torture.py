"""`loggia bench torture`: through twenty crashes nothing is lost, and losses are found where there are some."""

import json
import subprocess

from loggia.server import binary


def torture(folder, *arguments):
    """Runs it with its data in the test's folder; returns the exit status and what it printed."""
    done = subprocess.run(
        [binary(), "bench", "torture", "--json", "--directory", str(folder), *arguments],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


FAULTS = ("lost", "doubled", "reordered", "skipped", "unanswered", "other")
JUDGED = ("with ids", "IRC", "plain", "history itself")


def test_nothing_is_lost_doubled_or_reordered(tmp_path):
    status, report = torture(tmp_path, "--kills", "20", "--seed", "20")
    faults = {(kind, fault): report[kind][fault] for kind in JUDGED for fault in FAULTS if report[kind][fault]}
    assert (status, faults) == (0, {}), report["examples"]
    # It was torture: everybody said and saw something, in spite of the crashes.
    assert report["messages"] > 200
    assert all(report[kind]["seen"] > 500 for kind in ("with ids", "IRC", "plain"))
    assert not any(tmp_path.iterdir())


def test_losses_are_found_where_a_crash_costs_the_last_second(tmp_path):
    status, report = torture(tmp_path, "--kills", "4", "--durability", "memory")
    assert status == 1
    assert report["IRC"]["lost"] > 0 and report["plain"]["lost"] > 0
    assert any("is not kept" in example or "not kept like that" in example for example in report["examples"])
