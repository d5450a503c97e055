"""Who comes through a proxy or a gateway is who they say; nobody else is believed."""

import socket
import time

import pytest

from loggia.certificates import Certificate, trusting
from loggia.irc_client import Closed, IrcClient
from loggia.waiting import until

TRUSTED = {"server": {"trusted_proxies": ["127.0.0.1", "10.0.0.0/8"], "cloak": "off"}}
V1 = b"PROXY TCP4 203.0.113.9 192.0.2.1 56324 6697\r\n"
V2 = b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes([203, 0, 113, 9, 192, 0, 2, 1]) + b"\xdc\x04\x1a\x29"


class Proxied(IrcClient):
    """A client behind a proxy, which begins with a header; with `tls`, the client's handshake comes behind it."""

    def __init__(self, port, header, nick=None, pieces=None, tls=None):
        super().__init__(port)
        for piece in pieces or [header]:
            self.send_raw(piece)
            if pieces:
                time.sleep(0.002)
        if tls is not None:
            self.socket = tls.wrap_socket(self.socket, server_hostname="localhost")
        if nick is not None:
            self.nick = nick
            self.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
            self.burst = self.collect_until("376|422")


@pytest.fixture
def door(make_server):
    """A server with a door behind a proxy, and one without."""
    return make_server(tables=TRUSTED, listeners=("irc", "all"), listen={"irc": {"proxy_protocol": True}})


def address_of(client):
    client.send(f"WHOIS {client.nick}")
    line = client.expect("378")
    client.expect("318")
    return line.parameters[-1].rsplit(" ", 1)[-1]


@pytest.mark.parametrize("header", [V1, V2], ids=["v1", "v2"])
def test_a_header_names_the_client(door, closing, header):
    anna = closing(Proxied(door.ports["irc"], header, "anna"))
    assert address_of(anna) == "203.0.113.9"
    bruno = closing(Proxied(door.ports["irc"], header, "bruno", [header[at : at + 1] for at in range(len(header))]))
    assert address_of(bruno) == "203.0.113.9"
    other = closing(IrcClient(door.port, "carla"))
    other.send("WHOIS anna")
    assert other.expect("311").parameters[3] == "203.0.113.9"


@pytest.mark.parametrize("header", [V1, V2], ids=["v1", "v2"])
def test_a_header_comes_before_tls_and_before_what_is_not_encrypted(make_server, tmp_path, closing, header):
    certificate = Certificate(tmp_path / "certificates")
    server = make_server(
        tables=TRUSTED, listeners=("all",), listen={"all": {"proxy_protocol": True, "tls": certificate.files}}
    )
    anna = closing(Proxied(server.port, header, "anna", tls=trusting(certificate)))
    assert address_of(anna) == "203.0.113.9"
    anna.send("WHOIS anna")
    assert [line for line in anna.collect_until("318") if line.command == "671"], "encrypted from the client to here"
    bruno = closing(Proxied(server.port, header, "bruno"))
    assert address_of(bruno) == "203.0.113.9"
    bruno.send("WHOIS bruno")
    assert not [line for line in bruno.collect_until("318") if line.command == "671"]
    web = closing(socket.create_connection(("127.0.0.1", server.port)))
    web.sendall(header)
    web = closing(trusting(certificate).wrap_socket(web, server_hostname="localhost"))
    web.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert web.recv(1000).startswith(b"HTTP/1.1 200 ")


def test_a_header_within_tls_is_nothing(make_server, tmp_path, closing):
    """A client cannot name itself by what it says once the proxy has passed it on."""
    certificate = Certificate(tmp_path / "certificates")
    server = make_server(
        tables=TRUSTED, listeners=("all",), listen={"all": {"proxy_protocol": True, "tls": certificate.files}}
    )
    anna = closing(Proxied(server.port, V1, tls=trusting(certificate)))
    anna.send_raw(V1.replace(b"203.0.113.9", b"203.0.113.66"))
    anna.send("NICK anna", "USER anna 0 * :Anna")
    anna.nick = "anna"
    anna.collect_until("376|422")
    assert address_of(anna) == "203.0.113.9"


def test_the_header_and_what_follows_may_come_together(door, closing):
    anna = closing(Proxied(door.ports["irc"], V2 + b"NICK anna\r\nUSER anna 0 * :Anna\r\n"))
    anna.nick = "anna"
    anna.collect_until("376|422")
    assert address_of(anna) == "203.0.113.9"


@pytest.mark.parametrize("header", [b"PROXY UNKNOWN\r\n", b"\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00"], ids=["unknown", "local"])
def test_a_proxy_may_speak_for_itself(door, closing, header):
    anna = closing(Proxied(door.ports["irc"], header, "anna"))
    assert address_of(anna) == "127.0.0.1"


