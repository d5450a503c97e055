"""`loggia chat`: a person in a terminal (tmux), and a script with a pipe."""

import os
import re
import signal
import socket
import subprocess

import pytest

from loggia.foreign import Foreign
from loggia.irc_client import IrcClient
from loggia.plain_client import PlainClient
from loggia.program import Program
from loggia.server import binary, free_port
from loggia.waiting import PATIENCE_SECONDS, until


@pytest.fixture
def chat(terminal, tmp_path):
    """Starts the client in a terminal, with a home of its own."""

    def start(address, nick, *options, home=None):
        folder = home or tmp_path / f"home-{nick}"
        state = f"XDG_STATE_HOME={folder}"
        return terminal("env", state, binary(), "chat", address, "--nick", nick, *options)

    return start


def here(server, listener="all"):
    return f"127.0.0.1:{server.ports[listener]}"


def pipe(tmp_path, *words, text="", seconds=30):
    """Runs the client with a text on its input; returns what came of it."""
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "pipe"), "LC_ALL": "C.UTF-8"}
    command = [binary(), "chat", *map(str, words)]
    return subprocess.run(command, input=text, capture_output=True, text=True, timeout=seconds, env=environment)


def test_an_evening_with_the_server_killed_in_the_middle(server, chat, closing):
    """A terminal, an IRC client and nc in one room: everything is there once and in order, also what was written meanwhile."""
    anna = chat(here(server), "anna", "--room", "#piazza")
    anna.wait_for("#piazza", "F1 help")
    bruno = closing(IrcClient(server.port, "bruno", ("message-tags", "echo-message")))
    bruno.join("#piazza")
    carlo = closing(Program(["nc", "127.0.0.1", str(server.port)]))
    carlo.wait_for("Salve!")
    carlo.type("carlo")
    carlo.wait_for("Benvenuto carlo!")
    anna.wait_for("bruno came in", "carlo came in")

    anna.type("buonasera a tutti")
    carlo.wait_for("anna: buonasera a tutti")
    bruno.expect("PRIVMSG", "#piazza", "buonasera a tutti")
    bruno.say("#piazza", "ciao \x02anna\x02 \x1b[31m日本語")
    carlo.type("salve")
    anna.wait_for("bruno: ciao anna [31m日本語", "carlo: salve")

    server.kill_9()
    anna.wait_for("No connection", seconds=12)
    anna.type("mi sentite?")
    anna.type("aspetto")
    anna.wait_for("anna: mi sentite? sending…", "anna: aspetto sending…")
    server.start()
    bruno = closing(IrcClient(server.port, "bruno", ("message-tags",)))
    bruno.join("#piazza")
    anna.wait_for("F1 help", seconds=30)
    until(lambda: "sending…" not in anna.screen(), anna.screen)
    anna.type("eccoci")
    bruno.expect("PRIVMSG", "#piazza", "eccoci")
    bruno.say("#piazza", "di nuovo qui")
    anna.wait_for("bruno: di nuovo qui")

    told = pipe(server.folder, here(server), "--nick", "reader", "--room", "#piazza", text="fine\n")
    assert told.returncode == 0, told
    anna.wait_for("reader: fine")
    said = ["buonasera a tutti", "ciao anna", "salve", "mi sentite?", "aspetto", "eccoci", "di nuovo qui", "fine"]
    screen = anna.screen()
    places = [[match.start() for match in re.finditer(re.escape(f": {text}"), screen)] for text in said]
    assert all(len(found) == 1 for found in places), screen
    assert places == sorted(places), screen
    anna.type("/quit buonanotte")
    anna.wait_end()
    assert "buonanotte" in bruno.expect("QUIT", "buonanotte").parameters[0]


def test_what_was_not_sent_is_sent_by_the_next_start(make_server, chat, closing, tmp_path):
    server = make_server(listeners=("all",))
    anna = chat(here(server), "anna", "--room", "#piazza")
    anna.wait_for("F1 help")
    server.kill_9()
    anna.wait_for("No connection", seconds=12)
    anna.type("portami via")
    anna.wait_for("portami via sending…")
    anna.press("C-c")
    anna.wait_end()
    server.start()
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#piazza")
    again = chat(here(server), "anna", "--room", "#piazza")
    assert bruno.expect("PRIVMSG").parameters == ["#piazza", "portami via"]
    again.wait_for("anna: portami via")
    again.type("fine")
    assert bruno.expect("PRIVMSG").parameters == ["#piazza", "fine"]


