"""The real server as a process of its own, on free ports of this machine and in a directory of the test."""

import json
import os
import random
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

from .waiting import until

_given = set()

VARIANTS = ("quit", "close", "nick", "username")


def binary():
    """The program under test."""
    path = os.environ.get("LOGGIA_BIN")
    assert path, "set LOGGIA_BIN to the program to test (./test does)"
    assert os.access(path, os.X_OK), f"LOGGIA_BIN={path} cannot be executed"
    return path


def free_port(host="127.0.0.1"):
    """A port that nobody listens on, below those that the system gives to outgoing connections: a restart finds it free again."""
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
        if port not in _given:
            _given.add(port)
            return port


def toml_value(value):
    """JSON's strings, numbers, booleans and lists of them are TOML's too; only tables are written another way."""
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{key} = {toml_value(inner)}" for key, inner in value.items()) + " }"
    return json.dumps(value, ensure_ascii=False)


def toml_table(name, values):
    """One table of a TOML file."""
    lines = [f"[{name}]"] + [f"{key} = {toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines) + "\n"


class Running:
    """A process whose output is collected line by line."""

    def __init__(self, command, cwd, environment=None):
        self.process = subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "RUST_LOG": "info", "RUST_BACKTRACE": "1", **(environment or {})},
        )
        self.out, self.err = [], []
        self._readers = [
            threading.Thread(target=self._collect, args=(pipe, lines), daemon=True)
            for pipe, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    @staticmethod
    def _collect(pipe, lines):
        for line in pipe:
            lines.append(line.decode("utf-8", "replace").rstrip("\n"))

    @property
    def pid(self):
        return self.process.pid

    def running(self):
        return self.process.poll() is None

    def wait(self, seconds=5.0):
        """Waits for the end; returns the exit status (negative: the signal that ended it)."""
        status = self.process.wait(seconds)
        for reader in self._readers:
            reader.join(2)
        return status

    def said(self):
        """Everything written so far, for messages of failing tests."""
        return "\n".join(["--- standard output", *self.out, "--- standard error", *self.err[-60:]])

    def kill(self):
        if self.running():
            self.process.kill()
        self.wait()


class Server:
    """One `loggia serve`: `ports["all"]` takes every dialect, `ports["quit"]`… are one plain variant each."""

    def __init__(
        self, folder, tables=None, listen=None, data=None, listeners=("all", *VARIANTS), operators=(), environment=None
    ):
        self.environment = environment
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.data = Path(data) if data else self.folder / "data"
        self.ports = {name: free_port() for name in listeners}
        self.admin_port = free_port()
        self.listen = listen or {}
        self.tables = {name: dict(values) for name, values in (tables or {}).items()}
        self.operators = operators
        self.config = self.folder / "loggia.toml"
        self.running = None
        self.write_config()

    def write_config(self):
        server = {"name": "loggia.test", "data": str(self.data), "mdns": False, **self.tables.get("server", {})}
        parts = [toml_table("server", server), toml_table("admin", {"address": f"127.0.0.1:{self.admin_port}"})]
        parts += [toml_table(name, values) for name, values in self.tables.items() if name != "server"]
        for name, port in self.ports.items():
            values = {"address": f"127.0.0.1:{port}"}
            if name == "all":
                values["dialects"] = ["web", "irc", "plain"]
            elif name in VARIANTS:
                values.update(dialects=["plain"], plain=name)
            else:
                values["dialects"] = [name]
            values.update(self.listen.get(name, {}))
            parts.append(toml_table("[listen]", values))
        parts += [toml_table("[operator]", operator) for operator in self.operators]
        self.config.write_text("\n".join(parts), encoding="utf-8")

    def start(self, seconds=10.0):
        """Starts the program and waits for its line `ready`."""
        self.running = Running([binary(), "serve", "--config", str(self.config)], self.folder, self.environment)
        wait_ready(self.running, seconds)
        return self

    @property
    def port(self):
        return self.ports["all"]

    def signal(self, number):
        self.running.process.send_signal(number)

    def command(self, *words, password=None, status=0):
        """Runs the program on this server's data, with a password on its input; returns what it printed and what it complained of."""
        done = subprocess.run(
            [binary(), *map(str, words), "--config", str(self.config)],
            input=None if password is None else password + "\n",
            capture_output=True,
            text=True,
            timeout=60,
            cwd=self.folder,
        )
        assert done.returncode == status, done
        return done.stdout, done.stderr

    def kill_9(self):
        """Ends the program the way a crash does."""
        self.running.process.kill()
        self.running.wait()

    def stop(self, seconds=5.0):
        """Stops the program the way an administrator does; returns its exit status and how many seconds it took."""
        started = time.monotonic()
        self.signal(signal.SIGTERM)
        status = self.running.wait(seconds)
        return status, time.monotonic() - started

    def ask_admin(self, path):
        """Status and text that the admin listener answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.admin_port}{path}", timeout=5) as answer:
                return answer.status, answer.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode("utf-8")

    def cpu_seconds(self):
        return cpu_seconds(self.running.pid)

    def close(self):
        if self.running is not None:
            self.running.kill()


def wait_ready(running, seconds=10.0):
    """Waits for the line `ready`; an early end fails at once with what the program said."""

    def ready():
        assert running.running() or "ready" in running.out, f"the server ended: {running.process.returncode}\n{running.said()}"
        return "ready" in running.out

    until(ready, lambda: f"the line `ready`\n{running.said()}", seconds)


def cpu_seconds(pid):
    """Processor time used by a process so far, its finished threads included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
