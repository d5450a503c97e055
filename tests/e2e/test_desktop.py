"""`loggia-desktop` in a real window: what is typed arrives once, whatever happens to the server, and it ends at once."""

import contextlib
import signal
import socket
import struct
import subprocess
import time
import urllib.request
import zlib

import pytest

from loggia.desktop import Desktop
from loggia.irc_client import IrcClient
from loggia.namespace import LAN_ADDRESS
from loggia.plain_client import PlainClient
from loggia.program import Program
from loggia.server import binary as program
from loggia.server import wait_ready
from loggia.waiting import until

# A debug build that draws by software on a busy machine.
SECONDS = 30.0


@pytest.fixture
def desktop(display, tmp_path, closing):
    """Opens a window; windows of one name have one home."""
    return lambda name, *arguments, **more: closing(Desktop(display, tmp_path / name, *arguments, **more))


def joined(desktop, server, name="anna", **more):
    """A window on the server's room."""
    window = desktop(name, f"127.0.0.1:{server.port}", "--nick", name, "--room", "#piazza", **more)
    window.wait_title("#piazza")
    return window


def listener(server, closing, name):
    """Somebody in the room who hears everything."""
    client = closing(IrcClient(server.port, name))
    client.join("#piazza")
    return client


def enter_by_nc(network, closing):
    """Bob, in a network of its own."""
    bob = closing(Program([*network.prefix, "nc", "127.0.0.1", "53000"]))
    bob.wait_for("Salve!")
    bob.type("bob")
    bob.wait_for("Benvenuto bob!")
    return bob


def test_first_start_asks_and_joins(start, network, desktop, closing):
    # In a network of their own: at its first start the program looks for servers around it.
    wait_ready(start(prefix=network.prefix))
    bob = enter_by_nc(network, closing)
    window = desktop("anna", prefix=network.prefix)
    # The form is drawn: one can type.
    window.wait_title("Join a chat")
    window.type("127.0.0.1")
    window.key("Tab", "ctrl+a")
    window.type("53000")
    window.key("Tab")
    window.type("anna")
    window.key("Return")
    bob.wait_for("anna", seconds=SECONDS)
    window.wait_title("#piazza · 127.0.0.1 – Loggia")
    # Shift and Return breaks the line; Return sends.
    window.type("ciao")
    window.key("shift+Return")
    window.type("bella")
    window.key("Return")
    bob.wait_for("anna: ciao", seconds=SECONDS)
    bob.wait_for("anna: bella", seconds=SECONDS)
    assert window.interrupt()[0] == 0
    bob.wait_for("anna ha abbandonato", seconds=SECONDS)
    # Server, name and room come back: one keystroke, and one is in.
    again = desktop("anna", prefix=network.prefix)
    again.wait_title("Join a chat")
    again.key("Return")
    bob.wait_for("anna", seconds=SECONDS)
    again.wait_title("#piazza · 127.0.0.1 – Loggia")


def test_a_server_that_is_killed_loses_and_doubles_nothing(server, desktop, closing):
    window = joined(desktop, server)
    bob = listener(server, closing, "bob")
    window.type("before")
    window.key("Return")
    bob.expect("PRIVMSG", ":before$", seconds=SECONDS)
    server.kill_9()
    window.wait_title("not connected")
    window.type("meanwhile")
    window.key("Return")
    window.type("and this")
    window.key("Return")
    server.start()
    window.wait_title("#piazza · 127.0.0.1 – Loggia")
    bob = listener(server, closing, "bob")
    window.type("after")
    window.key("Return")
    lines = bob.collect_until("PRIVMSG", ":after$", seconds=SECONDS)
    history = closing(IrcClient(server.port, "carl", ["batch", "draft/chathistory", "server-time", "message-tags"]))
    history.join("#piazza")
    history.send("CHATHISTORY LATEST #piazza * 100")
    batch = history.collect_until("BATCH", "^:?.*BATCH -", seconds=SECONDS)
    said = [line.parameters[1] for line in batch if line.command == "PRIVMSG" and line.nick == "anna"]
    assert said == ["before", "meanwhile", "and this", "after"], lines