@pytest.mark.parametrize(
    "bytes_", [b"NICK anna\r\nUSER anna 0 * :Anna\r\n", b"PROXY TCP4 nonsense\r\n" + b"x" * 200, V2.replace(b"\x21\x11", b"\x41\x11")]
)
def test_without_a_header_nobody_gets_in(door, closing, bytes_):
    stranger = closing(IrcClient(door.ports["irc"]))
    stranger.send_raw(bytes_)
    with pytest.raises(Closed):
        stranger.next_line()
    until(lambda: any("no PROXY header" in line for line in door.running.err), lambda: "a line in the log")


def test_only_trusted_proxies_are_believed(make_server, closing):
    server = make_server(
        tables={"server": {"trusted_proxies": ["10.0.0.1"]}}, listeners=("irc", "all"), listen={"irc": {"proxy_protocol": True}}
    )
    stranger = closing(IrcClient(server.ports["irc"]))
    with pytest.raises((Closed, ConnectionError)):
        stranger.send_raw(V1 + b"NICK anna\r\n")
        stranger.next_line()
    until(lambda: any("not in server.trusted_proxies" in line for line in server.running.err), lambda: "a line in the log")
    until(lambda: 'loggia_refused_total{reason="not_a_trusted_proxy"} 1' in server.ask_admin("/metrics")[1], "the count")


def test_a_header_at_a_door_without_proxy_protocol_is_nothing(door, closing):
    spoofer = closing(Proxied(door.port, V1, "anna"))
    assert address_of(spoofer) == "127.0.0.1"


def test_clients_behind_a_proxy_are_counted_apart(make_server, closing):
    tables = {**TRUSTED, "limits": {"connections_per_address": 2}}
    server = make_server(tables=tables, listeners=("irc", "all"), listen={"irc": {"proxy_protocol": True}})
    for number in range(2):
        closing(Proxied(server.ports["irc"], V1, f"anna{number}"))
    third = closing(Proxied(server.ports["irc"], V1))
    assert "Too many connections" in third.next_line().text
    closing(Proxied(server.ports["irc"], V1.replace(b"203.0.113.9", b"203.0.113.10"), "bruno"))
    gateway = closing(IrcClient(server.port))
    gateway.send("WEBIRC x kiwi 203.0.113.9 203.0.113.9")
    assert "Too many connections" in gateway.next_line().text


def test_a_gateway_names_the_client_and_others_may_not(make_server, closing):
    server = make_server(tables=TRUSTED)
    anna = closing(IrcClient(server.port))
    anna.send("WEBIRC hunter2 kiwi host.example 198.51.100.3 :secure", "NICK anna", "USER anna 0 * :Anna")
    anna.nick = "anna"
    anna.collect_until("376|422")
    assert address_of(anna) == "198.51.100.3"
    anna.send("WHOIS anna")
    assert not [line for line in anna.collect_until("318") if line.command == "671"], "the gateway's own connection has no TLS"
    other = make_server()
    spoofer = closing(IrcClient(other.port))
    spoofer.send("WEBIRC hunter2 kiwi host.example 198.51.100.3", "NICK anna", "USER anna 0 * :Anna")
    lines, _ = spoofer.read_to_end()
    assert [line.command for line in lines] == ["ERROR"]


def test_a_gateway_with_tls_has_to_know_the_password(make_server, tmp_path, closing):
    certificate = Certificate(tmp_path / "certificates")
    tables = {"server": {**TRUSTED["server"], "webirc_password": "hunter2"}}
    server = make_server(tables=tables, listeners=("all",), listen={"all": {"tls": certificate.files}})

    def gateway(password, options):
        client = closing(IrcClient(server.port, tls=trusting(certificate)))
        client.send(f"WEBIRC {password} kiwi 198.51.100.3 198.51.100.3 {options}")
        return client

    guessing = gateway("hunter3", ":secure")
    lines, _ = guessing.read_to_end()
    assert [line.text for line in lines] == ["ERROR :Closing Link: localhost (Invalid WEBIRC password)"]
    for nick, options, is_secure in (("anna", ":secure=yes local-port=6697", True), ("bruno", ":local-port=6667", False)):
        client = gateway("hunter2", options)
        client.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}", f"WHOIS {nick}")
        seen = {line.command: line for line in client.collect_until("318")}
        assert seen["378"].parameters[-1].endswith(" 198.51.100.3")
        assert seen["350"].parameters[-1] == "is connected via the kiwi WEBIRC gateway"
        assert ("671" in seen) == is_secure


def test_a_proxy_that_says_nothing_holds_nothing_up(door, closing):
    silent = closing(socket.create_connection(("127.0.0.1", door.ports["irc"])))
    silent.sendall(V1[:20])
    closing(Proxied(door.ports["irc"], V1, "anna")).sync()
    silent.settimeout(10)
    try:
        assert silent.recv(1) == b""
    except ConnectionResetError:
        pass  # what it has sent was not read
