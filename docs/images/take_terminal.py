#!/usr/bin/env python3
"""Takes terminal.png anew: `loggia chat` in a terminal, on a display that nobody looks at.

    apt-get install xvfb xterm xdotool imagemagick optipng fonts-dejavu-core
    docs/images/take_terminal.py [path to loggia]          (default: target/release/loggia)

Everything in the picture is real: the server, the people, and every word.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from loggia.display import Display  # noqa: E402
from loggia.irc_client import IrcClient  # noqa: E402
from loggia.server import Server, binary  # noqa: E402
from loggia.waiting import until  # noqa: E402

CAPS = ["message-tags", "echo-message"]

LOOK = ["-fa", "DejaVu Sans Mono", "-fs", "11", "-bg", "#fdf6e3", "-fg", "#22313a", "+sb", "-b", "8", "-geometry", "108x22"]
COLOURS = ["-xrm", "XTerm*color6: #0f7a72", "-xrm", "XTerm*color2: #3f7a00", "-xrm", "XTerm*color3: #8a5a00", "-xrm", "XTerm*color8: #5c6f77"]


class Terminal:
    """A terminal with the client in it, and a person's hands."""

    def __init__(self, display, home, port):
        self.environment = {**os.environ, "DISPLAY": display.name, "HOME": str(home), "XDG_STATE_HOME": str(home), "LC_ALL": "C.UTF-8"}
        chat = [binary(), "chat", f"127.0.0.1:{port}", "--nick", "giulia", "--room", "#piazza"]
        self.process = subprocess.Popen(["xterm", "-T", "terminal", *LOOK, *COLOURS, "-e", *chat], env=self.environment)
        self.window = until(lambda: self.run("search", "--name", "^terminal$").split(), "the terminal")[-1]
        self.run("windowfocus", "--sync", self.window)

    def run(self, *words):
        return subprocess.run(["xdotool", *words], env=self.environment, capture_output=True, text=True).stdout

    def say(self, text):
        self.run("type", "--delay", "20", text)
        self.run("key", "Return")


def converse(giulia, anna, marco, tom):
    anna.expect("JOIN", "^:giulia!", seconds=20)
    anna.say("#piazza", "Ciao a tutti! Has anybody seen the \x02blue folder\x02? It has the slides for tomorrow.")
    marco.say("#piazza", "It was in room 12 this morning, next to the projector")
    tom.expect("PRIVMSG", "It was in room 12")
    giulia.say("Found it, I will bring it at three")
    found = anna.expect("PRIVMSG", "I will bring it")
    for friend, sign in ((anna, "🎉"), (marco, "👍"), (tom, "👍")):
        friend.send(f"@+draft/react={sign};+draft/reply={found.tags['msgid']} TAGMSG #piazza")
    tom.say("#piazza", "Hello from the library. Is the build green again? https://example.org/builds/42")
    asked = anna.expect("PRIVMSG", "Hello from the library")
    marco.send(f"@+draft/reply={asked.tags['msgid']} PRIVMSG #piazza :It is, since noon")
    tom.say("#piazza", "giulia, are there biscuits at three, too?")
    anna.expect("PRIVMSG", "biscuits")
    giulia.say("Of course. See you in the courtyard")
    anna.expect("PRIVMSG", "See you in the courtyard")
    marco.send("PRIVMSG giulia :Are you coming by train?")
    tom.send("@+typing=active TAGMSG #piazza")


def main():
    os.environ["LOGGIA_BIN"] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "loggia")
    with tempfile.TemporaryDirectory(prefix="loggia-picture-") as folder:
        home = Path(folder)
        server = Server(home / "server").start()
        display = Display()
        try:
            others = [IrcClient(server.port, nick, CAPS) for nick in ("anna", "marco", "tom")]
            for other in others:
                other.join("#piazza")
            giulia = Terminal(display, home, server.port)
            converse(giulia, *others)
            # The terminal tells nobody what it has drawn: until what came last is there.
            time.sleep(1)
            subprocess.run(["import", "-display", display.name, "-window", giulia.window, HERE / "terminal.png"], check=True)
            giulia.process.terminate()
            giulia.process.wait()
        finally:
            display.close()
            server.close()
    subprocess.run(["optipng", "-quiet", HERE / "terminal.png"], check=False)


main()
