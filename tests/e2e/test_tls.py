"""TLS: certificates from files and self-made, on the same port as everything else, or required there."""

import hashlib
import os
import re
import signal
import socket
import ssl
import subprocess
import time

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect as websocket

from loggia import qr_code
from loggia.certificates import Certificate, trusting
from loggia.irc_client import Closed, IrcClient
from loggia.plain_client import PlainClient
from loggia.server import binary
from loggia.waiting import until

VERSIONS = (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3)
REFUSED = "This port takes encrypted connections only: connect with TLS."


@pytest.fixture
def certificate(tmp_path):
    return Certificate(tmp_path / "certificates")


@pytest.fixture
def server(make_server, certificate):
    """Takes everything with TLS and without."""
    return make_server(listeners=("all", "quit"), listen={"all": {"tls": certificate.files}})


@pytest.fixture
def strict(make_server, certificate):
    """Takes everything, but by TLS only."""
    return make_server(listeners=("all",), listen={"all": {"tls": certificate.files, "tls_required": True}})


@pytest.fixture
def secure(closing):
    """Opens an IRC connection by TLS."""
    return lambda server, nick=None, tls=None, **more: closing(
        IrcClient(server.port, nick, tls=tls or trusting(), **more)
    )


def whois(client, nick):
    client.send(f"WHOIS {nick}")
    return [line.command for line in client.collect_until("318")]


@pytest.mark.parametrize("version", VERSIONS)
def test_tls_and_plain_talk_on_one_port(server, secure, irc, plain, certificate, version):
    anna = secure(server, "anna", trusting(certificate, version=version))
    bruno = irc("bruno")
    carla = PlainClient(server.port, "Carla", None)
    assert anna.socket.version() == {VERSIONS[0]: "TLSv1.2", VERSIONS[1]: "TLSv1.3"}[version]
    anna.join("#piazza")
    bruno.join("#piazza")
    anna.say("#piazza", "perché no? 🍪")
    assert bruno.expect("PRIVMSG").parameters[1] == "perché no? 🍪"
    carla.wait_text("anna: perché no? 🍪")
    carla.close()
    assert "671" in whois(bruno, "anna") and "671" not in whois(anna, "bruno")
    anna.send("QUIT :ciao")
    lines, how = anna.read_to_end()
    assert how == "end" and lines[-1].command == "ERROR"


def test_a_person_with_openssl_is_greeted_after_the_handshake(server, closing):
    context = trusting()  # takes its time on a busy machine
    started = time.monotonic()
    client = socket.create_connection(("127.0.0.1", server.port))
    time.sleep(0.12)  # less than the silence that makes a plain client
    client = closing(context.wrap_socket(client))
    client.settimeout(5)
    assert client.recv(1000).startswith(b"Salve!")
    assert time.monotonic() - started > 0.41, "the silence counts from the end of the handshake"


def test_a_browser_gets_the_page(server, certificate):
    with trusting(certificate).wrap_socket(
        socket.create_connection(("127.0.0.1", server.port)), server_hostname="localhost"
    ) as browser:
        browser.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        answer = b""
        while piece := browser.recv(65536):
            answer += piece
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n") and answer.rstrip().endswith(b"</html>")


@pytest.mark.parametrize("kind", [str, bytes], ids=["text", "binary"])
def test_websockets_by_tls_talk_with_all_others(server, secure, irc, certificate, kind):
    anna, bruno = secure(server, "anna", trusting(certificate)), irc("bruno")
    anna.join("#room")
    bruno.join("#room")
    wanted = {str: "text.ircv3.net", bytes: "binary.ircv3.net"}[kind]
    address = f"wss://127.0.0.1:{server.port}/irc"
    with websocket(address, ssl=trusting(certificate), subprotocols=[wanted]) as carla:
        assert carla.subprotocol == wanted
        say = carla.send if kind is str else lambda text: carla.send(text.encode("utf-8"))

        def read_until(part):
            while True:
                message = carla.recv(timeout=10)
                assert isinstance(message, kind)
                text = message if kind is str else message.decode("utf-8")
                if part in text:
                    return text

        say("NICK carla")
        say("USER carla 0 * :Carla")
        read_until(" 376 ")
        say("JOIN #room")
        read_until(" 366 ")
        say("PRIVMSG #room :caffè? ☕")
        for one in (anna, bruno):
            assert one.expect("PRIVMSG").parameters == ["#room", "caffè? ☕"]
        anna.say("#room", "volentieri ☕")
        read_until("PRIVMSG #room :volentieri ☕")
        assert "671" in whois(bruno, "carla") and "671" not in whois(anna, "bruno")


