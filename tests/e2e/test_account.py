"""`loggia account` and `loggia invite`: with a server and without; what is made outlives restarts."""

import os
import re
import stat

import pytest

from loggia.irc_client import IrcClient
from loggia.server import binary

CHEAP = {"accounts": {"password_hash": "test"}}
REMOVED = [
    "account anna removed",
    "gone with it: password, certificates, settings, channels, read markers",
    "what was said from it is erased",
    "its name stays reserved: nobody can register it again",
]


def run(server, *words, password=None, status=0):
    """Runs the program on the server's data; returns what it printed, or when it failed, what it complained of."""
    printed, complained = server.command(*words, password=password, status=status)
    return complained if status else printed


def told(client, words):
    """Says something to NickServ; returns its first answer."""
    client.send(f"NS {words}")
    while True:
        line = client.next_line()
        if line.command == "NOTICE" and line.source.startswith("NickServ!"):
            return line.parameters[-1]


def identify(client, account, password):
    return told(client, f"IDENTIFY {account} {password}")


def test_online(make_server, closing):
    server = make_server(tables=CHEAP)
    socket = server.data / "control.sock"
    assert stat.S_IMODE(os.stat(socket).st_mode) == 0o600
    assert run(server, "account", "add", "anna", "--operator", password="sesame") == "account anna added\n"
    assert "That name is taken" in run(server, "account", "add", "ANNA", password="sesame", status=1)
    assert "cannot be the name" in run(server, "account", "add", "#tea", password="sesame", status=1)
    assert "easy to guess" in run(server, "account", "add", "bruno", password="abc", status=1)
    assert "empty" in run(server, "account", "add", "bruno", password="", status=1)
    assert "no account nobody" in run(server, "account", "passwd", "nobody", password="sesame", status=1)
    assert "no account nobody" in run(server, "account", "remove", "nobody", status=1)
    run(server, "account", "add", status=2)
    client = closing(IrcClient(server.port, "client"))
    assert identify(client, "anna", "sesame") == "You are logged in as anna."
    client.send("MODE client")
    assert "o" in client.expect("221").parameters[-1]
    listed = run(server, "account", "list")
    assert listed.startswith("anna operator connections=1 registered=20"), listed
    assert run(server, "account", "passwd", "anna", password="marzipan") == "account anna changed\n"
    other = closing(IrcClient(server.port, "other"))
    assert identify(other, "anna", "sesame") == "Wrong name or password."
    assert identify(other, "anna", "marzipan") == "You are logged in as anna."
    assert run(server, "account", "remove", "anna").splitlines() == REMOVED
    client.expect("901")
    other.expect("901")
    assert run(server, "account", "list") == ""
    assert "given to nobody again" in run(server, "account", "add", "Anna", password="sesame", status=1)
    assert server.stop()[0] == 0
    assert not socket.exists()


def test_offline_and_over_restarts(make_server, closing):
    server = make_server(start=False, tables=CHEAP)
    assert run(server, "account", "add", "anna", "--operator", password="sesame") == "account anna added\n"
    assert run(server, "account", "add", "bruno", password="sesame") == "account bruno added\n"
    assert "That name is taken" in run(server, "account", "add", "anna", password="sesame", status=1)
    assert [line.split(" reg")[0] for line in run(server, "account", "list").splitlines()] == ["anna operator", "bruno"]
    server.start()
    client = closing(IrcClient(server.port, "client"))
    assert identify(client, "anna", "sesame") == "You are logged in as anna."
    client.send("MODE client")
    assert "o" in client.expect("221").parameters[-1]
    code = run(server, "account", "reset", "bruno").splitlines()[0]
    server.kill_9()
    assert run(server, "account", "remove", "anna").splitlines() == REMOVED
    assert "given to nobody again" in run(server, "account", "add", "anna", password="sesame", status=1)
    server.start()
    client = closing(IrcClient(server.port, "client"))
    assert identify(client, "anna", "sesame") == "Wrong name or password."
    assert told(client, f"RESETPASS bruno {code} marzipan") == "bruno has a new password."
    assert told(client, f"RESETPASS bruno {code} marzipan") == "That code does not hold, or is used up."
    assert identify(client, "bruno", "marzipan") == "You are logged in as bruno."
    assert "anna" not in run(server, "account", "list")


def test_a_directory_that_is_held_is_named(make_server):
    server = make_server(tables=CHEAP)
    (server.data / "control.sock").unlink()
    said = run(server, "account", "list", status=1)
    assert f"process {server.running.pid}" in said, said


