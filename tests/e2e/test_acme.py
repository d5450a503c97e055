"""Certificates by ACME, from Pebble, the authority that is made for tests."""

import hashlib
import json
import socket
import ssl
import urllib.request

import pytest

from loggia.certificates import Certificate, trusting
from loggia.irc_client import IrcClient
from loggia.server import Running, free_port
from loggia.waiting import until

NAME = "chat.example.test"


@pytest.fixture
def authority(tmp_path, closing):
    """Starts Pebble and a resolver that sends every name here; it validates on the ports it is given."""

    def start(http_port, tls_port):
        folder = tmp_path / "authority"
        trusted = Certificate(folder, "authority", authority=True)
        own = Certificate(folder, "localhost", issuer=trusted)
        ports = {name: free_port() for name in ("acme", "manage", "dns", "dns_manage")}
        config = folder / "pebble.json"
        config.write_text(
            json.dumps(
                {
                    "pebble": {
                        "listenAddress": f"127.0.0.1:{ports['acme']}",
                        "managementListenAddress": f"127.0.0.1:{ports['manage']}",
                        "certificate": str(own.cert),
                        "privateKey": str(own.key),
                        "httpPort": http_port,
                        "tlsPort": tls_port,
                        "ocspResponderURL": "",
                        "externalAccountBindingRequired": False,
                    }
                }
            )
        )
        dns = ["pebble-challtestsrv", "-dns01", f"127.0.0.1:{ports['dns']}", "-management", f"127.0.0.1:{ports['dns_manage']}"]
        dns += ["-defaultIPv4", "127.0.0.1", "-defaultIPv6", "", "-http01", "", "-https01", "", "-tlsalpn01", ""]
        command = ["pebble", "-config", str(config), "-strict", "-dnsserver", f"127.0.0.1:{ports['dns']}"]
        for words in (dns, command):
            running = Running(words, folder, {"PEBBLE_VA_NOSLEEP": "1"})
            running.close = running.kill
            closing(running)
        until(lambda: can_connect(ports["acme"]), lambda: f"Pebble\n{running.said()}")
        directory = f"https://localhost:{ports['acme']}/dir"

        def root():
            """The certificate that vouches for those that it gives: another one at each start."""
            url = f"https://localhost:{ports['manage']}/roots/0"
            (folder / "root.pem").write_bytes(urllib.request.urlopen(url, context=trusting(trusted), timeout=5).read())
            return folder / "root.pem"

        return directory, {"SSL_CERT_FILE": str(trusted.cert)}, root

    return start


def can_connect(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def shown(port):
    """The certificate that the server shows."""
    with trusting().wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname=NAME) as client:
        return client.getpeercert(True)


def verified(port, root):
    context = trusting()
    context.check_hostname = True
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(root)
    with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname=NAME) as client:
        return client.version()


@pytest.mark.parametrize("way", ["tls-alpn-01", "http-01"])
def test_a_certificate_comes_is_kept_and_brings_sts(make_server, authority, closing, way):
    server = make_server(
        start=False,
        listeners=("irc",) if way == "tls-alpn-01" else ("irc", "web"),
        listen={"irc": {"tls": "auto"}},
        tables={"sts": {"seconds": 3600}},
    )
    irc_port = server.ports["irc"]
    directory, environment, root = authority(server.ports.get("web", free_port()), irc_port if way == "tls-alpn-01" else free_port())
    server.tables["acme"] = {"domains": [NAME], "contact": "mailto:admin@example.test", "directory": directory}
    server.environment = environment
    server.write_config()
    server.start()
    self_made = hashlib.sha256(shown(irc_port)).hexdigest()
    until(lambda: any("has given a certificate" in line for line in server.running.err), lambda: server.running.said(), 40)
    assert hashlib.sha256(shown(irc_port)).hexdigest() != self_made
    assert verified(irc_port, root()) == "TLSv1.3"
    client = closing(IrcClient(irc_port))
    client.send("CAP LS 302")
    assert f"sts=port={irc_port}" in client.expect("CAP", "LS").parameters[-1].split()

    kept = {path.name: path.stat().st_mode & 0o777 for path in server.data.glob("acme-*")}
    assert kept == {"acme-account.json": 0o600, "acme-certificate.pem": 0o600}
    before = shown(irc_port)
    server.stop()
    server.start()
    assert shown(irc_port) == before, "it is kept, and not asked for again"
    assert not any("sha256:" in line for line in server.running.out), "nobody has to compare it"