def test_two_windows_an_irc_client_and_nc_with_the_server_killed_in_the_middle(server, desktop, closing):
    anna, carla = joined(desktop, server, "anna"), joined(desktop, server, "carla")
    bob = listener(server, closing, "bob")
    nino = closing(PlainClient(server.port, "nino", line_end=b"\n"))
    bob.expect("JOIN", "^:nino!", seconds=SECONDS)
    said = []

    def say(window, text):
        window.type(text)
        window.key("Return")
        said.append(text)

    for number in range(3):
        say(anna, f"anna {number}")
        say(carla, f"carla {number}")
    until(lambda: "carla 2" in nino.text, lambda: nino.text, SECONDS)
    nino.send("from nino")
    bob.expect("PRIVMSG", ":from nino$", seconds=SECONDS)
    server.kill_9()
    for window in (anna, carla):
        window.wait_title("not connected")
    for number in range(3, 6):
        say(anna, f"anna {number}")
        say(carla, f"carla {number}")
    server.start()
    for window in (anna, carla):
        window.wait_title("#piazza · 127.0.0.1 – Loggia")
    say(anna, "anna last")
    say(carla, "carla last")
    kept = []

    def all_kept():
        with contextlib.closing(IrcClient(server.port, "historian", ["batch", "draft/chathistory", "server-time", "message-tags"])) as reader:
            reader.join("#piazza")
            reader.send("CHATHISTORY LATEST #piazza * 100")
            batch = reader.collect_until("BATCH", "^:?.*BATCH -", seconds=SECONDS)
        kept[:] = [line.parameters[1] for line in batch if line.command == "PRIVMSG" and line.nick in ("anna", "carla")]
        return {"anna last", "carla last"} <= set(kept)

    until(all_kept, lambda: f"{kept}", SECONDS, every=0.5)
    assert sorted(kept) == sorted(said), kept
    for name in ("anna", "carla"):
        own = [text for text in kept if text.startswith(name)]
        assert own == [text for text in said if text.startswith(name)], kept


@pytest.mark.parametrize("variant", ["quit", "close", "nick", "username"])
def test_in_the_place_of_a_classroom_client(server, desktop, closing, variant):
    window = desktop("anna", f"plain://127.0.0.1:{server.ports[variant]}?variant={variant}", "--nick", "Anna Rossi")
    window.wait_title("#classroom")
    other = closing(PlainClient(server.ports[variant], "Bruno"))
    # Most variants tell nobody of what was said before.
    until(lambda: any('connected name="Bruno"' in line for line in server.running.err), "Bruno to be in the room", SECONDS)
    window.type("salve a te")
    window.key("Return")
    other.wait_text("Anna Rossi: salve a te", SECONDS)
    assert window.interrupt()[0] == 0


def test_a_server_that_is_found_on_the_network_is_chosen_and_joined(start, network, desktop, closing):
    wait_ready(start(prefix=network.prefix, config='[server]\nnetwork = "Aula-3"\n'))
    until(lambda: LAN_ADDRESS in network.run(program(), "find", "--seconds", "2").stdout, "the server and its address to be found", SECONDS)
    bob = enter_by_nc(network, closing)
    window = desktop("anna", prefix=network.prefix)
    window.wait_title("Join a chat")
    until(lambda: "nearby" not in window.threads(), "the end of the search", SECONDS)
    # The list stands before the first field; choosing from it, the keyboard goes to the name.
    window.key("shift+Tab", "Return")
    window.type("anna")
    window.key("Return")
    window.wait_title(f"#piazza · {LAN_ADDRESS} – Loggia")
    window.type("found!")
    window.key("Return")
    bob.wait_for("anna: found!", seconds=SECONDS)


def test_what_was_said_is_searched_and_shown_where_it_was(server, desktop, closing):
    window = joined(desktop, server)
    bob = listener(server, closing, "bob")
    bob.join("#tea")
    window.type("/join #tea")
    window.key("Return")
    window.wait_title("#tea")
    bob.say("#tea", "the biscuits are in the kitchen")
    window.key("ctrl+k")
    window.type("piaz")
    window.key("Return")
    window.wait_title("#piazza")

    def searched():
        # Where the answer has not come yet, the third Tab is on *Close*, and it is searched again.
        window.key("ctrl+f")
        window.type("biscuits")
        window.key("Return")
        window.key("Tab", "Tab", "Tab", "Return")
        return "#tea" in window.title()

    until(searched, "the message in its room", 2 * SECONDS, every=0.5)


