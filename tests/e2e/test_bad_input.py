"""Bad input gets a clear answer and hurts nobody else."""

import http.client
import socket
import ssl
import time

import pytest

from loggia.irc_client import IrcClient
from loggia.plain_client import PlainClient


@pytest.fixture
def pair(irc):
    """Two people in one room, who must not notice anything."""
    anna, bruno = irc("anna"), irc("bruno")
    anna.join("#room")
    bruno.join("#room")
    anna.sync()
    return anna, bruno


def assert_unharmed(pair):
    anna, bruno = pair
    anna.say("#room", "still here")
    bruno.expect("PRIVMSG", "#room :still here")
    bruno.say("#room", "me too")
    anna.expect("PRIVMSG", "#room :me too")


def test_an_overlong_line_is_417_and_nothing_of_it_is_relayed(pair):
    anna, bruno = pair
    anna.say("#room", "x" * 600)
    anna.expect("417")
    assert not [line for line in bruno.sync() if line.command == "PRIVMSG"]
    assert_unharmed(pair)


def test_one_byte_too_many_tags_is_417(irc, pair):
    tagged = irc("tagged", caps=["message-tags"])
    tagged.join("#room")
    pair[1].expect("JOIN", "tagged")
    longest = "@+a=" + "b" * (4096 - 5) + " "
    assert len(longest) == 4096
    tagged.send(longest + "PRIVMSG #room :just fits")
    pair[1].expect("PRIVMSG", "just fits")
    tagged.send(longest.replace("b ", "bb ") + "PRIVMSG #room :too long")
    tagged.expect("417")
    assert not [line for line in pair[1].sync() if line.command == "PRIVMSG"]


def test_a_line_without_end_is_bounded(server, irc, pair):
    endless = irc("endless")
    resident = lambda: int(next(row for row in open(f"/proc/{server.running.pid}/status") if row.startswith("VmRSS")).split()[1])
    before = resident()
    try:
        for _ in range(200):
            endless.send_raw(b"A" * 65536)
    except OSError:
        pass  # closed: fine
    assert_unharmed(pair)
    assert resident() - before < 8192, "13 MB without a line end are not kept"


def test_nul_bytes(irc, pair):
    odd = irc("odd")
    odd.join("#room")
    pair[1].expect("JOIN", "odd")
    odd.send_raw(b"PRIVMSG #room :a\x00b\r\nPRIVMSG #room :after\r\n")
    lines = pair[1].collect_until("PRIVMSG", "after")
    assert not any("\x00" in line.text for line in lines)
    assert_unharmed(pair)


def test_invalid_utf8_is_refused_and_not_relayed(irc, pair):
    odd = irc("odd")
    odd.join("#room")
    pair[1].expect("JOIN", "odd")
    odd.send_raw(b"PRIVMSG #room :caf\xe9\r\n")
    odd.expect("FAIL", "INVALID_UTF8")
    assert not [line for line in pair[1].sync() if line.command == "PRIVMSG"]
    odd.send_raw(b"PRIVMSG #room :" + b"\xc3\x28" * 100 + b"\r\n")
    odd.expect("FAIL", "INVALID_UTF8")
    assert_unharmed(pair)


def test_any_split_is_legal(irc, pair):
    slow = irc()
    for byte in "NICK slow\r\nUSER slow 0 * :Slow\r\nJOIN #room\r\nPRIVMSG #room :perché\r\n".encode():
        slow.send_raw(bytes([byte]))
    pair[1].expect("JOIN", "slow")
    assert pair[1].expect("PRIVMSG").parameters[1] == "perché"


def test_random_bytes_hurt_nobody(server, pair, closing):
    import random

    chance = random.Random(7)
    for _ in range(20):
        stranger = closing(socket.create_connection(("127.0.0.1", server.port)))
        try:
            stranger.sendall(chance.randbytes(chance.randrange(1, 5000)))
        except OSError:
            pass
    assert_unharmed(pair)


