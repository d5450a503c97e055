"""The clock is the one that libc tells, so a program that sets it (libfaketime) is believed; nothing is woken too early by it."""

import shutil

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until

SPEED = 30


@pytest.fixture
def fast(make_server):
    """A server whose clock is a day ahead and runs thirty times too fast."""
    assert shutil.which("faketime"), "faketime is not installed (./test installs it)"
    environment = {
        "LD_PRELOAD": "/usr/$LIB/faketime/libfaketimeMT.so.1",
        "FAKETIME": f"+1d x{SPEED}",
        "FAKETIME_DONT_RESET": "1",
    }
    return make_server(listeners=("all",), tables={"limits": {"ping_seconds": 86_400}}, environment=environment)


def test_the_age_of_channels_and_topics_goes_by_it(fast, closing):
    anna = closing(IrcClient(fast.port, "anna"))
    anna.join("#old")
    anna.send("TOPIC #old :Biscuits")
    anna.expect("TOPIC")

    def listed(condition):
        anna.send(f"LIST {condition}")
        return [line.parameters[1] for line in anna.collect_until("323") if line.command == "322"]

    assert listed("C<1") == ["#old"] and listed("C>1") == [] and listed("T>1") == []
    until(lambda: listed("C>1") == ["#old"], "a minute of that clock")
    assert listed("C<1") == []
    until(lambda: listed("T>1") == ["#old"], "a minute of that clock, of the topic")
    anna.join("#new")
    assert listed("C<1") == ["#new"] and listed("T<1") == []


def test_it_is_what_messages_are_marked_with_and_everything_else_goes_on(fast, closing):
    anna = closing(IrcClient(fast.port, "anna", ["server-time"]))
    bruno = closing(IrcClient(fast.port, "bruno", ["server-time"]))
    anna.join("#room")
    bruno.join("#room")
    times = []
    for number in range(20):
        anna.say("#room", f"{number}")
        times.append(bruno.expect("PRIVMSG", f"{number}$").tags["time"])
    assert times == sorted(times)
    bruno.send("TIME")
    assert bruno.expect("391").parameters[-1][:10] >= times[0][:10]
    status, seconds = fast.stop()
    assert status == 0 and seconds < 5
