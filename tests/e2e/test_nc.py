"""`nc` and telnet: a person at a terminal with nothing but what every system has."""

import re

PROMPT = "Salve! Digita il tuo Nome seguito dal tasto Invio!"


def enter(session, name):
    """Waits for the prompt, gives the name, waits for the welcome."""
    session.wait_for(PROMPT)
    session.type(name)
    session.wait_for(f"Benvenuto {name}!")
    return session


def settle(session, name):
    """Waits until the server has handled everything typed so far: the echo of one more message."""
    session.type("(settled)")
    session.wait_for(f"{name}: (settled)\n")


def quickest_greeting(nc, listener):
    """The seconds until the prompt, the best of several tries: a busy machine only adds to them."""
    sessions = [nc(listener) for _ in range(5)]
    for session in sessions:
        session.wait_for(PROMPT)
    return min(session.first_output_seconds for session in sessions)


def test_greeted_within_a_third_of_a_second(nc):
    # 300 ms in which another protocol may speak first, and what a busy machine adds.
    assert 0.25 <= quickest_greeting(nc, "all") < 1.0


def test_a_listener_of_plain_alone_greets_at_once(nc):
    assert quickest_greeting(nc, "quit") < 0.25


def test_welcome_and_hints(nc):
    session = enter(nc(), "Anna")
    session.wait_for("/help")
    settle(session, "Anna")
    hints = session.text
    for word in ("/who", "/quit"):
        assert word in hints or "/help" in hints
    assert "{quit}" in hints
    assert session.text.endswith("\n")


def test_two_people_talk_line_by_line(nc):
    anna, bruno = nc(), nc()
    enter(anna, "Anna")
    enter(bruno, "Bruno")
    anna.wait_for("Bruno si è unito alla chat!\n")
    anna.type("ciao Bruno")
    anna.wait_for("Anna: ciao Bruno\n")
    bruno.wait_for("Anna: ciao Bruno\n")
    bruno.type("ciao")
    bruno.type("come va?")
    anna.wait_for("Bruno: ciao\nBruno: come va?\n")
    assert "Anna si è unito" not in anna.text, "nobody is told of their own entry"


