"""A server in the style of one of the classroom reports, as a process: on one port, however often it is started again."""

import os
import signal
import sys
from pathlib import Path

from .program import Program
from .server import cpu_seconds, free_port

FOLDER = Path(__file__).resolve().parent.parent / "classroom"


class ClassroomServer:
    """Starts `server_NUMBER.py`; what it prints in its terminal tells who is in and what it relays."""

    def __init__(self, number, *arguments):
        self.port = free_port()
        self._command = [sys.executable, str(FOLDER / f"server_{number}.py"), "127.0.0.1", str(self.port), *arguments]
        self.start()

    def start(self):
        self.program = Program(self._command, env={**os.environ, "PYTHONIOENCODING": "utf-8"})
        self.program.wait_for("in ascolto")

    def wait_for(self, text):
        self.program.wait_for(text)

    def kill(self):
        """As when the machine is switched off, or the window of the terminal is closed."""
        self.program.close()

    def interrupt(self):
        """Ctrl-C in its terminal."""
        self.program.process.send_signal(signal.SIGINT)
        self.program.wait_end()

    def cpu_seconds(self):
        return cpu_seconds(self.program.process.pid)

    def close(self):
        self.program.close()
