"""IRC over WebSocket: with a library as people use it, and with frames of our own as they should not be."""

import re

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from loggia.waiting import until
from loggia.websocket_client import BINARY, CLOSE, PING, PONG, TEXT, RawWebSocket


@pytest.fixture
def raw(server, closing):
    """Opens a WebSocket to `server` frame by frame."""
    return lambda nick=None, kind=TEXT, port=None, **more: opened(closing(RawWebSocket(port or server.port, **more)), nick, kind)


def opened(websocket, nick, kind):
    if nick is not None:
        assert websocket.status == 101, websocket.headers
        websocket.register(nick, kind)
    return websocket


def read_until(websocket, part):
    while True:
        message = websocket.recv(timeout=10)
        text = message if isinstance(message, str) else message.decode("utf-8")
        assert not text.endswith(("\r", "\n"))
        if part in text:
            return message


@pytest.mark.parametrize(
    "asked, agreed, kind",
    [
        (["text.ircv3.net"], "text.ircv3.net", str),
        (["binary.ircv3.net"], "binary.ircv3.net", bytes),
        (["text.ircv3.net", "binary.ircv3.net"], "text.ircv3.net", str),
        (["binary.ircv3.net", "text.ircv3.net"], "binary.ircv3.net", bytes),
        (["chat.example", "binary.ircv3.net"], "binary.ircv3.net", bytes),
        (None, None, str),
    ],
)
@pytest.mark.parametrize("path", ["/", "/irc"])
def test_a_library_and_a_tcp_client_talk(server, irc, asked, agreed, kind, path):
    anna = irc("anna")
    anna.join("#room")
    with connect(f"ws://127.0.0.1:{server.port}{path}", subprotocols=asked, compression="deflate") as bruno:
        assert bruno.subprotocol == agreed
        assert "Sec-WebSocket-Extensions" not in bruno.response.headers, "nothing is compressed"
        say = bruno.send if kind is str else lambda text: bruno.send(text.encode("utf-8"))
        say("NICK bruno")
        say("USER bruno 0 * :Bruno")
        assert isinstance(read_until(bruno, " 376 "), kind)
        say("JOIN #room")
        read_until(bruno, " 366 ")
        anna.expect("JOIN", "bruno")
        say("PRIVMSG #room :caffè? ☕")
        assert anna.expect("PRIVMSG").parameters == ["#room", "caffè? ☕"]
        anna.say("#room", "volentieri ☕")
        assert isinstance(read_until(bruno, "PRIVMSG #room :volentieri ☕"), kind)
        say("QUIT :a dopo")
        assert "a dopo" in str(read_until(bruno, "ERROR"))
        with pytest.raises(ConnectionClosed) as closed:
            bruno.recv(timeout=10)
        assert closed.value.rcvd.code == 1000 and closed.value.sent is not None
    anna.expect("QUIT", "bruno", "a dopo")


def test_what_follows_the_handshake_at_once_is_not_lost(raw):
    first = b"".join(RawWebSocket.frame(TEXT, line) for line in (b"NICK anna", b"USER anna 0 * :Anna"))
    websocket = raw(first=first)
    assert websocket.status == 101
    websocket.expect(" 376 ")


def test_unknown_subprotocols_only_are_none(raw):
    websocket = raw("anna", headers={"Sec-WebSocket-Protocol": "chat, superchat"})
    assert "sec-websocket-protocol" not in websocket.headers


def test_fragments_and_control_frames_between_them(raw, irc):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno")
    bruno.send("JOIN #room")
    bruno.expect(" 366 ")
    message = "PRIVMSG #room :spezzato è".encode("utf-8")
    bruno.send_frame(TEXT, message[:10], final=False)
    bruno.send_frame(PING, b"are you there?")
    bruno.send_frame(0, message[10:-1], final=False)
    assert bruno.next_frame() == (PONG, b"are you there?")
    bruno.send_frame(0, message[-1:])
    anna.expect("PRIVMSG", "spezzato è$")


def test_a_frame_may_come_byte_by_byte(raw):
    websocket = raw("anna")
    for byte in RawWebSocket.frame(TEXT, b"PING slowly"):
        websocket.socket.sendall(bytes([byte]))
    websocket.expect("PONG loggia.test slowly")


@pytest.mark.parametrize(
    "what, code",
    [
        (RawWebSocket.frame(TEXT, b"PRIVMSG #room :\xff\xfe"), 1007),
        (RawWebSocket.frame(TEXT, b"PING x", mask=b""), 1002),
        (RawWebSocket.frame(0x40 | TEXT, b"PING x"), 1002),
        (RawWebSocket.frame(0, b"PING x"), 1002),
        (RawWebSocket.frame(TEXT, b"x" * 16385), 1009),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xffmask", 1009),
        (b"NICK anna\r\nUSER anna 0 * :Anna\r\n", 1002),
        (RawWebSocket.frame(CLOSE, b"\x03\xe8bye"), 1000),
    ],
)
def test_broken_rules_close_and_hurt_nobody_else(raw, irc, what, code):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno")
    bruno.send("JOIN #room")
    bruno.expect(" 366 ")
    anna.expect("JOIN", "bruno")
    bruno.socket.sendall(what)
    assert bruno.expect_close() == code
    anna.expect("QUIT", "bruno")
    assert anna.sync() == []