def test_history_search_replies_edits_and_the_rest(server, chat, closing):
    caps = ("message-tags", "echo-message", "batch", "loggia.chat/edit", "draft/message-redaction")
    bruno = closing(IrcClient(server.port, "bruno", caps))
    bruno.join("#piazza")
    for number in range(150):
        bruno.say("#piazza", f"riga {number}.")
    bruno.sync()
    anna = chat(here(server), "anna", "--room", "#piazza")
    anna.wait_for("riga 149.")
    for _ in range(8):
        anna.press("PageUp")
    anna.wait_for("riga 0.", "This is where it begins.")
    anna.press("End")
    anna.type("/search \"riga 77\"")
    anna.wait_for("1 found", "bruno: riga 77.")
    anna.press("Escape")
    anna.wait_for("riga 149.")
    anna.type("/react tada")
    anna.wait_for("🎉 anna")
    anna.type("/reply eccola")
    anna.wait_for("↳ bruno: riga 149.", "anna: eccola")
    anna.type("/edit eccole")
    anna.wait_for("anna: eccole (edited)")
    bruno.expect("EDIT")
    anna.type("/delete")
    anna.wait_for("Delete for everybody? y/n")
    anna.press("y")
    bruno.expect("REDACT")
    until(lambda: "eccole" not in anna.screen(), anna.screen)
    bruno.send("@+typing=active TAGMSG #piazza")
    anna.wait_for("bruno is writing…")
    anna.type("/nick annina")
    bruno.expect("NICK", "annina")
    anna.wait_for("anna is now called annina")
    anna.type("/msg bruno psst")
    assert bruno.expect("PRIVMSG", "bruno", "psst").nick == "annina"
    anna.wait_for("annina: psst")


def test_in_italian_and_in_a_window_that_changes_its_size(server, chat):
    anna = chat(here(server), "anna", "--room", "#piazza", "--language", "it")
    anna.wait_for("F1 aiuto", "│")
    anna._tmux("resize-window", "-t", "test", "-x", "40", "-y", "10")
    until(lambda: "│" not in anna.screen(), anna.screen)
    anna.type("ci sono ancora")
    anna.wait_for("anna: ci sono ancora")
    anna.press("F1")
    anna.wait_for("Comandi e tasti", "/away")


def test_encrypted_with_the_fingerprint_and_the_password_proved(make_server, chat, closing, tmp_path):
    server = make_server(listeners=("all",), listen={"all": {"tls": "auto"}}, tables={"accounts": {"password_hash": "test"}})
    pinned = re.search(r"sha256:([0-9a-f]{64})", "\n".join(server.running.out)).group(1)
    server.command("account", "add", "anna", password="sesame")
    secret = tmp_path / "secret"
    secret.write_text("sesame\n")
    options = ("--account", "anna", "--password-file", secret, "--room", "#piazza")
    anna = chat(here(server), "anna", *options)
    anna.wait_for("Is it the right one? y/n", pinned[:8])
    anna.press("y")
    anna.wait_for("F1 help", seconds=20)
    anna.type("/whois anna")
    anna.wait_for("is logged in as")
    anna.press("C-c")
    anna.wait_end()
    # It is remembered; and another certificate than the one that is expected is not talked to.
    again = chat(here(server), "anna", *options)
    again.wait_for("F1 help", seconds=20)
    other = pipe(tmp_path, here(server), "--nick", "x", "--room", "#piazza", "--fingerprint", "sha256:" + "0" * 64, text="hi\n")
    assert other.returncode == 1 and "certificate" in other.stderr, other
    right = pipe(tmp_path, here(server), "--nick", "x", "--room", "#piazza", "--fingerprint", f"sha256:{pinned}", text="hi\n")
    assert right.returncode == 0, right
    again.wait_for("x: hi")


def test_a_pipe(server, irc, tmp_path):
    bruno = irc("bruno")
    bruno.join("#piazza")
    text = "".join(f"riga {number}\n" for number in range(200)) + "\nultima, senza fine"
    done = pipe(tmp_path, here(server), "--nick", "script", "--room", "#piazza", text=text)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
    said = [bruno.expect("PRIVMSG").parameters[1] for _ in range(201)]
    assert said == [f"riga {number}" for number in range(200)] + ["ultima, senza fine"]
    moderator = irc("mod")
    moderator.join("#quiet")
    moderator.send("MODE #quiet +m")
    moderator.sync()
    refused = pipe(tmp_path, here(server), "--nick", "script", "--room", "#quiet", text="no\n")
    assert refused.returncode == 1 and "not everything was kept" in refused.stderr, refused
    nobody = pipe(tmp_path, f"127.0.0.1:{free_port()}", "--nick", "script", "--room", "#piazza", "--timeout", "2", text="no\n")
    assert nobody.returncode == 1 and "has kept nothing for 2 s" in nobody.stderr, nobody
    usage = pipe(tmp_path, here(server), "--nick", "script", text="where?\n")
    assert usage.returncode == 1 and "--room" in usage.stderr, usage