def test_a_page_elsewhere_may_not_open_a_websocket_by_tls(server, certificate):
    own = f"127.0.0.1:{server.port}"
    with websocket(f"wss://{own}/irc", ssl=trusting(certificate), origin=f"https://{own}") as opened:
        assert opened.response.status_code == 101
    for foreign in (f"http://{own}", f"https://localhost:{server.port}", "https://evil.example", "null"):
        with pytest.raises(InvalidStatus) as refused:
            websocket(f"wss://{own}/irc", ssl=trusting(certificate), origin=foreign)
        assert refused.value.response.status_code == 403, foreign


def test_browsers_are_not_asked_for_a_certificate(server, certificate):
    """A browser that has one would ask its user at every visit. OpenSSL says whether a server asks."""
    def asked(*more):
        command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", *more]
        said = subprocess.run(command, input=b"QUIT\r\n", capture_output=True, timeout=20).stdout.decode()
        return "Requested Signature Algorithms" in said or "No client certificate CA names sent" in said and "Acceptable" in said

    assert asked() and not asked("-alpn", "http/1.1")


def test_what_is_not_tls_is_told_so(strict, secure, closing):
    secure(strict, "anna").join("#piazza")
    bruno = closing(IrcClient(strict.port))
    bruno.send("NICK bruno", "USER bruno 0 * :Bruno")
    lines, how = bruno.read_to_end()
    assert [line.text for line in lines] == [f"ERROR :{REFUSED}"] and how == "end"
    for said, answer in ((b"Carla\n", REFUSED + "\n"), (b"GET / HTTP/1.1\r\nHost: chat.test\r\n\r\n", "https://chat.test/")):
        with socket.create_connection(("127.0.0.1", strict.port), 5) as client:
            client.sendall(said)
            assert answer in client.recv(2000).decode()


def test_a_hello_in_pieces_and_garbage(server, secure):
    """A slow network, and what is no TLS though it begins so."""
    inner, outer = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = trusting().wrap_bio(inner, outer)
    with socket.create_connection(("127.0.0.1", server.port), 5) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                session.do_handshake()
                break
            except ssl.SSLWantReadError:
                for number, byte in enumerate(outer.read()):
                    client.sendall(bytes([byte]))
                    if number in (0, 1, 5):
                        time.sleep(0.4)
                inner.write(client.recv(65536))
        client.sendall(outer.read())
        session.write(b"NICK anna\r\nUSER anna 0 * :Anna\r\n")
        client.sendall(outer.read())
        text = b""
        while b" 001 " not in text:
            inner.write(client.recv(65536))
            try:
                text += session.read(65536)
            except ssl.SSLWantReadError:
                pass
    for garbage in (b"\x16", b"\x16\x03", b"\x16garbage", b"\x16\x03\x01\xff\xff" + os.urandom(3000), b"\x16\x03\x01\x00\x05hello"):
        with socket.create_connection(("127.0.0.1", server.port), 5) as client:
            client.sendall(garbage)
            client.shutdown(socket.SHUT_WR)
            answer = b""
            try:
                while piece := client.recv(1000):
                    answer += piece
            except ConnectionError:
                pass
            assert answer == b"" or answer[0] == 0x15, f"an alert or nothing, not {answer!r}"
    assert secure(server, "bruno").burst

    def counted():
        figures = dict(line.rsplit(" ", 1) for line in server.ask_admin("/metrics")[1].splitlines() if line[0] != "#")
        return int(figures["loggia_tls_handshakes_failed_total"]) >= 4 and int(figures["loggia_tls_handshakes_total"]) >= 2

    until(counted, "the handshakes in the metrics")


def test_a_handshake_that_never_ends_is_closed(make_server, certificate):
    server = make_server(
        listeners=("all",), listen={"all": {"tls": certificate.files}}, tables={"limits": {"registration_seconds": 2}}
    )
    with socket.create_connection(("127.0.0.1", server.port), 8) as client:
        client.sendall(b"\x16\x03\x01")
        started = time.monotonic()
        assert client.recv(100) == b""
        assert 1.5 < time.monotonic() - started < 6


def test_much_for_a_slow_reader_arrives_whole(server, secure):
    anna, bruno = secure(server, "anna", receive_buffer=4096), secure(server, "bruno")
    anna.join("#piazza")
    bruno.join("#piazza")
    anna.sync()
    for number in range(1500):
        bruno.say("#piazza", f"{number} " + "x" * 300)
    bruno.sync()
    time.sleep(0.5)
    heard = [int(anna.expect("PRIVMSG").parameters[1].split()[0]) for _ in range(1500)]
    assert heard == list(range(1500))