def test_passwords_are_not_in_the_log(make_server, closing):
    server = make_server(tables=CHEAP)
    run(server, "account", "add", "anna", password="abracadabra")
    client = closing(IrcClient(server.port, "bruno", caps=["echo-message"]))
    assert told(client, "REGISTER simsalabim").startswith("The account bruno is yours")
    assert told(client, "PASSWD simsalabim hocuspocus") == "bruno has a new password."
    server.stop()
    kept = b"".join(path.read_bytes() for path in server.data.iterdir() if path.is_file())
    said = "\n".join(server.running.out + server.running.err)
    for word in ("abracadabra", "simsalabim", "hocuspocus"):
        assert word.encode() not in kept and word not in said, word


@pytest.mark.parametrize("way", ["nickserv", "pass", "use"])
def test_an_invitation_is_redeemed_once_also_after_a_restart(make_server, closing, way):
    server = make_server(tables={"accounts": {"password_hash": "test", "registration": "invite"}})
    word = run(server, "invite", "create", "--days", "2").strip()
    assert word not in run(server, "invite", "list")
    assert run(server, "invite", "list").count(": for one account, until ") == 1
    server.stop()
    server.start()

    def register(nick):
        client = closing(IrcClient(server.port))
        if way == "pass":
            client.send(f"PASS invite:{word}")
        client.send(f"NICK {nick}", f"USER {nick} 0 * :{nick}")
        client.expect("001")
        if way == "nickserv":
            return told(client, f"REGISTER sesame invite:{word}")
        if way == "use":
            client.send(f"INVITATION USE {word.upper().replace('-', '')}")
            client.expect("INVITATION", "NOTED")
        client.send("REGISTER * * sesame")
        return client.expect("REGISTER|FAIL").text

    first, second = register("anna"), register("bruno")
    assert "is yours" in first or "REGISTER SUCCESS" in first, first
    assert "does not hold" in second, second
    assert run(server, "invite", "list") == ""


def test_an_operator_invites_and_revokes(make_server, closing):
    server = make_server(tables={"accounts": {"password_hash": "test", "registration": "invite"}})
    run(server, "account", "add", "anna", "--operator", password="sesame")
    client = closing(IrcClient(server.port, "client"))
    identify(client, "anna", "sesame")
    client.send("INVITATION CREATE 2 7")
    created = client.expect("INVITATION", "CREATED").parameters
    ident, word = created[1], created[2]
    assert created[3] == "2" and created[4].startswith("20")
    client.send("INVITATION LIST")
    assert client.expect("INVITATION", "ENTRY").parameters[1:3] == [ident, "2"]
    guest = closing(IrcClient(server.port, "guest"))
    assert "is yours" in told(guest, f"REGISTER sesame invite:{word}")
    client.send(f"INVITATION REVOKE {ident}")
    client.expect("INVITATION", "REVOKED")
    late = closing(IrcClient(server.port, "late"))
    assert "does not hold" in told(late, f"REGISTER sesame invite:{word}")
    client.send("AUDIT")
    assert any("INVITATION" in line.text for line in client.collect_until("NOTICE|AUDIT|NOTE"))


def test_the_first_start_on_a_terminal_makes_one_operator(make_server, terminal, closing):
    server = make_server(start=False, tables=CHEAP)
    window = terminal(binary(), "serve", "--config", server.config)
    window.wait_for("ready", "invite:")
    word = re.search(r"NickServ REGISTER <password> invite:(\S+)", window.screen())[1]
    anna = closing(IrcClient(server.port, "anna"))
    assert told(anna, f"REGISTER sesame invite:{word}").startswith("The account anna is yours")
    anna.send("MODE anna")
    assert "o" in anna.expect("221").parameters[-1]
    bruno = closing(IrcClient(server.port, "bruno"))
    assert told(bruno, f"REGISTER sesame invite:{word}") == "That invitation does not hold, or is used up."
    assert told(bruno, "REGISTER sesame").startswith("The account bruno is yours")
    assert told(bruno, f"OPERATOR {word}") == "That code does not hold, or is used up."
    window.press("C-c")
    window.wait_end()
    again = terminal(binary(), "serve", "--config", server.config)
    again.wait_for("ready")
    assert "invite:" not in again.screen(), "only at the first start"
    client = closing(IrcClient(server.port, "client"))
    assert identify(client, "anna", "sesame") == "You are logged in as anna."
    client.send("MODE client")
    assert "o" in client.expect("221").parameters[-1]


def test_whoever_has_an_account_takes_the_first_word_too(make_server, terminal, closing):
    server = make_server(start=False, tables=CHEAP)
    run(server, "account", "add", "anna", password="sesame")
    window = terminal(binary(), "serve", "--config", server.config)
    window.wait_for("ready")
    found = re.search(r"NickServ OPERATOR (\S+)\)", window.screen())
    assert found is None, "there is an account: this is not the first start"


def test_without_a_terminal_nobody_is_shown_a_word(make_server):
    server = make_server(tables=CHEAP)
    assert not [line for line in server.running.out + server.running.err if "invite:" in line]
