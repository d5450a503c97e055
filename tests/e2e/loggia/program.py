"""A program with its input and output in pipes, as a shell script uses `nc`."""

import subprocess
import threading
import time

from .waiting import PATIENCE_SECONDS, until


class Program:
    """Starts a command; a thread collects what it prints."""

    def __init__(self, command, cwd=None, env=None):
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=cwd, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0
        )
        self.printed = b""
        self.first_output_seconds = None
        self._searched = 0
        self._reader = threading.Thread(target=self._collect, daemon=True)
        self._reader.start()

    def _collect(self):
        while True:
            data = self.process.stdout.read(65536)
            if not data:
                return
            if self.first_output_seconds is None:
                self.first_output_seconds = time.monotonic() - self.started
            self.printed += data

    @property
    def text(self):
        return self.printed.decode("utf-8", "replace")

    @property
    def lines(self):
        return self.text.splitlines()

    def type(self, line):
        self.process.stdin.write(line.encode("utf-8") + b"\n")

    def close_input(self):
        self.process.stdin.close()

    def wait_for(self, text, seconds=PATIENCE_SECONDS):
        """Waits for `text` after what an earlier wait has found; returns what stood between."""

        def found():
            return self.text.find(text, self._searched) >= 0

        until(found, lambda: f"{text!r} after {self.text[:self._searched]!r}; since then {self.text[self._searched:]!r}", seconds)
        at = self.text.find(text, self._searched)
        between, self._searched = self.text[self._searched : at], at + len(text)
        return between

    def wait_end(self, seconds=PATIENCE_SECONDS):
        """Waits for the end; returns the exit status."""
        status = self.process.wait(seconds)
        self._reader.join(2)
        return status

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
