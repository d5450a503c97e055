"""Notifications for devices that are not connected, against a push service that is made for tests."""

import stat
import time

import pytest

from loggia.irc_client import IrcClient, Line
from loggia.push_service import Device, PushService, claims
from loggia.waiting import stays_false, until

CAPS = ("draft/webpush", "message-tags", "server-time", "draft/read-marker", "account-tag")


@pytest.fixture
def service(tmp_path, closing):
    return closing(PushService(tmp_path / "push"))


@pytest.fixture
def server(make_server, service):
    """A server that believes the service's certificate and may reach this machine."""
    return make_server(
        tables={
            "accounts": {"password_hash": "test"},
            "push": {"allow_addresses": ["127.0.0.0/8", "::1"], "delay_seconds": 0, "contact": "mailto:admin@example.test"},
        },
        environment={"SSL_CERT_FILE": str(service.certificate.cert), "SSL_CERT_DIR": ""},
    )


@pytest.fixture
def anna(irc):
    """Somebody with an account."""
    client = irc("anna", caps=CAPS)
    client.send("REGISTER * * sesame")
    client.expect("REGISTER", "SUCCESS")
    return client


def subscribe(client, device):
    client.send(f"WEBPUSH REGISTER {device.endpoint} {device.keys}")
    assert client.expect("WEBPUSH", "REGISTER").parameters == ["REGISTER", device.endpoint]


def vapid(client):
    tokens = [token for line in client.burst if line.command == "005" for token in line.parameters]
    return next(token.removeprefix("VAPID=") for token in tokens if token.startswith("VAPID="))


def metrics(server):
    return server.ask_admin("/metrics")[1]


def pong(client):
    client.send("PING done")
    client.expect("PONG")


def test_a_private_message_is_notified_encrypted_and_signed(server, service, irc, anna):
    phone = Device(service, "phone")
    subscribe(anna, phone)
    bob = irc("bob")
    bob.send("PRIVMSG anna :perché no? ☕")
    [told] = phone.hears()
    line = Line(told)
    assert (line.nick, line.command, line.parameters) == ("bob", "PRIVMSG", ["anna", "perché no? ☕"])
    received = anna.expect("PRIVMSG")
    assert line.tags == received.tags and line.tags["msgid"] and line.tags["time"]
    assert "\r" not in told and "\n" not in told

    [headers] = service.headers_of(phone)
    assert headers["Content-Encoding"] == "aes128gcm" and headers["Urgency"] == "high" and int(headers["TTL"]) > 0
    assert headers["Host"] == f"localhost:{service.port}"
    said = claims(headers["Authorization"], vapid(anna))
    assert said["aud"] == f"https://localhost:{service.port}" and said["sub"] == "mailto:admin@example.test"
    assert 0 < said["exp"] - time.time() < 24 * 60 * 60
    key = server.data / "push-key.der"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_what_is_notified_and_what_is_not(server, service, irc, anna):
    phone, tablet = Device(service, "phone"), Device(service, "tablet")
    subscribe(anna, phone)
    subscribe(anna, tablet)
    bob = irc("bob")
    for client in (anna, bob):
        client.send("JOIN #tea")
        client.expect("366")
    bob.send(
        "PRIVMSG #tea :nobody in particular",
        "PRIVMSG #tea :annabel and joanna are others",
        "NOTICE anna :a program says",
        "TOPIC #tea :anna",
        "PRIVMSG #tea :Anna, tea?",
        "JOIN #cake",
        "INVITE anna #cake",
        "PRIVMSG anna :\x01ACTION waves\x01",
    )
    anna.send("PRIVMSG #tea :anna is me", "PRIVMSG anna :a note to myself")
    for device in (phone, tablet):
        lines = [Line(told) for told in device.hears(3)]
        assert [line.command for line in lines] == ["PRIVMSG", "INVITE", "PRIVMSG"]
        assert [line.parameters[-1] for line in lines] == ["Anna, tea?", "#cake", "\x01ACTION waves\x01"]


def test_what_is_read_is_taken_away(server, service, irc, anna):
    phone = Device(service, "phone")
    subscribe(anna, phone)
    bob = irc("bob")
    bob.send("PRIVMSG anna :one")
    [one] = phone.hears()
    at = Line(one).tags["time"]
    anna.send(f"MARKREAD bob timestamp={at}")
    told = phone.hears(2)
    assert Line(told[1]).command == "MARKREAD" and Line(told[1]).parameters == ["bob", f"timestamp={at}"]
    assert service.headers_of(phone)[1]["Urgency"] == "normal"
    # Nothing more is shown there, so nothing more is said of it.
    anna.send(f"MARKREAD bob timestamp={at}", "MARKREAD bob timestamp=2999-01-01T00:00:00.000Z")
    bob.send("PRIVMSG anna :two")
    assert Line(phone.hears(3)[2]).parameters[-1] == "two"


