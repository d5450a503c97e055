"""The desktop client in a real window, drawn by software, typed into as a person does."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

from .waiting import until

# A debug build that draws by software on a busy machine.
WINDOW_SECONDS = 30.0


def binary():
    """The program under test."""
    path = os.environ.get("LOGGIA_DESKTOP_BIN")
    assert path, "set LOGGIA_DESKTOP_BIN to the program to test (./test does)"
    assert os.access(path, os.X_OK), f"LOGGIA_DESKTOP_BIN={path} cannot be executed"
    return path


class Desktop:
    """One `loggia-desktop`, with a home of its own; `prefix` enters a network first. `bus`: the address of a session's bus; without, there is none."""

    def __init__(self, display, home, *arguments, language="en_GB.UTF-8", prefix=(), bus=None):
        self.home = Path(home)
        self.home.mkdir(parents=True, exist_ok=True)
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("WAYLAND", "XDG", "DBUS", "LC_"))},
            "DISPLAY": display.name,
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_RUNTIME_DIR": str(self.home),
            "LANG": language,
            "LC_ALL": language,
            "LIBGL_ALWAYS_SOFTWARE": "1",
            "RUST_BACKTRACE": "1",
            **({"DBUS_SESSION_BUS_ADDRESS": bus} if bus else {}),
        }
        self.log = open(self.home / "log", "a+b")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*prefix, binary(), *map(str, arguments)], cwd=self.home, env=self.environment, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log
        )
        self.window = until(self._find, lambda: f"a window\n{self.said()}", WINDOW_SECONDS, every=0.1)
        self._xdotool("windowfocus", "--sync", self.window)

    def _xdotool(self, *words):
        return subprocess.run(["xdotool", *map(str, words)], env=self.environment, capture_output=True, text=True, timeout=20)

    def _find(self):
        assert self.process.poll() is None, f"the window's program ended: {self.process.returncode}\n{self.said()}"
        found = self._xdotool("search", "--onlyvisible", "--pid", self.process.pid).stdout.split()
        return found[0] if found else None

    def said(self):
        """What it wrote to its terminal."""
        return (self.home / "log").read_text("utf-8", "replace")

    def threads(self):
        """What its threads are called: some are there only as long as they are at something."""
        names = []
        for task in Path(f"/proc/{self.process.pid}/task").iterdir():
            # One may end while it is looked at.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                names.append((task / "comm").read_text().strip())
        return names

    def title(self):
        return self._xdotool("getwindowname", self.window).stdout.strip()

    def wait_title(self, part, seconds=WINDOW_SECONDS):
        """Waits until the title has `part` in it."""
        until(lambda: part in self.title(), lambda: f"{part!r} in the title {self.title()!r}\n{self.said()}", seconds, every=0.1)

    def _look(self):
        """Brings it to the front, as whoever types does: there is no window manager here, and a window that is covered is not drawn."""
        self._xdotool("windowraise", self.window)
        self._xdotool("windowfocus", "--sync", self.window)

    def look_away(self):
        """Gives the keyboard to nobody, as whoever goes to another window does."""
        root = self._xdotool("search", "--maxdepth", "0", "--class", "").stdout.split()[0]
        self._xdotool("windowfocus", root)

    def type(self, text):
        self._look()
        done = self._xdotool("type", "--delay", "30", text)
        assert done.returncode == 0, done

    def key(self, *keys):
        self._look()
        done = self._xdotool("key", "--delay", "60", *keys)
        assert done.returncode == 0, done

    def interrupt(self):
        """Ctrl-C in its terminal; returns its exit status and how many seconds it took."""
        started = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(WINDOW_SECONDS)
        print(f"ended after {time.monotonic() - started:.2f} s")
        return status, time.monotonic() - started

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.log.close()