def test_what_is_followed_is_printed_and_the_server_may_restart(make_server, closing, tmp_path):
    server = make_server(listeners=("all",))
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state")}
    follow = closing(Program([binary(), "chat", here(server), "--nick", "log", "--room", "#piazza", "--follow"], env=environment))
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#piazza")
    until(lambda: bruno.send("NAMES #piazza") or "log" in bruno.expect("353").parameters[-1].split(), "log in the room")
    bruno.say("#piazza", "uno\x03 \x1b[2J")
    follow.wait_for("\t#piazza\tbruno\tuno [2J\n")
    server.kill_9()
    server.start()
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#piazza")
    bruno.say("#piazza", "due")
    follow.wait_for("\t#piazza\tbruno\tdue\n", seconds=30)
    follow.process.send_signal(signal.SIGTERM)
    follow.wait_end()
    lines = [line for line in follow.lines if "\t#piazza\t" in line]
    assert [line.split("\t")[3] for line in lines] == ["uno [2J", "due"], follow.text
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", lines[0].split("\t")[0])


@pytest.mark.parametrize("variant", ["quit", "close", "nick", "username"])
def test_in_the_place_of_a_classroom_client(server, chat, closing, variant):
    anna = chat(f"plain://127.0.0.1:{server.ports[variant]}?variant={variant}", "Anna Rossi")
    anna.wait_for("#classroom", "F1 help")
    other = closing(PlainClient(server.ports[variant], "Bruno"))
    anna.wait_for("Bruno came in")
    other.send("Bruno: ciao\n" if variant == "nick" else "ciao")
    anna.wait_for("Bruno: ciao")
    anna.type("salve a te")
    other.wait_text("Anna Rossi: salve a te")
    anna.wait_for("salve a te")
    until(lambda: "sending…" not in anna.screen(), anna.screen)
    anna.type("e due")
    other.wait_text("Anna Rossi: e due")
    anna.press("C-c")
    anna.wait_end()
    if variant != "nick":
        other.wait_text("Anna Rossi ha abbandonato la")


def test_on_a_server_that_is_none_of_ours(chat, closing, tmp_path):
    foreign = closing(Foreign(tmp_path / "inspircd"))
    anna = chat(f"irc://127.0.0.1:{foreign.irc}", "anna", "--room", "#hall")
    anna.wait_for("#hall", "F1 help", seconds=20)
    bruno = closing(IrcClient(foreign.irc, "bruno"))
    bruno.join("#hall")
    anna.wait_for("bruno came in")
    anna.type("ciao bruno")
    assert bruno.expect("PRIVMSG").parameters == ["#hall", "ciao bruno"]
    anna.wait_for("anna: ciao bruno")
    until(lambda: "sending…" not in anna.screen(), anna.screen)
    bruno.say("#hall", "anna: ciao")
    anna.wait_for("bruno: anna: ciao")


def test_the_end_is_at_once_also_while_connecting(chat, closing):
    # A server that takes connections and says nothing.
    with socket.create_server(("127.0.0.1", 0)) as silent:
        anna = chat(f"irc://127.0.0.1:{silent.getsockname()[1]}", "anna", "--room", "#piazza")
        anna.wait_for("Connecting to")
        anna.press("C-c")
        anna.wait_end(seconds=min(PATIENCE_SECONDS, 3.0))


def test_who_reads_along_does_not_see_the_password(make_server, tmp_path):
    """Where the server does not encrypt, the password is proved; it is nowhere among the arguments."""
    server = make_server(listeners=("all",), tables={"accounts": {"password_hash": "test"}})
    server.command("account", "add", "anna", password="sesame")
    environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path / "state"), "LOGGIA_PASSWORD": "sesame"}
    command = [binary(), "chat", here(server), "--nick", "anna", "--account", "anna", "--room", "#piazza"]
    done = subprocess.run(command, input="hi\n", capture_output=True, text=True, timeout=30, env=environment)
    assert done.returncode == 0, done
    wrong = subprocess.run(
        [*command, "--timeout", "2"], input="hi\n", capture_output=True, text=True, timeout=30, env={**environment, "LOGGIA_PASSWORD": "wrong"}
    )
    assert wrong.returncode == 1, wrong
