"""A session bus with GNOME's keyring on it, unlocked as at a log-in; no display is needed."""

import os
import signal
import subprocess
from pathlib import Path

from .waiting import until

# With the same password as at an earlier start, the keyring of then is opened.
LOGIN_PASSWORD = b"the password of the log-in"
# The bus lives as long as the keyring in it.
IN_SESSION = 'echo "$$ $DBUS_SESSION_BUS_ADDRESS"; exec gnome-keyring-daemon --foreground --unlock --components=secrets'


class Keyring:
    """One keyring, with a home of its own; `prefix` enters a network first."""

    def __init__(self, home, prefix=()):
        home = Path(home)
        home.mkdir(parents=True, exist_ok=True)
        home.chmod(0o700)
        without = ("WAYLAND", "XDG", "DBUS", "DISPLAY", "GNOME")
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(without)},
            "HOME": str(home),
            "XDG_DATA_HOME": str(home / "data"),
            "XDG_RUNTIME_DIR": str(home),
        }
        self._prefix = prefix
        self._log = open(home / "log", "a+b")  # noqa: SIM115
        self.process = subprocess.Popen(
            [*prefix, "dbus-run-session", "--", "sh", "-c", IN_SESSION],
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        self._pid, _, self.address = self.process.stdout.readline().decode().strip().partition(" ")
        assert self.address, f"no session bus: {(home / 'log').read_text('utf-8', 'replace')}"
        self.process.stdin.write(LOGIN_PASSWORD)
        self.process.stdin.close()
        self._environment["DBUS_SESSION_BUS_ADDRESS"] = self.address
        until(lambda: "true" in self._ask("org.freedesktop.DBus", "/", "org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"), "a keyring")

    def _ask(self, name, path, method, *words):
        command = [*self._prefix, "dbus-send", "--session", "--print-reply=literal", f"--dest={name}", path, method, *words]
        return subprocess.run(command, env=self._environment, capture_output=True, text=True, timeout=20).stdout

    def passwords(self):
        """How many passwords of our window are in it."""
        wanted = "dict:string:string:service,chat.loggia.Desktop"
        found = self._ask("org.freedesktop.secrets", "/org/freedesktop/secrets", "org.freedesktop.Secret.Service.SearchItems", wanted)
        return found.count("/org/freedesktop/secrets/collection/")

    def close(self):
        # The bus ends with its keyring; told to end by itself, it would leave the keyring behind.
        os.kill(int(self._pid), signal.SIGTERM)
        self.process.wait(10)
        self.process.stdout.close()
        self._log.close()