def test_binary_messages_may_hold_anything_and_the_line_is_refused(raw, irc):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno", BINARY, headers={"Sec-WebSocket-Protocol": "binary.ircv3.net"})
    bruno.send("JOIN #room", opcode=BINARY)
    bruno.expect(" 366 ", BINARY)
    bruno.send_frame(BINARY, b"PRIVMSG #room :\xff\xfe")
    bruno.expect("FAIL PRIVMSG INVALID_UTF8", BINARY)
    assert [line.command for line in anna.sync()] == ["JOIN"]


def test_the_line_limits_are_those_of_tcp(raw, irc):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno")
    bruno.send("JOIN #room")
    bruno.expect(" 366 ")
    longest = "PING " + "x" * 505
    assert len(longest) == 510
    bruno.send(longest + "x", "PING after")
    bruno.expect(" 417 ")
    bruno.expect("PONG loggia.test after")
    bruno.send("CAP REQ :message-tags")
    bruno.expect(" ACK ")
    bruno.send("@+a=" + "b" * 4091 + " PING just")
    bruno.expect("PONG loggia.test just")
    bruno.send("@+a=" + "b" * 4092 + " PING toolong")
    bruno.expect(" 417 ")


def test_a_message_is_one_line(raw, irc):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno")
    bruno.send("JOIN #room\r\n", "PING forgiven\n")
    bruno.expect("PONG loggia.test forgiven")
    bruno.send("PRIVMSG #room :a\r\nQUIT :smuggled", "PING still-here")
    assert "400" in bruno.next_line()
    bruno.expect("PONG loggia.test still-here")
    assert [line.command for line in anna.sync()] == ["JOIN"]


def test_pages_of_other_sites_may_not(server, raw, make_server):
    own = f"http://127.0.0.1:{server.port}"
    assert raw(headers={"Origin": own}).status == 101
    for foreign in ["http://evil.example", "null", own + "0", f"http://localhost:{server.port}"]:
        assert raw(headers={"Origin": foreign}).status == 403, foreign
    other = make_server(listen={"all": {"websocket_origins": ["https://web.example.org"]}})
    assert raw(port=other.port, headers={"Origin": "https://web.example.org"}).status == 101
    assert raw(port=other.port, headers={"Origin": "http://web.example.org"}).status == 403


def test_other_requests_are_told_what_is_wrong(server, raw):
    assert raw(version="8").status == 426
    assert raw(method="POST").status == 405
    assert raw(path="/elsewhere").status == 404
    assert raw(headers={"Sec-WebSocket-Key": "short"}).status in (400, 101)
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{server.port}/elsewhere")


def test_a_door_without_web_has_no_websocket_and_one_without_irc_has(make_server, closing):
    server = make_server(listeners=("irc", "web"))
    assert RawWebSocket(server.ports["irc"]).status == 421
    anna = closing(RawWebSocket(server.ports["web"]))
    anna.register("anna")
    until(lambda: re.search(r'loggia_connections_open\{dialect="web"\} 1\n', server.ask_admin("/metrics")[1]), "one that is counted")


def test_only_a_trusted_proxy_is_believed(make_server, closing):
    headers = {"X-Forwarded-For": "127.0.0.1, 203.0.113.9", "X-Forwarded-Proto": "https"}
    trusting = make_server(tables={"server": {"trusted_proxies": ["127.0.0.0/8"], "cloak": "off"}, "limits": {"connections_per_address": 2}})
    anna = closing(RawWebSocket(trusting.port, headers=headers))
    anna.register("anna")
    anna.send("WHOIS anna")
    assert "203.0.113.9 203.0.113.9" in anna.expect(" 378 ")
    anna.expect(" 671 ")
    closing(RawWebSocket(trusting.port, headers=headers)).register("bruno")
    third = closing(RawWebSocket(trusting.port, headers=headers))
    assert "Too many connections" in third.next_line()
    assert third.expect_close() == 1008
    wary = make_server(tables={"server": {"cloak": "off"}})
    spoofer = closing(RawWebSocket(wary.port, headers=headers))
    spoofer.register("anna")
    spoofer.send("WHOIS anna")
    assert "127.0.0.1" in spoofer.expect(" 378 ")
    assert " 318 " in spoofer.next_line() or " 671 " not in spoofer.next_line()


def test_everybody_is_told_when_the_server_stops(server, raw):
    anna = raw("anna")
    status, seconds = server.stop()
    assert status == 0 and seconds < 5
    assert "stopping" in anna.expect("ERROR")
    assert anna.expect_close() == 1001


def test_who_never_registers_is_sent_away(make_server, closing):
    server = make_server(tables={"limits": {"registration_seconds": 1}})
    silent = closing(RawWebSocket(server.port))
    silent.expect("Registration timed out")
    assert silent.expect_close() == 1000


def test_a_lost_connection_is_a_departure(raw, irc):
    anna = irc("anna")
    anna.join("#room")
    bruno = raw("bruno")
    bruno.send("JOIN #room")
    bruno.expect(" 366 ")
    bruno.socket.close()
    anna.expect("QUIT", "bruno")


def test_who_does_not_read_is_closed_alone(make_server, closing):
    server = make_server(tables={"limits": {"sendq_bytes": 65536}})
    talker = closing(RawWebSocket(server.port))
    talker.register("talker")
    lazy = closing(RawWebSocket(server.port))
    lazy.register("lazy")
    talker.send("JOIN #room")
    talker.expect(" 366 ")
    lazy.send("JOIN #room")
    lazy.expect(" 366 ")
    for _ in range(60):
        talker.send(*["PRIVMSG #room :" + "x" * 450] * 400)
        talker.send("PING x")
        talker.expect("PONG")
    until(lambda: "slow_readers_closed_total 1" in server.ask_admin("/metrics")[1], lambda: "the slow reader is closed")