def test_half_closed_irc_is_answered_and_let_go(irc, pair):
    half = irc("half")
    half.send("JOIN #room", "PRIVMSG #room :said before", "PING last")
    half.socket.shutdown(socket.SHUT_WR)
    pair[1].expect("PRIVMSG", "said before")
    assert pair[1].expect("QUIT").nick == "half"
    half.read_to_end(5)
    assert_unharmed(pair)


def test_a_reset_is_an_exit(plain, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = plain("quit", "Anna")
    bruno.expect("JOIN", "Anna")
    anna.reset()
    assert bruno.expect("QUIT|PART").nick == "Anna"
    assert not [line for line in bruno.sync() if "Anna" in line.text], "announced once"


def test_half_closed_plain_is_announced_once_and_floods_nobody(plain, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    anna = plain("quit", "Anna")
    bruno.expect("JOIN", "Anna")
    anna.half_close()
    assert bruno.expect("QUIT|PART").nick == "Anna"
    time.sleep(0.3)
    assert not [line for line in bruno.sync() if "Anna" in line.text]


def test_who_never_reads_is_closed_and_nobody_waits(make_server, closing):
    server = make_server(tables={"limits": {"sendq_bytes": 65536}})
    stuck = closing(IrcClient(server.port, "stuck", receive_buffer=4096))
    stuck.send("JOIN #room")
    anna, bruno = (closing(IrcClient(server.port, nick)) for nick in ("anna", "bruno"))
    anna.join("#room")
    bruno.join("#room")
    slowest = 0.0
    gone = False
    for number in range(20_000):
        text = f"{number} " + "x" * 380
        started = time.monotonic()
        anna.say("#room", text)
        lines = bruno.collect_until("PRIVMSG", f" :{number} ")
        slowest = max(slowest, time.monotonic() - started)
        gone = any(line.command == "QUIT" and line.nick == "stuck" for line in lines)
        if gone:
            break
    assert gone, "the send queue is bounded"
    assert slowest < 1.0, "others do not wait"
    status, metrics = server.ask_admin("/metrics")
    assert status == 200 and metrics


def test_plain_that_never_reads_is_closed(make_server, closing):
    server = make_server(tables={"limits": {"sendq_bytes": 65536}})
    stuck = closing(socket.socket())
    stuck.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    stuck.connect(("127.0.0.1", server.ports["quit"]))
    stuck.recv(1024)
    stuck.sendall(b"Stuck\n")
    anna = closing(IrcClient(server.port, "anna"))
    anna.join("#piazza")
    for number in range(20_000):
        anna.say("#piazza", f"{number} " + "x" * 380)
        if number % 50 == 49 and any(line.command in ("QUIT", "PART") for line in anna.sync()):
            return
    raise AssertionError("the send queue is bounded")


def test_who_never_registers_is_closed_with_a_reason(make_server, closing):
    server = make_server(tables={"limits": {"registration_seconds": 1, "plain_name_seconds": 1}})
    silent_irc = closing(IrcClient(server.port))
    silent_irc.send("CAP LS 302")
    lines, _ = silent_irc.read_to_end(8)
    assert any(line.command == "ERROR" for line in lines), lines
    nameless = closing(PlainClient(server.ports["quit"]))
    nameless.wait_rows(1)
    nameless.wait_end(8)


def test_an_idle_session_is_pinged_and_closed(make_server, closing):
    server = make_server(tables={"limits": {"ping_seconds": 1}})
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#room")
    deaf = closing(IrcClient(server.port, "deaf"))
    deaf.send("JOIN #room")
    bruno.expect("JOIN", "deaf")
    # `bruno` answers the PINGs while it waits; `deaf` reads nothing and so answers none.
    assert bruno.expect("QUIT", seconds=15).nick == "deaf"


def test_http_on_a_port_without_web_is_told_so_and_closed(make_server, closing):
    server = make_server(listeners=("all", "irc", "quit"))
    for name in ("irc", "quit"):
        stranger = closing(socket.create_connection(("127.0.0.1", server.ports[name]), timeout=5))
        stranger.sendall(b"GET / HTTP/1.1\r\nHost: loggia.test\r\n\r\n")
        answer = b""
        try:
            while data := stranger.recv(4096):
                answer += data
        except ConnectionResetError:
            pass
        assert len(answer) < 4096
        assert b"001" not in answer
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#piazza")
    names = [line.text for line in bruno.seen if line.command == "353"]
    assert names and "GET" not in names[0], "a request line is never a name"


@pytest.mark.parametrize("name", ["all", "irc", "quit"])
def test_a_tls_hello_where_there_is_no_tls_is_closed(make_server, closing, name):
    server = make_server(listeners=("all", "irc", "quit"))
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    raw = closing(socket.create_connection(("127.0.0.1", server.ports[name]), timeout=5))
    started = time.monotonic()
    with pytest.raises(OSError):  # ssl.SSLError and a reset are both
        context.wrap_socket(raw)
    assert time.monotonic() - started < 4, "closed, not left waiting"
    bruno = closing(IrcClient(server.port, "bruno"))
    listed = bruno.join("#piazza")
    names = next(line.parameters[-1].split() for line in listed if line.command == "353")
    assert names == ["bruno"], "a TLS hello is never a name"


def test_http_where_web_is_taken(server):
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    web.request("GET", "/")
    answer = web.getresponse()
    page = answer.read().decode("utf-8")
    assert answer.status == 200 and "text/html" in answer.getheader("content-type")
    assert "Loggia" in page and str(server.port) in page, "what it is and how to join"
    web.request("GET", "/nothing-here")
    assert web.getresponse().status == 404


def test_a_post_of_irc_lines_is_not_irc(server, pair):
    # A web page that makes a browser POST to this port must not speak IRC by it.
    body = "NICK evil\r\nUSER evil 0 * :evil\r\nJOIN #room\r\nPRIVMSG #room :from a form\r\n"
    web = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    web.request("POST", "/", body, {"Content-Type": "text/plain"})
    assert web.getresponse().status >= 400
    assert not [line for line in pair[1].sync() if "evil" in line.text]


def test_quit_before_registration_is_error_and_end(irc):
    probe = irc()
    probe.send("QUIT :only looking")
    lines, how = probe.read_to_end(2)
    assert [line.command for line in lines] == ["ERROR"] and how == "end"


def test_irc_is_told_by_its_first_line(irc):
    def seconds(number):
        started = time.monotonic()
        client = irc()
        client.send(f"NICK quick{number}", "USER quick 0 * :Quick")
        client.expect("001")
        return time.monotonic() - started

    # The best of several tries: a busy machine only adds to them.
    assert min(seconds(number) for number in range(5)) < 0.3, "nobody waits for the plain greeting's timer"


def test_names_that_begin_like_commands(plain, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    for name in ("NICKola", "GETrude", "CAPtain"):
        client = plain("all")
        client.send(name)  # at once, without a line end, as 001's client does when it comes back
        assert bruno.expect("JOIN").nick == name
        client.send("{quit}")
        bruno.expect("QUIT|PART")


def test_a_thousand_lines_in_one_burst(pair):
    anna, bruno = pair
    anna.send(*(f"PRIVMSG #room :{number}" for number in range(1000)))
    got = []
    while len(got) < 1000:
        got.append(bruno.expect("PRIVMSG").parameters[1])
    assert got == [str(number) for number in range(1000)]


def test_hundred_connections_at_once(server, closing):
    clients = [closing(IrcClient(server.port)) for _ in range(100)]
    for number, client in enumerate(clients):
        client.send(f"NICK many{number}", f"USER many 0 * :{number}", "JOIN #many")
    for client in clients:
        client.expect("366", "#many")
    clients[0].say("#many", "hello all")
    for client in clients[1:]:
        client.expect("PRIVMSG", "hello all")
