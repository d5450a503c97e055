#!/usr/bin/env python3
"""Takes desktop.png anew: the window with people in a room, drawn by software on a display that nobody looks at.

    apt-get install xvfb xdotool imagemagick libgl1-mesa-dri fonts-noto-color-emoji
    docs/images/take_desktop.py [path to loggia] [path to loggia-desktop]          (default: target/release/…)

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

from loggia.desktop import Desktop  # noqa: E402
from loggia.display import Display  # noqa: E402
from loggia.irc_client import IrcClient  # noqa: E402
from loggia.server import Server  # noqa: E402

CAPS = ["message-tags", "echo-message"]


def converse(window, anna, marco, tom):
    anna.say("#piazza", "Ciao a tutti! Has anybody seen the \x02blue folder\x02? It has the slides for tomorrow.")
    marco.say("#piazza", "It was in room 12 this morning, next to the projector")
    window.type("Found it, I will bring it at three")
    window.key("Return")
    found = anna.expect("PRIVMSG", "I will bring it")
    for friend, sign in ((anna, "🎉"), (marco, "👍"), (tom, "👍")):
        friend.send(f"@+draft/react={sign};+draft/reply={found.tags['msgid']} TAGMSG #piazza")
    tom.say("#piazza", "Hello from the library. Is the build green again? https://example.org/builds/42")
    asked = anna.expect("PRIVMSG", "Hello from the library")
    marco.send(f"@+draft/reply={asked.tags['msgid']} PRIVMSG #piazza :It is, since noon")
    tom.say("#piazza", "giulia, are there biscuits at three, too? 日本のお茶も?")
    anna.expect("PRIVMSG", "biscuits")
    window.type("Of course. See you in the courtyard :coffee")
    window.key("Tab", "Return")
    anna.expect("PRIVMSG", "See you in the courtyard")
    marco.send("PRIVMSG giulia :Are you coming by train?")


def main():
    programs = sys.argv[1:] + [ROOT / "target" / "release" / name for name in ("loggia", "loggia-desktop")][len(sys.argv) - 1 :]
    os.environ["LOGGIA_BIN"], os.environ["LOGGIA_DESKTOP_BIN"] = map(os.path.abspath, programs)
    with tempfile.TemporaryDirectory(prefix="loggia-picture-") as folder:
        home = Path(folder)
        server = Server(home / "server", tables={"server": {"network": "Casa", "description": "The chat of our house"}}).start()
        display = Display()
        try:
            others = [IrcClient(server.port, nick, CAPS) for nick in ("anna", "marco", "tom")]
            for other in others:
                other.join("#piazza")
            window = Desktop(display, home / "giulia", f"127.0.0.1:{server.port}", "--nick", "giulia", "--room", "#piazza")
            window.wait_title("#piazza")
            converse(window, *others)
            # The window tells nobody what it has drawn: until what came last is there.
            time.sleep(2)
            subprocess.run(["import", "-display", display.name, "-window", window.window, HERE / "desktop.png"], check=True)
            window.close()
        finally:
            display.close()
            server.close()


main()
