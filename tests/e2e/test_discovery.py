"""Found without typing an address: the server says by multicast DNS that it is there. In a network of the test's own."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from loggia.namespace import LAN_ADDRESS, LAN_UP
from loggia.server import binary, wait_ready
from loggia.waiting import until

ASK = Path(__file__).parent / "loggia" / "multicast_dns.py"


def ask(network, service, seconds=1.5):
    """What another program hears that asks for a service type."""
    asked = network.run(sys.executable, str(ASK), f"{service}.local", str(seconds), LAN_ADDRESS)
    assert asked.returncode == 0, asked.stderr
    return json.loads(asked.stdout)


def found(network, service):
    """Asks until somebody answers: it takes the server a moment to look whether its name is free."""
    return until(lambda: [one for one in ask(network, service) if one["port"] and one["ttl"]], f"{service} to be announced", 30)


def find(network, tmp_path, seconds=2):
    return network.run(binary(), "find", "--seconds", str(seconds), env={**os.environ, "HOME": str(tmp_path)})


def test_a_server_is_announced_found_and_withdrawn(start, network, tmp_path):
    server = start(prefix=network.prefix, config='[server]\nnetwork = "Aula-3"\n')
    wait_ready(server)
    (told,) = found(network, "_loggia._tcp")
    assert re.fullmatch(r"Aula-3 \([a-z0-9-]+\)", told["instance"]), told
    assert told["port"] == 53000 and LAN_ADDRESS in told["addresses"], told
    assert told["host"].startswith("loggia-") and told["host"].endswith(".local"), told
    assert told["text"] == {"txtvers": "1", "name": "Aula-3", "room": "#piazza"}, told
    assert "127.0.0.1" not in told["addresses"], "nobody else can use it"
    (irc,) = found(network, "_irc._tcp")
    assert (irc["port"], irc["instance"]) == (53000, told["instance"])
    # Our own way of looking, as `loggia chat` does.
    # An address may come in an answer of its own.
    line = re.compile(rf"Aula-3 \(.*\)   .*{re.escape(LAN_ADDRESS)}:53000.*   #piazza\n")
    until(lambda: line.match(find(network, tmp_path).stdout), "the server and its address in the list", 20)
    # Whoever listens hears at once that it is gone.
    listening = subprocess.Popen(
        [*network.prefix, sys.executable, str(ASK), "_loggia._tcp.local", "3", LAN_ADDRESS], stdout=subprocess.PIPE, text=True
    )
    server.process.send_signal(signal.SIGTERM)
    assert server.wait(5) == 0
    heard = json.loads(listening.communicate(timeout=20)[0])
    assert not [one for one in heard if one["ttl"]] or ask(network, "_loggia._tcp") == [], heard
    after = find(network, tmp_path, 1)
    assert after.returncode == 0 and after.stdout == "" and "no Loggia server" in after.stderr, after


def test_a_client_in_a_terminal_offers_what_it_finds(start, network, terminal, tmp_path):
    server = start(prefix=network.prefix, config='[server]\nnetwork = "Aula-3"\n')
    wait_ready(server)
    until(lambda: LAN_ADDRESS in find(network, tmp_path).stdout, "the server and its address to be found", 20)
    anna = terminal(*network.prefix, "env", f"XDG_STATE_HOME={tmp_path / 'anna'}", binary(), "chat", "--language", "it")
    anna.wait_for("Cerco server su questa rete…", "  1  Aula-3 (", "un numero qui sopra, o un indirizzo")
    anna.type("2")
    anna.wait_for("Nell’elenco non c’è il server 2.")
    anna.type("1")
    anna.wait_for("Nome")
    anna.type("anna")
    anna.wait_for("#piazza", "F1 aiuto", seconds=20)
    anna.type("trovato!")
    anna.wait_for("anna: trovato!")


def test_tls_and_its_fingerprint_are_told(start, network):
    config = '[[listen]]\naddress = "0.0.0.0:6697"\ndialects = ["irc"]\ntls = "auto"\ntls_required = true\n'
    server = start(prefix=network.prefix, config=config)
    wait_ready(server)
    (told,) = found(network, "_ircs-u._tcp")
    fingerprint = re.search(r"sha256:[0-9a-f]{64}", "\n".join(server.out))[0]
    assert told["port"] == 6697 and told["text"]["tls"] == "only" and told["text"]["fp"] == fingerprint, told
    assert told["instance"].endswith(":6697)"), told
    assert ask(network, "_irc._tcp") == [], "who does not encrypt has nothing to look for here"


@pytest.mark.parametrize("config", ["[server]\nmdns = false\n", '[[listen]]\naddress = "127.0.0.1:53000"\n'], ids=["off", "loopback"])
def test_who_wants_to_be_quiet_is(start, network, config):
    server = start(prefix=network.prefix, config=config)
    wait_ready(server)
    assert ask(network, "_loggia._tcp", 3) == []


def test_without_any_network_the_server_starts_and_stops(start, network, tmp_path):
    gone = network.run("sh", "-c", "ip link delete lan0")
    assert gone.returncode == 0, gone.stderr
    server = start(prefix=network.prefix)
    wait_ready(server)
    nobody = find(network, tmp_path, 1)
    assert nobody.returncode == 0 and nobody.stdout == "", nobody
    # A network that comes later is told too.
    back = network.run("sh", "-c", LAN_UP)
    assert back.returncode == 0, back.stderr
    (told,) = found(network, "_loggia._tcp")
    assert LAN_ADDRESS in told["addresses"], told
    server.process.send_signal(signal.SIGTERM)
    assert server.wait(5) == 0
