"""SASL EXTERNAL: a client certificate, shown when the connection is encrypted, proves which account one is."""

import base64

import pytest

from loggia.certificates import Certificate, trusting
from loggia.irc_client import IrcClient


@pytest.fixture
def server(make_server, tmp_path):
    certificate = Certificate(tmp_path / "certificates")
    return make_server(
        listeners=("all",), listen={"all": {"tls": certificate.files}}, tables={"accounts": {"password_hash": "test"}}
    )


@pytest.fixture
def shows(tmp_path, closing):
    """Opens a connection by TLS that shows a certificate of this name, or none; each name has one certificate."""
    made = {}

    def connect(server, name, nick=None):
        if name is not None and name not in made:
            made[name] = Certificate(tmp_path / "clients", name)
        client = closing(IrcClient(server.port, nick, tls=trusting(client=made.get(name))))
        client.certificate = made.get(name)
        return client

    return connect


def owner(server, shows, nick="anna"):
    """Makes an account whose certificate is the one that the connection shows."""
    client = shows(server, nick, nick)
    client.send("REGISTER * * :sesame open")
    client.expect("REGISTER", "SUCCESS")
    client.send("NS CERT ADD")
    client.expect("NOTICE", f"This certificate proves {nick} now: {client.certificate.fingerprint}")
    return client


def external(client, authzid=""):
    """Logs in; returns what the server says, from 900 or 904 on."""
    client.send("AUTHENTICATE EXTERNAL")
    client.expect("AUTHENTICATE", r"\+")
    client.send("AUTHENTICATE " + (base64.b64encode(authzid.encode()).decode() or "+"))
    return client.expect("900|904")


def test_the_certificate_logs_in(server, shows):
    owner(server, shows)
    client = shows(server, "anna")
    client.send("CAP LS 302")
    assert any("EXTERNAL" in line.text for line in client.collect_until("CAP", r"LS :"))
    client.send("CAP REQ sasl", "NICK bruno", "USER bruno 0 * :Bruno")
    assert external(client).text.endswith("anna :You are now logged in as anna")
    client.expect("903")
    client.send("CAP END")
    client.expect("001")
    client.send("WHOIS bruno")
    client.expect("276|330", "anna")


def test_also_after_a_restart_and_after_registration(server, shows):
    owner(server, shows)
    server.kill_9()
    server.start()
    client = shows(server, "anna", "bruno")
    assert external(client).command == "900"


@pytest.mark.parametrize("authzid, answer", [("anna", "900"), ("ANNA", "900"), ("bruno", "904"), ("nobody", "904")])
def test_the_account_that_it_must_be(server, shows, authzid, answer):
    owner(server, shows)
    owner(server, shows, "bruno")
    assert external(shows(server, "anna"), authzid).command == answer


def test_another_certificate_of_the_same_name_proves_nothing(server, shows, tmp_path, closing):
    owner(server, shows)
    forged = Certificate(tmp_path / "forged", "anna")
    client = closing(IrcClient(server.port, tls=trusting(client=forged)))
    assert external(client).text.endswith("904 * :SASL authentication failed: wrong name or password")
    # The connection goes on, and the password still works.
    client.send("AUTHENTICATE PLAIN", "AUTHENTICATE " + base64.b64encode(b"\0anna\0sesame open").decode())
    client.expect("903")


def test_without_a_certificate(server, shows):
    owner(server, shows)
    assert external(shows(server, None)).text.endswith("904 * :SASL authentication failed: your client has shown no certificate")


def test_it_is_not_offered_without_tls(server, closing):
    client = closing(IrcClient(server.port))
    client.send("CAP LS 302")
    assert not any("EXTERNAL" in line.text for line in client.collect_until("CAP", r"LS :"))
    client.send("AUTHENTICATE EXTERNAL")
    assert client.expect("908").parameters[1] == "PLAIN,SCRAM-SHA-256"
    client.expect("904")


def test_a_certificate_that_was_taken_away_proves_nothing(server, shows):
    client = owner(server, shows)
    client.send("NS CERT DEL")
    client.expect("NOTICE", "does not prove anna any more")
    assert external(shows(server, "anna")).command == "904"


def test_a_removed_accounts_certificate_proves_nothing_and_may_be_anothers(server, shows):
    client = owner(server, shows)
    client.send("NS DROP")
    code = client.expect("NOTICE", "DROP anna").parameters[-1].rsplit(" ", 1)[1]
    client.send(f"NS DROP anna {code}")
    client.expect("NOTICE", "is gone")
    assert external(shows(server, "anna")).command == "904"
    other = shows(server, "anna", "other")
    other.send("REGISTER other * :sesame open")
    other.expect("REGISTER", "SUCCESS")
    other.send("NS CERT ADD")
    other.expect("NOTICE", "This certificate proves other now")


def test_identify_without_a_password(server, shows):
    owner(server, shows)
    client = shows(server, "anna", "bruno")
    client.send("NS IDENTIFY")
    client.expect("NOTICE", "You are logged in as anna")