def test_nc_and_irc_are_in_one_room(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    joined = bruno.expect("JOIN", "#piazza")
    assert joined.nick.lower() == "anna"
    anna.type("from nc")
    said = bruno.expect("PRIVMSG", "#piazza :from nc")
    assert said.nick == joined.nick
    bruno.say("#piazza", "from IRC")
    anna.wait_for("bruno: from IRC\n")
    bruno.send("PART #piazza")
    anna.wait_for("bruno ha abbandonato la Chat.\n")


def test_the_last_ten_messages_on_entry(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    for number in range(1, 13):
        bruno.say("#piazza", f"message number {number}.")
    bruno.sync()
    anna = enter(nc(), "Anna")
    settle(anna, "Anna")
    replayed = [int(number) for number in re.findall(r"message number (\d+)\.", anna.text)]
    assert replayed == list(range(3, 13))


def test_who(nc, irc):
    irc("bruno").join("#piazza")
    enter(nc(), "Carla Rossi")
    anna = enter(nc(), "Anna")
    settle(anna, "Anna")
    anna.type("/who")
    anna.type("(after who)")
    shown = anna.wait_for("Anna: (after who)")
    for name in ("Anna", "bruno", "Carla Rossi"):
        assert name in shown, shown


def test_me_is_an_action_for_everyone(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    anna.type("/me waves")
    assert bruno.expect("PRIVMSG").parameters == ["#piazza", "\x01ACTION waves\x01"]
    bruno.say("#piazza", "\x01ACTION waves back\x01")
    line = anna.wait_for("waves back\n")
    assert "\x01" not in anna.text and "ACTION" not in anna.text
    assert "bruno" in line.splitlines()[-1]


def test_nick(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    carla = enter(nc(), "Carla")
    bruno.expect("JOIN", "(?i)carla")
    anna.type("/nick Annabella")
    changed = bruno.expect("NICK")
    assert (changed.nick.lower(), changed.parameters[0].lower()) == ("anna", "annabella")
    anna.type("it is me")
    carla.wait_for("Annabella: it is me\n")


def test_nick_of_somebody_else_is_refused(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    settle(anna, "Anna")
    anna.type("/nick bruno")
    anna.type("still me")
    refusal = anna.wait_for("Anna: still me\n")
    assert "bruno" in refusal, f"the refusal names the name: {refusal!r}"


def test_help_names_every_command(nc):
    anna = enter(nc(), "Anna")
    settle(anna, "Anna")
    anna.type("/help")
    anna.type("(after help)")
    shown = anna.wait_for("Anna: (after help)")
    for command in ("/who", "/me", "/nick", "/quit"):
        assert command in shown, shown


def test_what_is_typed_ahead_is_answered_in_order(nc):
    anna = nc()
    anna.process.stdin.write(b"Anna\nfirst\n/help\nsecond\n/who\nthird\n")
    anna.wait_for("Anna: third\n")
    places = [anna.text.find(text) for text in ("Benvenuto Anna!", "Type /who", "Anna: first", "/me waves", "Anna: second", "Anna: third")]
    assert -1 not in places and places == sorted(places), anna.text


def test_what_is_typed_ahead_of_the_end_of_input_is_said(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = nc("all", "-N")
    anna.process.stdin.write(b"Anna\nfirst\n/help\nsecond\n/who\nthird\n")
    anna.close_input()
    lines = bruno.collect_until("QUIT|PART")
    assert [line.parameters[-1] for line in lines if line.command == "PRIVMSG"] == ["first", "second", "third"]


def test_an_unknown_command_is_answered_and_not_said(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    bruno.expect("JOIN", "(?i)anna")
    settle(anna, "Anna")
    anna.type("/frobnicate now")
    anna.type("(after)")
    assert "/help" in anna.wait_for("Anna: (after)"), "it says where to look"
    assert not [line for line in bruno.collect_until("PRIVMSG", "after") if "frobnicate" in line.text]


def test_quit_commands_end_nc(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    for word in ("/quit", "{quit}", "{close}"):
        anna = enter(nc(), "Anna")
        bruno.expect("JOIN", "(?i)anna")
        anna.type(word)
        assert bruno.expect("QUIT|PART").nick.lower() == "anna"
        # OpenBSD's nc goes when both sides have ended; it would wait for the server if that had not closed.
        anna.close_input()
        assert anna.wait_end(3) == 0


def test_end_of_input_is_an_exit_and_what_was_typed_is_said(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = nc("all", "-N")
    anna.type("Anna")
    anna.type("one line and gone")
    anna.close_input()
    bruno.expect("PRIVMSG", "one line and gone")
    assert bruno.expect("QUIT|PART").nick.lower() == "anna"
    anna.wait_end(3)


def test_names_are_unique_and_shown_as_typed(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    first = enter(nc(), "Maria Luisa")
    nick = bruno.expect("JOIN").nick
    assert " " not in nick and nick
    second = nc()
    second.wait_for(PROMPT)
    second.type("Maria Luisa")
    other = bruno.expect("JOIN").nick
    assert other.lower() != nick.lower()
    first.type("I was first")
    second.wait_for("Maria Luisa: I was first\n")


def test_telnet(terminal, server, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    window = terminal("telnet", "127.0.0.1", server.port)
    window.wait_for(PROMPT)
    window.type("Tele")
    assert bruno.expect("JOIN").nick.lower() == "tele"
    window.wait_for("Benvenuto Tele!")
    bruno.say("#piazza", "staircase?")
    bruno.say("#piazza", "no staircase")
    window.wait_for("bruno: staircase?", "bruno: no staircase")
    rows = [row for row in window.screen().splitlines() if "staircase" in row]
    assert all(row.startswith("bruno") for row in rows), f"CR LF ends every line: {rows}"
    window.type("perché no")
    assert bruno.expect("PRIVMSG").parameters[1] == "perché no"
    window.type("/quit")
    window.wait_end()
    assert bruno.expect("QUIT|PART").nick.lower() == "tele"


def test_telnet_negotiation_is_dropped(plain, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = plain("all")
    anna.wait_text(PROMPT)
    # DO SUPPRESS-GO-AHEAD, WILL TERMINAL-TYPE, a subnegotiation, and the name.
    anna.send_raw(b"\xff\xfd\x03\xff\xfb\x18\xff\xfa\x18\x00xterm\xff\xf0Anna\r\n")
    assert bruno.expect("JOIN").nick.lower() == "anna"
    anna.send_raw(b"ci\xff\xf1ao\r\n")
    assert bruno.expect("PRIVMSG").parameters[1] == "ciao"
    anna.wait_text("Anna: ciao\r\n")


def test_crlf_in_crlf_out(plain):
    anna = plain("all", "Anna", b"\r\n")
    anna.send("ciao")
    anna.wait_text("Anna: ciao\r\n")


def test_terminal_escapes_never_reach_a_terminal(nc, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = enter(nc(), "Anna")
    bruno.expect("JOIN", "(?i)anna")
    bruno.say("#piazza", "before \x1b[31mred\x1b]0;title\x07 \x9b31m\x08 after")
    anna.wait_for(" after\n")
    assert not set(anna.text) & set("\x1b\x07\x08\x9b"), repr(anna.text)


def test_windows_1252_is_understood(plain, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = plain("all", "Anna", b"\n")
    bruno.expect("JOIN", "(?i)anna")
    anna.send(b"perch\xe9 \x80 5")
    assert bruno.expect("PRIVMSG").parameters[1] == "perché € 5"
    anna.wait_text("Anna: perché € 5\n")


def test_italian_hints(make_server, closing):
    from loggia.plain_client import PlainClient

    server = make_server(tables={"server": {"language": "it"}})
    session = closing(PlainClient(server.port, "Anna", b"\n"))
    session.send("/help")
    session.send("fine")
    session.wait_text("Anna: fine")
    english = closing(PlainClient(make_server().port, "Anna", b"\n"))
    english.send("/help")
    english.send("fine")
    english.wait_text("Anna: fine")
    assert session.text != english.text
    assert "/nick" in session.text and "/nick" in english.text
