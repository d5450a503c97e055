"""WeeChat, as Debian ships it, in a terminal."""

import pytest


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
