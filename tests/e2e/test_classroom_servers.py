"""Our clients in the place of the classroom clients, with servers in the style of the reports: whichever half is replaced, both still talk.

Where a server says nothing about a message, its terminal does (`server_*.py` print what they relay).
"""

import os
import re
import subprocess
import time

import pytest

from loggia.classroom_server import ClassroomServer
from loggia.desktop import Desktop
from loggia.plain_client import PlainClient
from loggia.program import Program
from loggia.server import binary
from loggia.waiting import until

# The number of the report, the variant as which its server is joined, and what is left open there.
SERVERS = [("000", "quit"), ("001", "close"), ("002", "quit"), ("003", "nick"), ("004", "username"), ("004 bare", "username")]
BY_NUMBER = pytest.mark.parametrize(("number", "variant"), SERVERS, ids=[number.replace(" ", "-") for number, _ in SERVERS])

# Those that tell who comes and who goes.
JOINED = {"000": "{} si è unito alla chat!", "001": "{} si è unito all chat!", "003": "{} has joined the chat!"}
LEFT = {"000": "{} ha abbandonato la Chat.", "001": "{} ha abbandonato la chat.", "003": "{} has left the chat!"}

# A window in a debug build, drawn by software on a busy machine.
WINDOW_SECONDS = 30.0


@pytest.fixture
def classroom(closing):
    """Starts a server by the number of its report."""
    return lambda number: closing(ClassroomServer(*number.split()))


@pytest.fixture
def chat(terminal, tmp_path):
    """Opens `loggia chat` on a server."""

    def start(server, variant, nick, *options):
        address = f"plain://127.0.0.1:{server.port}?variant={variant}"
        return terminal("env", f"XDG_STATE_HOME={tmp_path / nick}", binary(), "chat", address, "--nick", nick, *options)

    return start


def bruno_in(server, closing):
    """Somebody with a classroom client."""
    bruno = closing(PlainClient(server.port, "Bruno"))
    server.wait_for("Bruno è dentro")
    return bruno


def said(number, name, text):
    """What a client of this server sends, where its server does not write the name."""
    return f"{name}: {text}\n" if number == "003" else text


def row(number, name, text):
    """What the others get of it."""
    return text if number == "004 bare" else f"{name}: {text}"


@BY_NUMBER
def test_a_terminal_talks_both_ways_with_the_server_killed_in_the_middle(classroom, chat, closing, number, variant):
    server = classroom(number)
    anna = chat(server, variant, "Anna Rossi")
    server.wait_for("Anna Rossi è dentro")
    anna.wait_for("#classroom", "F1 help")
    bruno = bruno_in(server, closing)
    if number in JOINED:
        anna.wait_for("Bruno came in")
    bruno.send(said(number, "Bruno", "ciao a tutti, perché no?"))
    anna.wait_for("ciao a tutti, perché no?" if number == "004 bare" else "Bruno: ciao a tutti, perché no?")
    for text in ("salve", "e due: così"):
        anna.type(text)
        bruno.wait_text(row(number, "Anna Rossi", text))
        anna.wait_for(f"Anna\u00a0Rossi: {text}")
        until(lambda: "sending…" not in anna.screen(), anna.screen)

    server.kill()
    anna.wait_for("No connection", seconds=12)
    if number != "001":
        # 001 does not say that it has read a name: what is behind it could become a part of it on a busy machine.
        anna.type("mi sentite?")
        anna.wait_for("mi sentite? sending…")
    server.start()
    server.wait_for("Anna Rossi è dentro")
    if number != "001":
        server.wait_for("Anna Rossi: mi sentite?")
    anna.wait_for("F1 help")
    until(lambda: "sending…" not in anna.screen(), anna.screen)
    bruno = bruno_in(server, closing)
    bruno.send(said(number, "Bruno", "di nuovo qui"))
    anna.wait_for("di nuovo qui")
    anna.type("eccoci")
    bruno.wait_text(row(number, "Anna Rossi", "eccoci"))
    anna.wait_for("Anna\u00a0Rossi: eccoci")
    for text in ("salve", "e due: così", "eccoci", *(["mi sentite?"] if number != "001" else [])):
        assert anna.screen().count(f"Anna\u00a0Rossi: {text}") == 1, anna.screen()

    anna.press("C-c")
    anna.wait_end()
    assert_left(server, number, bruno, "Anna Rossi")


