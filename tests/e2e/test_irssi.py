"""irssi, as Debian ships it, in a terminal."""

import re

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until


@pytest.fixture
def irssi(terminal, tmp_path, server):
    """Starts irssi with settings of its own and waits until it is registered."""

    def start(nick):
        home = tmp_path / f"irssi-{nick}"
        home.mkdir()
        # A command every 2.2 seconds is irssi's own brake; everything else is as it comes.
        (home / "config").write_text('settings = { "irc/core" = { cmd_queue_speed = "10msec"; }; };\n')
        window = terminal("irssi", f"--home={home}", f"--nick={nick}", "--connect=127.0.0.1", f"--port={server.port}")
        window.wait_for("Welcome", f"[{nick}")
        return window

    return start


def test_join_talk_and_leave(irssi, irc, plain):
    bruno = irc("bruno")
    bruno.join("#piazza")
    window = irssi("iris")
    window.type("/join #piazza")
    bruno.expect("JOIN", "iris")
    window.wait_for("iris", "has joined #piazza", "bruno", "Total of 2 nicks")
    bruno.say("#piazza", "ciao iris, perché no?")
    window.wait_for("< bruno> ciao iris, perché no?")
    window.type("buongiorno à tous")
    assert bruno.expect("PRIVMSG").parameters == ["#piazza", "buongiorno à tous"]

    anna = plain("quit", "Anna")
    window.wait_for("Anna", "has joined #piazza")
    anna.send("ciao a tutti")
    window.wait_for("< Anna> ciao a tutti")
    window.type("ciao Anna")
    anna.wait_text("iris: ciao Anna")
    window.type("/me waves")
    bruno.expect("PRIVMSG", "ACTION waves")
    bruno.say("#piazza", "\x01ACTION bows\x01")
    window.wait_for("* bruno bows")
    anna.send("{quit}")
    assert bruno.expect("QUIT").nick == "Anna"
    window.wait_for("Anna", "has quit")
    window.type("/quit good night")
    quitting = bruno.expect("QUIT")
    assert quitting.nick == "iris" and "good night" in quitting.parameters[0]
    window.wait_end()


def test_names_whois_topic_and_nick(irssi, irc):
    bruno = irc("bruno")
    window = irssi("iris")
    window.type("/join #tea")
    window.wait_for("has joined #tea", "@iris")
    bruno.join("#tea")
    window.wait_for("bruno", "has joined #tea")
    window.type("/names #tea")
    window.wait_for("Total of 2 nicks")
    window.type("/topic Biscuits and tea")
    assert bruno.expect("TOPIC").parameters == ["#tea", "Biscuits and tea"]
    window.wait_for("changed the topic of #tea to: Biscuits and tea")
    window.type("/whois bruno")
    window.type("/window goto 1")
    window.wait_for("Bruno of the tests", "channels", "#tea", "End of WHOIS")
    window.type("/window goto 2")
    window.type("/nick irene")
    assert bruno.expect("NICK").parameters == ["irene"]
    window.wait_for("now known as irene")
    window.type("/mode #tea +v bruno")
    bruno.expect("MODE", r"\+v bruno")
    window.type("/kick bruno enough")
    assert bruno.expect("KICK").parameters == ["#tea", "bruno", "enough"]
    window.wait_for("bruno was kicked from #tea by irene")


def test_two_irssi_talk_in_private_and_in_a_room(irssi):
    first, second = irssi("prima"), irssi("seconda")
    first.type("/join #piazza")
    first.wait_for("has joined #piazza")
    second.type("/join #piazza")
    first.wait_for("seconda", "Irssi: #piazza: Total of 1 nicks")
    second.wait_for("Total of 2 nicks")
    first.type("hello second")
    second.wait_for("< prima> hello second")
    second.type("hello first")
    first.wait_for("< seconda> hello first")
    second.type("/msg prima just for you")
    until(lambda: re.search(r"Act: [\d,]*3", first.screen()), "the window of the conversation")
    first.type("/window goto 3")
    first.wait_for("just for you")


@pytest.fixture
def accounts(make_server):
    """A server where passwords are checked at once."""
    return make_server(listeners=("all",), tables={"accounts": {"password_hash": "test"}})


def test_an_evening_with_an_account(accounts, terminal, tmp_path, closing):
    """Log-in by SASL, what was said before, a conversation, modes, a ban and its undoing, and a restart of the server."""
    server = accounts
    owner = closing(IrcClient(server.port, "iris"))
    owner.send("REGISTER * * :sesame")
    owner.expect("REGISTER", "SUCCESS")
    owner.send("QUIT")
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#tea")
    bruno.say("#tea", "before you came")
    home = tmp_path / "irssi"
    home.mkdir()
    (home / "config").write_text(
        'settings = { "irc/core" = { cmd_queue_speed = "10msec"; }; "core" = { server_reconnect_time = "10s"; }; };\n'
        'chatnets = { loggia = { type = "IRC"; sasl_mechanism = "PLAIN"; sasl_username = "iris"; sasl_password = "sesame"; }; };\n'
        f'servers = ( {{ address = "127.0.0.1"; chatnet = "loggia"; port = "{server.port}"; autoconnect = "yes"; }} );\n'
    )
    window = terminal("irssi", f"--home={home}", "--nick=iris")
    window.wait_for("SASL authentication succeeded", "Welcome")
    window.type("/join #tea")
    bruno.expect("JOIN", "iris")
    window.wait_for("iris", "has joined #tea", "Total of 2 nicks")
    # irssi asks for no history by itself; what it is sent, it shows.
    window.type("/quote CAP REQ :batch draft/chathistory")
    window.type("/quote CHATHISTORY LATEST #tea * 10")
    window.wait_for("bruno> before you came")

    bruno.send("MODE #tea +m")
    window.wait_for("mode/#tea [+m] by bruno")
    window.type("can you hear me?")
    window.wait_for("Cannot send to")
    bruno.send("MODE #tea +v-m iris")
    window.wait_for("mode/#tea [+v-m iris] by bruno")
    window.type("now you do")
    assert bruno.expect("PRIVMSG").parameters == ["#tea", "now you do"]

    bruno.say("iris", "just for you")
    until(lambda: re.search(r"Act: [\d,]*3", window.screen()), "the window of the conversation")
    window.type("/window goto 3")
    window.wait_for("just for you")
    window.type("and for you")
    assert bruno.expect("PRIVMSG").parameters == ["bruno", "and for you"]

    window.type("/window goto 2")
    bruno.send("MODE #tea +b iris!*@*", "KICK #tea iris :Enough")
    window.wait_for("mode/#tea [+b iris!*@*] by bruno", "was kicked from #tea by bruno [Enough]")
    window.type("/join #tea")
    window.type("/window goto 1")
    window.wait_for("Cannot join to channel #tea (You are banned)")
    bruno.send("MODE #tea -b iris!*@*")
    bruno.sync()
    window.type("/join #tea")
    bruno.expect("JOIN", "iris")

    server.stop()
    server.start()
    bruno = closing(IrcClient(server.port, "bruno"))
    # Whoever is quicker: irssi enters again by itself.
    if not any("iris" in line.text for line in bruno.join("#tea")):
        bruno.expect("JOIN", "iris", seconds=40)
    bruno.send("WHOIS iris")
    bruno.expect("330", "iris iris")
    bruno.say("#tea", "there you are again")
    window.wait_for("bruno> there you are again")
