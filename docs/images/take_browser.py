#!/usr/bin/env python3
"""Takes browser.png and phone.png anew: the browser client with people in a room, in Debian's Chromium.

    apt-get install chromium chromium-driver fonts-noto-color-emoji
    docs/images/take_browser.py [path to loggia]          (default: target/release/loggia)

Everything in the pictures is real: the server, the people, and every word.
"""

import os
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "e2e"))

from loggia.irc_client import IrcClient  # noqa: E402
from loggia.server import Server  # noqa: E402
from loggia.waiting import until  # noqa: E402
from loggia.web_client import WebClient  # noqa: E402

CAPS = ["message-tags", "echo-message", "batch", "draft/multiline"]


def converse(server, giulia, paolo, others):
    anna, marco, tom = others
    anna.say("#piazza", "Ciao a tutti! Has anybody seen the **blue folder**? It has the slides for tomorrow.")
    marco.say("#piazza", "It was in room 12 this morning, next to the projector")
    giulia.sees("next to the projector")
    giulia.on("blue folder", "Reply")
    giulia.say("Found it 🎉 I will bring it at three")
    giulia.sees("I will bring it at three")
    paolo.sees("I will bring it at three")
    paolo.on("I will bring it at three", "Reagisci con 👍")
    paolo.on("I will bring it at three", "Reagisci con ❤️")
    tom.say("#piazza", "Hello from the library. Is the build green again? https://example.org/builds/42")
    marco.send("BATCH +1 draft/multiline #piazza", *[f"@batch=1 PRIVMSG #piazza :{line}" for line in
               ("It is, this was missing:", "```", "fn main() {", '    println!("ciao, piazza");', "}", "```")], "BATCH -1")
    giulia.sees("println!")
    tom.say("#piazza", "Thank you! giulia, are there biscuits at three, too?")
    giulia.sees("are there biscuits")
    giulia.say("Of course. See you in the courtyard ☕")
    giulia.sees("See you in the courtyard")
    for client in (giulia, paolo):
        until(lambda: not client.browser.evaluate("!!document.querySelector('.pending')"), "everything to be kept")
    anna.send("@+typing=active TAGMSG #piazza")
    giulia.sees("anna is writing")


def main():
    os.environ["LOGGIA_BIN"] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else ROOT / "target" / "release" / "loggia")
    with tempfile.TemporaryDirectory(prefix="loggia-picture-") as folder:
        home = Path(folder)
        server = Server(home / "server", tables={"server": {"network": "Casa", "description": "The chat of our house"}}).start()
        opened = []
        try:
            others = [IrcClient(server.port, nick, CAPS) for nick in ("anna", "marco", "tom")]
            for other in others:
                other.join("#piazza")
            giulia = WebClient(home / "giulia")
            opened.append(giulia)
            address = f"http://127.0.0.1:{server.port}/"
            giulia.enter(address, "giulia")
            giulia.click("Enter or make a room")
            giulia.fill("Name of the room", "kitchen")
            giulia.browser.press("Enter")
            until(lambda: giulia.is_there("Write to #kitchen"), giulia.text)
            giulia.click("piazza", ".rooms")
            others[0].join("#kitchen")
            others[0].say("#kitchen", "Who cooks tonight?")
            others[1].send("PRIVMSG giulia :Are you coming by train?")
            paolo = WebClient(home / "paolo", language="it", phone=True, dark=True)
            opened.append(paolo)
            paolo.enter(address, "paolo")
            converse(server, giulia, paolo, others)
            giulia.browser.hover(2, 2)
            paolo.browser.evaluate("document.activeElement.blur()")
            giulia.browser.screenshot(HERE / "browser.png")
            paolo.browser.screenshot(HERE / "phone.png")
        finally:
            for client in opened:
                client.browser.close()
            server.close()


main()