def test_others_see_that_one_writes_and_a_pasted_picture(server, desktop, closing, tmp_path):
    window = joined(desktop, server)
    bob = closing(IrcClient(server.port, "bob", ["message-tags"]))
    bob.join("#piazza")
    window.type("so")
    assert bob.expect("TAGMSG", seconds=SECONDS).tags["+typing"] == "active"
    window.key("ctrl+a", "BackSpace")
    until(lambda: bob.expect("TAGMSG", seconds=SECONDS).tags["+typing"] == "done", "that nobody writes any more", SECONDS)
    picture = tmp_path / "red.png"
    picture.write_bytes(png(40, 30))
    with clipboard(window, picture):
        window.key("ctrl+v")
        said = bob.expect("PRIVMSG", "/uploads/", seconds=SECONDS)
    with urllib.request.urlopen(said.parameters[-1], timeout=10) as answer:
        assert answer.read().startswith(b"\x89PNG")


def test_a_picture_is_pasted_on_the_settings_and_becomes_ones_own(server, desktop, closing, tmp_path):
    window = joined(desktop, server)
    bob, carl = (closing(IrcClient(server.port, nick, ["batch", "draft/metadata-2"])) for nick in ("bob", "carl"))
    bob.send("METADATA * SUB avatar")
    bob.join("#piazza")
    picture = tmp_path / "red.png"
    picture.write_bytes(png(40, 30))

    def is_theirs():
        # Until the picture is there, Return changes nothing.
        window.key("Return")
        carl.send("METADATA anna GET avatar")
        return "/uploads/" in carl.expect("761|766", seconds=SECONDS).text

    window.key("ctrl+comma")
    with clipboard(window, picture):
        window.key("ctrl+v")
        until(is_theirs, "the picture to be anna's", SECONDS, every=0.5)
    heard = bob.collect_until("METADATA", "^:?.* anna avatar ", seconds=SECONDS)
    assert "PRIVMSG" not in [line.command for line in heard], heard
    said = heard[-1]
    with urllib.request.urlopen(said.parameters[-1], timeout=10) as answer:
        assert answer.read().startswith(b"\x89PNG")


@contextlib.contextmanager
def clipboard(window, picture):
    """Holds a picture to be pasted."""
    holder = subprocess.Popen(["xclip", "-quiet", "-selection", "clipboard", "-t", "image/png", "-i", str(picture)], env=window.environment)
    try:
        yield
    finally:
        holder.kill()
        holder.wait()


def png(width, height):
    """A red picture."""

    def piece(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = (b"\0" + b"\xd0\x20\x20" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + piece(b"IHDR", head) + piece(b"IDAT", zlib.compress(rows)) + piece(b"IEND", b"")


def test_a_server_that_hangs_is_noticed(server, desktop):
    window = joined(desktop, server)
    server.signal(signal.SIGSTOP)
    stopped = time.monotonic()
    try:
        window.wait_title("not connected", 2 * SECONDS)
        noticed = time.monotonic() - stopped
        print(f"a server that hangs was noticed after {noticed:.1f} s")
        # Ten seconds, and what a busy machine takes to draw it.
        assert noticed < 20, noticed
    finally:
        server.signal(signal.SIGCONT)
    window.wait_title("#piazza · 127.0.0.1 – Loggia")


def test_the_goodbye_of_a_server_is_followed(server, desktop):
    window = joined(desktop, server)
    status, _ = server.stop()
    assert status == 0
    window.wait_title("not connected")
    server.start()
    window.wait_title("#piazza · 127.0.0.1 – Loggia")


def test_it_ends_at_once_while_connecting_and_while_the_server_hangs(server, desktop):
    with socket.socket() as deaf:
        # Connections are taken by the system, and nobody ever says a word.
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        window = desktop("waiting", f"127.0.0.1:{deaf.getsockname()[1]}", "--nick", "anna")
        window.wait_title("not connected")
        assert window.interrupt()[0] == 0
    window = joined(desktop, server)
    server.signal(signal.SIGSTOP)
    try:
        assert window.interrupt()[0] == 0
    finally:
        server.signal(signal.SIGCONT)


def test_it_speaks_the_language_of_the_environment(server, desktop):
    window = joined(desktop, server, language="it_IT.UTF-8")
    server.kill_9()
    window.wait_title("non connesso")


def test_help_and_mistakes_on_the_command_line(display, tmp_path):
    from loggia.desktop import binary

    help_text = subprocess.run([binary(), "--help"], capture_output=True, text=True, timeout=30, check=True).stdout
    assert "--nick" in help_text and "loggia-desktop" in help_text
    assert subprocess.run([binary(), "--nope"], capture_output=True, timeout=30).returncode == 2