@pytest.mark.parametrize("how", ["by itself", "SIGHUP"])
def test_a_new_certificate_holds_without_dropping_anybody(server, secure, certificate, tmp_path, how):
    anna = secure(server, "anna", trusting(certificate))
    old = certificate.der
    broken = certificate.key.read_text()
    certificate.key.write_text("no key")
    until(lambda: any("the old certificate goes on" in line for line in server.running.err), "the complaint")
    assert secure(server).socket.getpeercert(True) == old
    certificate.key.write_text(broken)
    renewed = Certificate(tmp_path / "renewed")
    os.replace(renewed.cert, certificate.cert)
    os.replace(renewed.key, certificate.key)
    if how == "SIGHUP":
        server.signal(signal.SIGHUP)
    until(lambda: secure(server).socket.getpeercert(True) == certificate.der, "the new certificate")
    assert certificate.der != old
    anna.sync()


def test_a_self_made_certificate_is_known_by_its_fingerprint(make_server, secure):
    server = make_server(listeners=("all",), listen={"all": {"tls": "auto"}})
    def shown():
        return hashlib.sha256(secure(server).socket.getpeercert(True)).hexdigest()

    printed = re.search(r"sha256:([0-9a-f]{64})", "\n".join(server.running.out)).group(1)
    assert shown() == printed
    kept = server.data / "tls-self-made.pem"
    assert kept.stat().st_mode & 0o777 == 0o600
    server.stop()
    server.start()
    assert shown() == printed, "it is kept"


def test_the_qr_code_carries_the_fingerprint_that_a_client_finds(make_server, terminal):
    server = make_server(start=False, listeners=("all",), listen={"all": {"tls": "auto"}})
    window = terminal(binary(), "serve", "--config", server.config)
    window.wait_for("ready")
    found = hashlib.sha256(ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))).hexdigest()
    assert qr_code.read(window.screen()) == f"http://127.0.0.1:{server.port}/#join?room=%23piazza&fp=sha256:{found}"
    window.press("C-c")
    window.wait_end(5)


def test_a_client_certificate_is_asked_for_and_never_needed(server, secure, tmp_path):
    """Any issuer will do; a client without the key cannot pretend."""
    for number, version in enumerate(VERSIONS):
        client = Certificate(tmp_path / "clients", f"anna{number}")
        assert secure(server, f"anna{number}", trusting(client=client, version=version)).burst
        assert secure(server, f"bruno{number}", trusting(version=version)).burst


def test_sts_only_with_a_certificate_that_clients_can_check(make_server, certificate, secure, closing):
    def offered(server, tls=None):
        client = closing(IrcClient(server.port, tls=tls))
        client.send("CAP LS 302")
        caps = client.expect("CAP", "LS").parameters[-1].split()
        client.send("CAP REQ sts")
        client.expect("CAP", "NAK")
        return [cap for cap in caps if cap.startswith("sts")]

    sts = {"sts": {"seconds": 86400}}
    server = make_server(listeners=("all",), listen={"all": {"tls": certificate.files}}, tables=sts)
    assert offered(server) == [f"sts=port={server.port}"]
    assert offered(server, trusting()) == ["sts=duration=86400"]
    self_made = make_server(listeners=("all",), listen={"all": {"tls": "auto"}}, tables=sts)
    assert offered(self_made) == [] and offered(self_made, trusting()) == []
    assert any("self-made certificate" in line for line in self_made.running.err)


def test_irssi_by_tls(server, terminal, tmp_path, irc):
    bruno = irc("bruno")
    bruno.join("#piazza")
    home = tmp_path / "irssi"
    home.mkdir()
    (home / "config").write_text(
        'settings = { "irc/core" = { cmd_queue_speed = "10msec"; }; };\n'
        f'servers = ( {{ address = "127.0.0.1"; port = "{server.port}"; use_tls = "yes"; tls_verify = "no"; autoconnect = "yes"; }} );\n'
    )
    window = terminal("irssi", f"--home={home}", "--nick=iris")
    window.wait_for("Welcome", "[iris")
    window.type("/join #piazza")
    bruno.expect("JOIN", "iris")
    assert "671" in whois(bruno, "iris")
    window.type("ciao da TLS")
    assert bruno.expect("PRIVMSG").parameters[1] == "ciao da TLS"
    bruno.say("#piazza", "ciao iris")
    window.wait_for("< bruno> ciao iris")
    window.type("/quit")
    window.wait_end()


def test_a_stopping_server_says_goodbye_by_tls(server, secure):
    anna = secure(server, "anna")
    server.stop()
    try:
        lines, how = anna.read_to_end()
    except Closed:
        raise AssertionError("no goodbye") from None
    assert how == "end" and any(line.command == "ERROR" for line in lines)
