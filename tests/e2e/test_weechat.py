"""WeeChat, as Debian ships it, in a terminal."""

import re

import pytest

from loggia.certificates import Certificate, trusting
from loggia.irc_client import IrcClient


@pytest.fixture
def weechat(terminal, tmp_path, server):
    """Starts WeeChat with settings of its own and waits until it is registered."""

    def start(nick):
        home = tmp_path / f"weechat-{nick}"
        commands = [
            "/set irc.look.temporary_servers on",
            "/set irc.server_default.anti_flood_prio_high 0",  # a command every two seconds is its own brake
            f"/connect irc://{nick}@127.0.0.1:{server.port}",
        ]
        window = terminal("weechat", "--dir", home, "--run-command", ";".join(commands))
        window.wait_for("Welcome", f"[{nick}", seconds=20)
        return window

    return start


def test_join_talk_and_leave(weechat, irc, plain):
    bruno = irc("bruno")
    bruno.join("#piazza")
    window = weechat("wilma")
    window.type("/join #piazza")
    bruno.expect("JOIN", "wilma")
    window.wait_for("wilma", "has joined #piazza", "Channel #piazza: 2 nicks")
    bruno.say("#piazza", "ciao wilma, perché no?")
    window.wait_for("ciao wilma, perché no?")
    window.type("buongiorno à tous")
    assert bruno.expect("PRIVMSG").parameters == ["#piazza", "buongiorno à tous"]

    anna = plain("quit", "Anna")
    window.wait_for("Anna", "has joined #piazza")
    anna.send("ciao a tutti")
    window.wait_for("ciao a tutti")
    window.type("ciao Anna")
    anna.wait_text("wilma: ciao Anna")
    anna.send("{quit}")
    assert bruno.expect("QUIT").nick == "Anna"
    window.wait_for("Anna", "has quit")
    window.type("/quit good night")
    quitting = bruno.expect("QUIT")
    assert quitting.nick == "wilma" and "good night" in quitting.parameters[0]
    window.wait_end()


def test_names_whois_topic_and_nick(weechat, irc):
    bruno = irc("bruno")
    window = weechat("wilma")
    window.type("/join #tea")
    window.wait_for("has joined #tea", "Channel #tea: 1 nick (1 op")
    bruno.join("#tea")
    window.wait_for("bruno", "has joined #tea")
    window.type("/names")
    window.wait_for("Nicks #tea:", "bruno")
    window.type("/topic Biscuits and tea")
    assert bruno.expect("TOPIC").parameters == ["#tea", "Biscuits and tea"]
    window.wait_for("has changed topic for #tea", "Biscuits and tea")
    window.type("/whois bruno")
    window.type("/buffer 1")
    window.wait_for("Bruno of the tests", "#tea", "End of")
    window.type("/buffer 2")
    window.type("/nick willow")
    assert bruno.expect("NICK").parameters == ["willow"]
    window.wait_for("You are now known as willow")


def test_capabilities_it_asks_for_are_granted_and_used(weechat, irc):
    window = weechat("wilma")
    window.type("/join #piazza")
    window.wait_for("has joined #piazza")
    window.type("/buffer 1")
    window.wait_for("client capability, enabled:", "message-tags", "server-time")
    window.type("/buffer 2")
    bruno = irc("bruno")
    bruno.join("#piazza")
    bruno.send("AWAY :lunch", "SETNAME :Another name")
    bruno.sync()
    bruno.say("#piazza", "still readable")
    window.wait_for("still readable")


