"""What anyone has seen is kept: through `kill -9`, through a stop, in order and once."""

import random
import re
import threading
import time
from collections import Counter

import pytest

from loggia.irc_client import Closed, IrcClient
from loggia.plain_client import PlainClient
from loggia.waiting import until

ROUNDS = 6
WRITERS = 3
NUMBERED = re.compile(r"\bm-(\d+-\d+-\d+)\b")


class Reader:
    """Notes every numbered message it sees, until the server is gone."""

    def __init__(self, port, dialect, number):
        self.seen = []
        if dialect == "irc":
            self.client = IrcClient(port, f"reader{number}")
            self.client.join("#piazza")
            threading.Thread(target=self._read_irc, daemon=True).start()
        else:
            self.client = PlainClient(port, f"Reader{number}", b"\n")
            self.client.send("(here)")
            self.client.wait_text(f"Reader{number}: (here)\n")
            self._before = len(self.client.text)
            self.seen = None

    def _read_irc(self):
        try:
            while True:
                line = self.client.next_line(60)
                if line.command == "PRIVMSG":
                    self.seen.extend(NUMBERED.findall(line.text))
        except (Closed, AssertionError, OSError):
            pass  # the server has been killed

    def messages(self):
        """What it saw live, in the order in which it saw it; the history shown on entry is not counted."""
        if self.seen is not None:
            return list(self.seen)
        complete = self.client.text[self._before :].rpartition("\n")[0]
        return NUMBERED.findall(complete)


def write_until_closed(port, round_number, writer, seed):
    """One writer: numbered messages as fast as chance has it, until the server is gone."""
    chance = random.Random(seed)
    client = IrcClient(port, f"writer{writer}")
    client.join("#piazza")

    def write():
        number = 0
        try:
            while True:
                burst = chance.randrange(1, 6)
                client.send(*(f"PRIVMSG #piazza :m-{round_number}-{writer}-{number + i} {'x' * chance.randrange(0, 200)}" for i in range(burst)))
                number += burst
                time.sleep(chance.random() * 0.03)
        except OSError:
            pass  # the server has been killed

    threading.Thread(target=write, daemon=True).start()
    return client


def replay(server, closing):
    """All numbered messages that a newcomer with `nc` is shown, in order."""
    newcomer = closing(PlainClient(server.port, "Newcomer", b"\n"))
    newcomer.send("(read)")
    newcomer.wait_text("Newcomer: (read)\n", 20)
    newcomer.close()
    return NUMBERED.findall(newcomer.text)


def assert_kept(seen, kept):
    """Everything of `seen` is in `kept`, once, in the same order."""
    twice = [message for message, times in Counter(kept).items() if times > 1]
    assert not twice, f"doubled: {twice[:5]}"
    place = {message: index for index, message in enumerate(kept)}
    lost = [message for message in seen if message not in place]
    assert not lost, f"{len(lost)} of {len(seen)} seen messages are lost, the first {lost[:5]}"
    places = [place[message] for message in seen]
    assert places == sorted(places), "kept in another order than seen"


@pytest.mark.timeout(150)
@pytest.mark.parametrize("durability", ["disk", "process"])
def test_kill_9_loses_nothing_that_anyone_saw(make_server, closing, durability):
    server = make_server(tables={"server": {"durability": durability}, "history": {"plain_replay": 1000}})
    chance = random.Random(20)
    all_seen = []
    for round_number in range(ROUNDS):
        readers = [Reader(server.port, "irc", 1), Reader(server.port, "irc", 2), Reader(server.port, "plain", 3)]
        clients = [closing(write_until_closed(server.port, round_number, writer, chance.random())) for writer in range(WRITERS)]
        enough = chance.randrange(5, 100)
        until(lambda: len(readers[0].messages()) >= enough, lambda: f"{enough} messages; {len(readers[0].messages())} seen")
        server.kill_9()
        until(lambda: readers[2].client.ended, "the end of the plain reader")
        for client in clients:
            client.close()
        time.sleep(0.05)  # what the readers' sockets still hold
        seen = [reader.messages() for reader in readers]
        assert all(seen), "every reader saw something"
        server.start()
        kept = replay(server, closing)
        assert len(kept) < 1000, "this test's own limit: the whole history must fit into the replay"
        for messages in seen:
            assert_kept(messages, kept)
        all_seen.append(seen[0])
        for messages in all_seen:
            assert_kept(messages, kept)
    print(f"{sum(map(len, all_seen))} messages seen over {ROUNDS} rounds, {len(kept)} kept")


def test_kill_9_right_after_the_senders_echo(make_server, closing):
    server = make_server(tables={"history": {"plain_replay": 100}})
    for number in range(5):
        writer = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
        writer.join("#piazza")
        writer.say("#piazza", f"m-{number}-0-0")
        writer.expect("PRIVMSG", f"m-{number}-0-0")
        server.kill_9()
        server.start()
        assert replay(server, closing) == [f"{round_number}-0-0" for round_number in range(number + 1)]


def test_a_stop_keeps_all_that_was_answered(make_server, closing):
    server = make_server(tables={"history": {"plain_replay": 1000}})
    for number in range(3):
        writer = closing(IrcClient(server.port, "writer"))
        writer.join("#piazza")
        writer.send(*(f"PRIVMSG #piazza :m-{number}-0-{index}" for index in range(100)))
        writer.sync()
        status, seconds = server.stop()
        assert status == 0 and seconds < 5
        server.start()
    assert replay(server, closing) == [f"{number}-0-{index}" for number in range(3) for index in range(100)]


def test_no_message_id_is_given_twice_over_restarts(make_server, closing):
    server = make_server()
    ids = set()
    for number in range(4):
        caps = ["message-tags", "server-time", "echo-message"]
        writer = closing(IrcClient(server.port, "writer", caps=caps))
        writer.join("#piazza")
        for index in range(20):
            writer.say("#piazza", f"{number}-{index}")
            ids.add(writer.expect("PRIVMSG", f":{number}-{index}").tags["msgid"])
        server.kill_9()
        server.start()
    assert len(ids) == 80, "an id is never given twice"
