"""A classroom client as a process with a window, and the test's hand on it."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

from .server import cpu_seconds
from .waiting import PATIENCE_SECONDS, stays_false, until

FOLDER = Path(__file__).resolve().parent.parent / "classroom"


class ClassroomClient:
    """Starts `client_NUMBER.py` on a display; every method is something a person in front of it does or sees."""

    def __init__(self, number, port, display, *arguments):
        self.process = subprocess.Popen(
            [sys.executable, str(FOLDER / f"client_{number}.py"), "127.0.0.1", str(port), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "DISPLAY": display.name, "PYTHONIOENCODING": "utf-8"},
        )
        self._answers, self.printed, self.errors = [], [], []
        for pipe, keep in ((self.process.stdout, self._sort), (self.process.stderr, self.errors.append)):
            threading.Thread(target=self._collect, args=(pipe, keep), daemon=True).start()

    @staticmethod
    def _collect(pipe, keep):
        for line in pipe:
            keep(line.decode("utf-8").rstrip("\n"))

    def _sort(self, line):
        """The hook answers in JSON; the rest is what the client prints on its terminal."""
        try:
            self._answers.append(json.loads(line))
        except ValueError:
            self.printed.append(line)

    def _do(self, what, text=""):
        number = len(self._answers)
        self.process.stdin.write(json.dumps({"do": what, "text": text}).encode() + b"\n")
        self.process.stdin.flush()
        until(lambda: len(self._answers) > number, lambda: f"an answer to {what}; the client said {self.errors[-8:]}")
        return self._answers[number]

    def rows(self):
        """What the message area shows: a list of rows (003: one text)."""
        return self._do("rows")

    def wait_rows(self, expected, seconds=PATIENCE_SECONDS):
        """Waits until the area shows exactly this, and checks that it stays so for a moment."""
        until(lambda: self.rows() == expected, lambda: f"{expected}\nshown: {self.rows()}", seconds)
        stays_false(lambda: self.rows() != expected, lambda: f"more rows: {self.rows()}", 0.15)

    def say(self, text):
        """Types and presses the button."""
        self._do("type", text)
        self._do("press")

    def say_with_return(self, text):
        self._do("type", text)
        self._do("return")

    def answer_dialog(self, text):
        until(lambda: self._do("dialog", text), "the dialog")

    def button(self):
        return self._do("button")

    def close_window(self):
        self._do("close")

    def wait_end(self, seconds=3.0):
        """Waits until the whole process is gone."""
        until(lambda: self.process.poll() is not None, lambda: f"the end of the client; it said {self.errors[-8:]}", seconds)

    def running(self):
        return self.process.poll() is None

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def close(self):
        if self.running():
            self.process.kill()
        self.process.wait()
