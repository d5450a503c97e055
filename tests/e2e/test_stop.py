"""Stopping: everyone is told in their own dialect, everything is flushed, and it takes less than five seconds."""

import signal
import time

import pytest

from loggia.waiting import until


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_every_dialect_is_told(server, irc, plain, number):
    bruno = irc("bruno")
    bruno.join("#piazza")
    silent = irc()  # connected and never registered
    segment = {variant: plain(variant) for variant in ("quit", "close", "nick", "username")}
    for variant, client in segment.items():
        client.wait_rows(1)
        client.send(f"Seg{variant}")
        if variant == "nick":
            client.send(f"Seg{variant}")
        assert bruno.expect("JOIN").nick == f"Seg{variant}"
    line = plain("all", "Lina", b"\n")
    bruno.expect("JOIN", "Lina")
    bruno.say("#piazza", "the last words")
    bruno.sync()
    for client in (*segment.values(), line):
        client.wait_text("bruno: the last words")

    started = time.monotonic()
    server.signal(number)
    lines, how = bruno.read_to_end(5)
    assert [entry for entry in lines if entry.command == "ERROR"], f"IRC is told by ERROR; got {lines}"
    assert how == "end"
    assert segment["username"].wait_end(5) == "end"
    assert segment["username"].rows[-1] == "SHUTDOWN", "alone in its segment"
    for variant in ("quit", "close", "nick"):
        assert segment[variant].wait_end(5) == "reset", f"{variant} in segment mode: its client spins on a FIN"
        assert "SHUTDOWN" not in segment[variant].text
    assert line.wait_end(5) == "end", "line mode: FIN"
    silent.read_to_end(5)
    assert server.running.wait(5) == 0
    assert time.monotonic() - started < 5


def test_the_listening_socket_closes_before_the_clients_are_reset(server, plain):
    import socket

    anna = plain("quit", "Anna")
    anna.wait_rows(2)
    server.signal(signal.SIGTERM)
    assert anna.wait_end() == "reset"
    # 001's client reconnects within microseconds: it must not get in while the server is dying.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", server.ports["quit"]), timeout=1)
    assert server.running.wait(5) == 0


def test_a_stuck_reader_does_not_delay_the_stop(server, irc):
    stuck = irc("stuck", receive_buffer=4096)
    stuck.send("JOIN #piazza")
    bruno = irc("bruno")
    bruno.join("#piazza")
    for number in range(500):
        bruno.say("#piazza", f"{number} " + "x" * 380)
    bruno.sync()
    status, seconds = server.stop()
    assert status == 0 and seconds < 5


def test_the_second_signal_stops_at_once(server, irc, plain):
    irc("stuck", receive_buffer=4096).send("JOIN #piazza")
    anna = plain("username", "anna")
    anna.wait_rows(1)
    until(lambda: len(anna.rows) > 0, "the prompt")
    server.signal(signal.SIGINT)
    time.sleep(0.01)
    started = time.monotonic()
    if server.running.running():
        server.signal(signal.SIGINT)
    server.running.wait(2)
    # Without the second signal, the goodbye to a client that reads slowly takes longer than this.
    assert time.monotonic() - started < 1.0


def test_stop_with_nobody_there(server):
    status, seconds = server.stop()
    assert status == 0 and seconds < 2
