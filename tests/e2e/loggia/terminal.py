"""A program in a terminal: tmux with a server of its own per test, so nothing of the machine's user is touched."""

import os
import shlex
import subprocess
from itertools import count

from .waiting import PATIENCE_SECONDS, until

_numbers = count(1)


class Terminal:
    """One window of 120 × 40 that runs one command."""

    def __init__(self, command, folder, environment=None):
        self.socket_name = f"loggia-test-{os.getpid()}-{next(_numbers)}"
        variables = {"TERM": "screen-256color", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(folder), **(environment or {})}
        shown = " ".join(["exec", "env", *(shlex.quote(f"{key}={value}") for key, value in variables.items()), *map(shlex.quote, command)])
        self._tmux("-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40", "-s", "test", "-c", str(folder), shown)

    def _tmux(self, *arguments, check=True):
        environment = {key: value for key, value in os.environ.items() if key not in ("TMUX", "TMUX_PANE")}
        environment.update(LANG="C.UTF-8", LC_ALL="C.UTF-8")
        return subprocess.run(
            ["tmux", "-u", "-L", self.socket_name, *arguments], env=environment, check=check, capture_output=True, text=True, timeout=20
        )

    def type(self, text):
        """Types a line and presses Enter."""
        self._tmux("send-keys", "-t", "test", "-l", text)
        self._tmux("send-keys", "-t", "test", "Enter")

    def press(self, key):
        self._tmux("send-keys", "-t", "test", key)

    def screen(self):
        """What stands on the screen and above it."""
        shown = self._tmux("capture-pane", "-p", "-J", "-S", "-", "-t", "test", check=False)
        return shown.stdout if shown.returncode == 0 else ""

    def wait_for(self, *texts, seconds=PATIENCE_SECONDS):
        """Waits until all of these stand on the screen."""
        until(lambda: all(text in self.screen() for text in texts), lambda: f"{texts} on the screen:\n{self.screen()}", seconds, every=0.05)

    def alive(self):
        return self._tmux("has-session", "-t", "test", check=False).returncode == 0

    def wait_end(self, seconds=PATIENCE_SECONDS):
        """Waits until the program has ended and its window with it."""
        until(lambda: not self.alive(), lambda: f"the end of the program:\n{self.screen()}", seconds, every=0.05)

    def close(self):
        self._tmux("kill-server", check=False)