def test_who_has_it_in_front_is_not_notified(make_server, service, closing):
    push = {"allow_addresses": ["127.0.0.0/8", "::1"], "delay_seconds": 2}
    server = make_server(
        tables={"accounts": {"password_hash": "test"}, "push": push},
        environment={"SSL_CERT_FILE": str(service.certificate.cert), "SSL_CERT_DIR": ""},
    )
    anna = closing(IrcClient(server.port, "anna", CAPS))
    anna.send("REGISTER * * sesame")
    phone = Device(service, "phone")
    subscribe(anna, phone)
    bob, carl = closing(IrcClient(server.port, "bob")), closing(IrcClient(server.port, "carl"))
    bob.send("PRIVMSG anna :you see this")
    at = anna.expect("PRIVMSG").tags["time"]
    anna.send(f"MARKREAD bob timestamp={at}")
    anna.expect("MARKREAD")
    carl.send("PRIVMSG anna :but not this")
    assert Line(phone.hears()[0]).nick == "carl"


def test_who_stays_is_notified_while_nobody_is_connected_also_after_a_restart(server, service, irc, anna, closing):
    phone = Device(service, "phone")
    subscribe(anna, phone)
    key = vapid(anna)
    anna.send("PERSISTENCE SET ON")
    anna.expect("PERSISTENCE", "STATUS")
    anna.close()
    bob = irc("bob")
    bob.send("PRIVMSG anna :before")
    phone.hears()
    server.stop()
    server.start()
    bob = closing(IrcClient(server.port, "bob", ("draft/webpush",)))
    assert vapid(bob) == key
    bob.send("PRIVMSG anna :after")
    assert [Line(told).parameters[-1] for told in phone.hears(2)] == ["before", "after"]


def test_a_device_that_is_no_more_is_forgotten_and_one_that_is_busy_is_asked_again(server, service, irc, anna):
    gone, busy, moved = (Device(service, name) for name in ("gone", "busy", "moved"))
    for device in (gone, busy, moved):
        subscribe(anna, device)
    service.answers = {gone.path: [410], busy.path: [503], moved.path: [307]}
    bob = irc("bob")
    bob.send("PRIVMSG anna :one")
    busy.hears()
    assert service.statuses_of(busy) == [503, 201]
    until(lambda: any("a device is notified no more" in line for line in server.running.err), server.running.said)
    pong(anna)
    bob.send("PRIVMSG anna :two")
    busy.hears(2)
    # Nothing is followed to where the answer points, and that device is asked the next time.
    assert [Line(told).parameters[-1] for told in moved.hears()] == ["two"]
    assert service.statuses_of(gone) == [410]
    assert not any(path == "/push/elsewhere" for path, *_ in service.requests)
    secret = [line for line in server.running.err if "/push/" in line]
    assert not secret, "the addresses of devices are secrets"


def test_unsubscribed_and_removed_devices_hear_nothing(server, service, irc, anna):
    phone, tablet = Device(service, "phone"), Device(service, "tablet")
    subscribe(anna, phone)
    subscribe(anna, tablet)
    anna.send(f"WEBPUSH UNREGISTER {phone.endpoint}")
    assert anna.expect("WEBPUSH", "UNREGISTER").parameters == ["UNREGISTER", phone.endpoint]
    bob = irc("bob")
    bob.send("PRIVMSG anna :one")
    tablet.hears()
    assert phone.told == []
    anna.send("PRIVMSG NickServ :SET PASSWORD sesame barley")
    anna.expect("NOTICE")
    bob.send("PRIVMSG anna :two")
    anna.expect("PRIVMSG")
    stays_false(lambda: len(tablet.told) > 1, lambda: tablet.told)


def test_private_addresses_are_never_asked(make_server, service, closing):
    server = make_server(
        tables={"accounts": {"password_hash": "test"}, "push": {"delay_seconds": 0}},
        environment={"SSL_CERT_FILE": str(service.certificate.cert), "SSL_CERT_DIR": ""},
    )
    anna, bob = closing(IrcClient(server.port, "anna", CAPS)), closing(IrcClient(server.port, "bob"))
    anna.send("REGISTER * * sesame")
    device = Device(service, "phone")
    for host in ("127.0.0.1", "[::ffff:127.0.0.1]", "[::1]", "169.254.169.254"):
        anna.send(f"WEBPUSH REGISTER https://{host}:{service.port}{device.path} {device.keys}")
        anna.expect("FAIL", "WEBPUSH INVALID_PARAMS")
    # What a name stands for is found out when it is asked.
    device.endpoint = f"https://localhost:{service.port}{device.path}"
    subscribe(anna, device)
    bob.send("PRIVMSG anna :ciao")
    until(lambda: any("is a private address" in line for line in server.running.err), server.running.said)
    assert service.requests == []
    lines = {'loggia_push_lost_total{reason="gone"} 1', "loggia_push_waiting 0", "loggia_push_sent_total 0"}
    until(lambda: lines <= set(metrics(server).splitlines()), lambda: metrics(server))
