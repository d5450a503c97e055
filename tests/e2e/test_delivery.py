"""Exactly once for clients that ask (docs/protocol/delivery.md): through `kill -9` in the middle of a pipelined burst."""

import random
import secrets
import threading

import pytest

from loggia.irc_client import Closed, IrcClient

CAPS = ("message-tags", "batch", "server-time", "draft/chathistory", "loggia.chat/delivery")
ROUNDS = 5
BURST = 200


def send_all(client, stream, numbers):
    """Everything in one write; the server may die at any place of it."""
    lines = (f"@loggia.chat/id={stream}.{number} PRIVMSG #tea :m-{number}" for number in numbers)
    try:
        client.send(*lines)
    except OSError:
        pass  # the server has been killed


def outcomes(client, stream, numbers):
    """The id of the message under each number, as far as the server has said it."""
    told = {}
    try:
        while len(told) < len(numbers):
            line = client.next_line(10)
            known, _, number = line.tags.get("loggia.chat/id", "").partition(".")
            if known == stream:
                assert line.command == "PRIVMSG", line
                assert line.parameters[1] == f"m-{number}", line
                told[int(number)] = line.tags["msgid"]
    except (Closed, OSError):
        pass  # the server has been killed
    return told


def history(client, channel):
    """All that was said in a channel, oldest first: text and id."""
    said, before = [], "*"
    while True:
        how = f"LATEST {channel} *" if before == "*" else f"BEFORE {channel} msgid={before}"
        client.send(f"CHATHISTORY {how} 100")
        client.expect("BATCH", r"\+\d+ chathistory")
        page = [line for line in client.collect_until("BATCH", " -") if line.command == "PRIVMSG"]
        if not page:
            return said
        said = [(line.parameters[1], line.tags["msgid"]) for line in page] + said
        before = page[0].tags["msgid"]


@pytest.mark.timeout(120)
def test_kill_9_in_a_burst_and_everything_sent_again(make_server, closing):
    server = make_server()
    chance = random.Random(7)
    stream, known, first = secrets.token_hex(16), {}, 1
    for round_number in range(ROUNDS):
        numbers = range(first, first + BURST)
        first += BURST
        client = closing(IrcClient(server.port, f"alice{round_number}", CAPS))
        client.join("#tea")
        writer = threading.Thread(target=send_all, args=(client, stream, numbers))
        killer = threading.Timer(chance.uniform(0.0, 0.03), server.kill_9)
        killer.start()
        writer.start()
        told = outcomes(client, stream, numbers)
        killer.join()
        writer.join()
        server.start()
        # What was told before the crash is true after it; what was not is found out by sending all of it again.
        client = closing(IrcClient(server.port, f"again{round_number}", CAPS))
        client.join("#tea")
        send_all(client, stream, numbers)
        again = outcomes(client, stream, numbers)
        assert sorted(again) == list(numbers)
        assert {number: again[number] for number in told} == told
        known |= again
    said = history(client, "#tea")
    assert said == [(f"m-{number}", known[number]) for number in sorted(known)]


def test_a_half_dead_connection_and_its_successor(server, closing):
    """The old connection's bytes are still under way when the new one sends the same: whoever is first, it is kept once."""
    stream = secrets.token_hex(16)
    old = closing(IrcClient(server.port, "old", CAPS))
    new = closing(IrcClient(server.port, "new", CAPS))
    for client in (old, new):
        client.join("#tea")
    numbers = range(1, 500)
    threads = [threading.Thread(target=send_all, args=(client, stream, numbers)) for client in (old, new)]
    for thread in threads:
        thread.start()
    told = [outcomes(client, stream, numbers) for client in (old, new)]
    for thread in threads:
        thread.join()
    assert told[0] == told[1]
    assert history(new, "#tea") == [(f"m-{number}", told[0][number]) for number in numbers]