def test_by_tls_with_the_fingerprint_pinned(make_server, terminal, tmp_path, closing):
    """Log-in by SCRAM-SHA-256 and by certificate; a server with another certificate is not talked to."""
    server = make_server(
        listeners=("all",), listen={"all": {"tls": "auto"}}, tables={"accounts": {"password_hash": "test"}}
    )
    pinned = re.search(r"sha256:([0-9a-f]{64})", "\n".join(server.running.out)).group(1)
    own = Certificate(tmp_path / "certificates", "anna")
    both = tmp_path / "anna-with-key.pem"
    both.write_text(own.cert.read_text() + own.key.read_text())
    owner = closing(IrcClient(server.port, "anna", tls=trusting(client=own)))
    owner.send("REGISTER * * :sesame")
    owner.expect("REGISTER", "SUCCESS")
    owner.send("NS CERT ADD")
    owner.expect("NOTICE", "proves anna now")

    def start(nick, fingerprint, *settings):
        commands = [f"/server add loggia 127.0.0.1/{server.port} -nicks={nick}"]
        commands += [f"/set irc.server.loggia.{setting}" for setting in ("ssl on", f"ssl_fingerprint {fingerprint}", *settings)]
        commands.append("/connect loggia")
        return terminal("weechat", "--dir", tmp_path / f"weechat-{nick}", "--run-command", ";".join(commands))

    scram = start("scramma", pinned, "sasl_mechanism scram-sha-256", "sasl_username anna", "sasl_password sesame")
    scram.wait_for("You are now logged in as anna", "Welcome", seconds=20)
    external = start("esterna", pinned, "sasl_mechanism external", "sasl_username anna", f"ssl_cert {both}")
    external.wait_for("You are now logged in as anna", "Welcome", seconds=20)
    for nick in ("scramma", "esterna"):
        owner.send(f"WHOIS {nick}")
        shown = {line.command for line in owner.collect_until("318", nick)}
        assert {"330", "671"} <= shown, shown
    other = start("altra", "0" * 64, "sasl_mechanism plain")
    other.wait_for("fingerprint does NOT match", seconds=20)
    owner.send("ISON altra")
    assert owner.expect("303").parameters[-1].strip() == ""


def test_an_evening_with_an_account(make_server, terminal, tmp_path, closing):
    """What was said before, a conversation, modes, a ban and its undoing, and a restart of the server."""
    server = make_server(listeners=("all",), tables={"accounts": {"password_hash": "test"}})
    owner = closing(IrcClient(server.port, "wilma"))
    owner.send("REGISTER * * :sesame")
    owner.expect("REGISTER", "SUCCESS")
    owner.send("QUIT")
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#tea")
    bruno.say("#tea", "before you came")
    settings = ["sasl_mechanism plain", "sasl_username wilma", "sasl_password sesame"]
    settings += ["autoreconnect_delay 1", "anti_flood_prio_high 0"]
    commands = [f"/server add loggia 127.0.0.1/{server.port} -nicks=wilma"]
    commands += [f"/set irc.server.loggia.{setting}" for setting in settings]
    window = terminal("weechat", "--dir", tmp_path / "weechat", "--run-command", ";".join([*commands, "/connect loggia"]))
    window.wait_for("You are now logged in as wilma", "Welcome", seconds=20)
    window.type("/join #tea")
    bruno.expect("JOIN", "wilma")
    window.wait_for("has joined #tea", "Channel #tea: 2 nicks")
    # This WeeChat asks for no history by itself; what it is sent, it shows.
    window.type("/quote CAP REQ :batch draft/chathistory")
    window.type("/quote CHATHISTORY LATEST #tea * 10")
    window.wait_for("before you came")

    bruno.send("MODE #tea +m")
    window.wait_for("Mode #tea [+m] by bruno")
    window.type("can you hear me?")
    window.wait_for("Cannot send to channel")
    bruno.send("MODE #tea +v-m wilma")
    window.wait_for("Mode #tea [+v-m wilma] by bruno")
    window.type("now you do")
    assert bruno.expect("PRIVMSG").parameters == ["#tea", "now you do"]

    bruno.say("wilma", "just for you")
    window.wait_for("3:bruno")
    window.type("/buffer bruno")
    window.wait_for("just for you")
    window.type("and for you")
    assert bruno.expect("PRIVMSG").parameters == ["bruno", "and for you"]

    window.type("/buffer #tea")
    bruno.send("MODE #tea +b wilma!*@*", "KICK #tea wilma :Enough")
    window.wait_for("Mode #tea [+b wilma!*@*] by bruno", "bruno has kicked wilma (Enough)")
    window.type("/join #tea")
    window.wait_for("Cannot join channel (+b)")
    bruno.send("MODE #tea -b wilma!*@*")
    bruno.sync()
    window.type("/join #tea")
    bruno.expect("JOIN", "wilma")

    server.stop()
    server.start()
    bruno = closing(IrcClient(server.port, "bruno"))
    # Whoever is quicker: WeeChat enters again by itself.
    if not any("wilma" in line.text for line in bruno.join("#tea")):
        bruno.expect("JOIN", "wilma", seconds=40)
    bruno.send("WHOIS wilma")
    bruno.expect("330", "wilma wilma")
    bruno.say("#tea", "there you are again")
    window.wait_for("there you are again")
