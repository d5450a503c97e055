"""Bans of the server, the raid mode and the audit log outlive the process."""

import socket

from loggia.irc_client import IrcClient

OPERATOR = {"name": "boss", "class": "moderator", "password": "only for tests"}


def operator(server, closing):
    return operator_at(server, server.port, closing)


def operator_at(server, port, closing):
    anna = closing(IrcClient(port, "anna"))
    anna.send("OPER boss :only for tests")
    anna.expect("381")
    return anna


def newcomer(server, closing, *lines):
    client = closing(IrcClient(server.port))
    client.send(*lines, "NICK eve", "USER eve 0 * :Eve")
    return client


def restart(server):
    server.stop()
    return server.start()


def test_a_ban_survives_a_restart(make_server, closing):
    server = make_server(listeners=("all",), operators=[OPERATOR], tables={"server": {"trusted_proxies": ["127.0.0.1"]}})
    anna = operator(server, closing)
    anna.send("BAN ADD 1d *!~eve@* :too much sugar", "DLINE 192.0.2.0/24 :proxies")
    anna.expect("NOTICE", r"Banned \*!~eve@\*")
    anna.expect("NOTICE", r"Banned 192\.0\.2\.0/24")
    restart(server)
    newcomer(server, closing).expect("465", "too much sugar")
    # By address: from elsewhere, through a gateway that is believed.
    elsewhere = closing(IrcClient(server.port))
    elsewhere.send("WEBIRC x gateway host.example 192.0.2.7", "NICK carl", "USER carl 0 * :Carl")
    elsewhere.expect("465", "proxies")
    elsewhere.read_to_end()
    anna = operator(server, closing)
    anna.send("BAN LIST")
    anna.expect("NOTICE", "too much sugar")
    anna.expect("NOTICE", "proxies")
    anna.expect("NOTICE", "Bans: 2")
    anna.send("AUDIT")
    anna.expect("NOTICE", r"#2 .*banned \*!~eve@\*: too much sugar")
    anna.send("BAN DEL *!~eve@*")
    anna.expect("NOTICE", "no longer banned")
    restart(server)
    newcomer(server, closing).expect("001")


def test_a_raid_survives_a_restart(make_server, closing):
    server = make_server(listeners=("all",), operators=[OPERATOR])
    anna = operator(server, closing)
    anna.send("RAID ON :many nicks")
    anna.expect("NOTICE", "raid mode is on")
    restart(server)
    eve = newcomer(server, closing)
    eve.expect("001")
    eve.join("#piazza")
    eve.say("#piazza", "buy tea")
    eve.expect("404")
    anna = operator(server, closing)
    anna.send("RAID OFF")
    anna.expect("NOTICE", "raid mode is off")
    restart(server)
    eve = newcomer(server, closing)
    eve.expect("001")
    eve.join("#piazza")
    eve.say("#piazza", "good morning")
    assert not [line for line in eve.sync() if line.command == "404"]


def test_a_banned_network_is_refused_before_tls(make_server, closing):
    """By what a proxy says; and again after a restart, when the bans come from the store."""
    server = make_server(
        listeners=("irc", "all"),
        listen={"irc": {"proxy_protocol": True, "tls": "auto"}},
        operators=[OPERATOR],
        tables={"server": {"trusted_proxies": ["127.0.0.1"]}},
    )

    def from_elsewhere(address):
        """What the server says to a client of a proxy that has not said a word yet, or None while it waits for one."""
        with socket.create_connection(("127.0.0.1", server.ports["irc"]), 5) as client:
            client.sendall(f"PROXY TCP4 {address} 127.0.0.1 5000 6667\r\n".encode())
            client.settimeout(1)
            try:
                return client.recv(1000).decode()
            except TimeoutError:
                return None

    anna = operator_at(server, server.ports["all"], closing)
    anna.send("DLINE 192.0.2.0/24 :proxies")
    anna.expect("NOTICE", r"Banned 192\.0\.2\.0/24")
    refused = "ERROR :You are banned from this server: proxies\r\n"
    assert from_elsewhere("192.0.2.7") == refused and from_elsewhere("192.0.3.7") is None
    restart(server)
    assert from_elsewhere("192.0.2.7") == refused
    anna = operator_at(server, server.ports["all"], closing)
    anna.send("UNDLINE 192.0.2.0/24")
    anna.expect("NOTICE", "no longer banned")
    assert from_elsewhere("192.0.2.7") is None