def assert_left(server, number, bruno, name):
    """The server knows that somebody has left, has told the others, and does not go round in circles."""
    if number in LEFT:
        bruno.wait_text(LEFT[number].format(name))
    else:
        server.wait_for(f"{name} è fuori")
    before = server.cpu_seconds()
    time.sleep(0.5)
    assert server.cpu_seconds() - before < 0.2, "a server that was left has nothing to do"
    assert f"{name}: \n" not in server.program.text, "no empty read was relayed"


@BY_NUMBER
def test_a_pipe_says_and_follows(classroom, closing, tmp_path, number, variant):
    server = classroom(number)
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
    address = f"plain://127.0.0.1:{server.port}?variant={variant}"
    follow = closing(Program([binary(), "chat", address, "--nick", "Log", "--follow"], env=environment))
    server.wait_for("Log è dentro")
    bruno = bruno_in(server, closing)
    done = subprocess.run(
        [binary(), "chat", address, "--nick", "Anna Rossi"], input="ciao\n", capture_output=True, text=True, timeout=30, env=environment
    )
    assert done.returncode == 0, done
    bruno.wait_text(row(number, "Anna Rossi", "ciao"))
    if number != "004 bare":
        # Without names, what others say is what the server says.
        # That she comes and goes may be in the same read on a busy machine, as on the screens of the originals.
        follow.wait_for("Anna\u00a0Rossi\tciao")
    assert_left(server, number, bruno, "Anna Rossi")


def test_the_silence_of_others_who_are_lost_is_not_shown(classroom, chat, closing):
    # 000 gives everybody the empty reads of a connection that was closed without a word: `Carla: `, again and again.
    server = classroom("000")
    anna = chat(server, "quit", "Anna")
    server.wait_for("Anna è dentro")
    carla = closing(PlainClient(server.port, "Carla"))
    server.wait_for("Carla è dentro")
    anna.wait_for("Carla came in")
    carla.half_close()
    server.wait_for("Carla: \nCarla: \n")
    bruno = bruno_in(server, closing)
    carla.close()
    server.wait_for("Carla è perso")
    bruno.send("ci sei?")
    anna.wait_for("Bruno: ci sei?")
    assert re.search(r"Carla:\s*(Carla:|│|$)", anna.screen(), re.MULTILINE) is None, anna.screen()


def test_the_word_with_which_a_server_stops_is_shown(classroom, chat):
    server = classroom("004")
    anna = chat(server, "username", "Anna")
    server.wait_for("Anna è dentro")
    anna.wait_for("F1 help")
    server.interrupt()
    anna.wait_for("No connection")
    server.start()
    server.wait_for("Anna è dentro")
    # What the server itself says stands in a room of its own.
    anna.press("C-n")
    anna.wait_for("SHUTDOWN")


@BY_NUMBER
def test_a_window_talks_both_ways_with_the_server_killed_in_the_middle(classroom, display, tmp_path, closing, number, variant):
    server = classroom(number)
    window = closing(Desktop(display, tmp_path / "anna", f"plain://127.0.0.1:{server.port}?variant={variant}", "--nick", "Anna"))
    window.wait_title("#classroom")
    server.wait_for("Anna è dentro")
    bruno = bruno_in(server, closing)
    window.type("salve a te")
    window.key("Return")
    bruno.wait_text(row(number, "Anna", "salve a te"), WINDOW_SECONDS)
    if number != "004 bare":
        # The title counts what is for somebody who looks elsewhere.
        window.look_away()

        def is_counted():
            # What it is told before it knows that nobody looks is read.
            bruno.send(said(number, "Bruno", "Anna: ci sei?"))
            return re.match(r"\(\d+\) #classroom", window.title())

        until(is_counted, lambda: f"a count in {window.title()!r}", WINDOW_SECONDS, every=0.5)
    server.kill()
    window.wait_title("not connected")
    if number != "001":
        window.type("mi sentite?")
        window.key("Return")
    server.start()
    server.wait_for("Anna è dentro")
    if number != "001":
        server.wait_for("Anna: mi sentite?")
    window.wait_title("#classroom · 127.0.0.1 – Loggia")
    bruno = bruno_in(server, closing)
    window.type("eccoci")
    window.key("Return")
    bruno.wait_text(row(number, "Anna", "eccoci"), WINDOW_SECONDS)
    assert server.program.text.count("Anna: mi sentite?") == (number != "001"), server.program.text
    assert window.interrupt()[0] == 0
    assert_left(server, number, bruno, "Anna")
