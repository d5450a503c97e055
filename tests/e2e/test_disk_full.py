"""A full disk: the message is refused to its sender with a clear reason, nobody sees it, and it heals by itself. A slow disk: everybody waits, and nobody is disconnected."""

import os
import subprocess
import time

import pytest

from loggia.irc_client import IrcClient
from loggia.plain_client import PlainClient
from loggia.waiting import until
from loggia.websocket_client import RawWebSocket

AS_ROOT = [] if os.geteuid() == 0 else ["sudo", "-n"]


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 12 MB for the data directory."""
    folder = tmp_path / "small-disk"
    folder.mkdir()
    options = f"size=12m,mode=0700,uid={os.getuid()},gid={os.getgid()}"
    subprocess.run([*AS_ROOT, "mount", "-t", "tmpfs", "-o", options, "loggia-test", str(folder)], check=True)
    yield folder
    subprocess.run([*AS_ROOT, "umount", "--lazy", str(folder)], check=True)


def fill(folder):
    """Takes every byte that is left; returns the file that holds them."""
    filler = folder / "filler"
    with open(filler, "wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\0" * 4096)
        except OSError:
            pass
    return filler


def test_refused_unseen_and_healed(make_server, small_disk, closing):
    server = make_server(data=small_disk / "data", tables={"history": {"plain_replay": 1000}})
    anna = closing(IrcClient(server.port, "anna"))
    bruno = closing(IrcClient(server.port, "bruno"))
    carla = closing(PlainClient(server.ports["quit"], "Carla", b"\n"))
    dario = closing(RawWebSocket(server.port))
    dario.register("dario")
    dario.send("JOIN #piazza")
    dario.expect("366")
    elena = closing(IrcClient(server.port, "elena", ["message-tags", "loggia.chat/delivery"]))
    elena.join("#piazza")
    anna.join("#piazza")
    bruno.join("#piazza")
    anna.say("#piazza", "m0 before")
    bruno.expect("PRIVMSG", "m0 before")
    carla.wait_text("anna: m0 before")

    filler = fill(small_disk)
    # The store may have room of its own for a while: every message until the refusal was seen, the refused one was not.
    seen = []
    for number in range(1, 400):
        anna.say("#piazza", f"m{number} " + "x" * 380)
        answers = anna.sync()
        shown = [line.parameters[1].split()[0] for line in bruno.sync() if line.command == "PRIVMSG"]
        refusals = [line for line in answers if line.command in ("404", "FAIL", "NOTICE")]
        if refusals:
            assert shown == [], "nobody saw what was refused"
            break
        assert shown == [f"m{number}"], f"neither seen nor refused: {answers}"
        seen.append(f"m{number}")
    else:
        raise AssertionError("a full disk must refuse")
    reason = " ".join(line.parameters[-1] for line in refusals)
    assert "disk" in reason, f"a clear reason: {reason}"
    assert server.running.running(), "and the server goes on"
    bruno.send("PING alive")
    bruno.expect("PONG", "alive")
    carla.send("from nc")
    until(lambda: "disk" in carla.text.split("m0 before")[-1], lambda: f"a refusal in {carla.lines[-3:]}")
    assert "Carla: from nc" not in carla.text
    dario.send("PRIVMSG #piazza :from a browser")
    dario.expect("404")
    dario.expect("disk")  # the reason, by WebSocket too
    # With an id, a message that was refused can be sent again until it is kept.
    by_id = f"@loggia.chat/id={'e' * 16}.1 PRIVMSG #piazza :m999 by id"
    elena.send(by_id)
    elena.expect("404", "e" * 16)
    assert [line for line in bruno.sync() if line.command == "PRIVMSG"] == [], "nobody saw any of this"
    bruno.send("WHO #piazza")
    bruno.expect("315")
    assert server.ask_admin("/health")[0] == 200, "it lives"
    assert server.ask_admin("/ready")[0] == 503, "but cannot take messages"

    filler.unlink()
    deadline = time.monotonic() + 10
    number = 1000
    while True:
        number += 1
        anna.say("#piazza", f"m{number} after")
        anna.sync()
        if [line for line in bruno.sync() if line.command == "PRIVMSG"]:
            break
        assert time.monotonic() < deadline, "it recovers by itself when there is room again"
    until(lambda: server.ask_admin("/ready")[0] == 200, "ready again")
    for _ in range(2):
        elena.send(by_id)
        elena.expect("PRIVMSG", "m999")
    assert len([line for line in bruno.sync() if "m999" in line.text]) == 1, "kept once, though said three times"
    seen = ["m0", *seen, f"m{number}", "m999"]

    server.kill_9()
    server.start()
    newcomer = closing(PlainClient(server.port, "Newcomer", b"\n"))
    newcomer.send("(read)")
    newcomer.wait_text("Newcomer: (read)\n")
    kept = [line.split(": ", 1)[1].split()[0] for line in newcomer.lines if ": m" in line]
    assert kept == seen, "what was seen, and nothing else, is there after a crash"


def talk_until_refused(somebody):
    """The store may have room of its own for a while after the disk is full."""
    for number in range(400):
        somebody.say("#piazza", f"m{number} " + "x" * 380)
        if any(line.command in ("404", "FAIL", "NOTICE") for line in somebody.sync()):
            return
    raise AssertionError("a full disk must refuse")


def test_who_leaves_while_the_disk_is_full_makes_nobody_wait(make_server, small_disk, closing):
    server = make_server(data=small_disk / "data")
    anna = closing(IrcClient(server.port, "anna"))
    bruno = closing(IrcClient(server.port, "bruno"))
    carla = closing(IrcClient(server.port, "carla"))
    for somebody in (anna, bruno, carla):
        somebody.join("#piazza")
    filler = fill(small_disk)
    talk_until_refused(anna)
    carla.sync()
    bruno.close()
    # The departure waits for the disk; whoever says or asks something meanwhile is answered.
    for somebody in (anna, carla):
        somebody.say("#piazza", "still there?")
        assert "404" in [line.command for line in somebody.sync()]
        somebody.send("NAMES #piazza")
        somebody.expect("366")

    filler.unlink()
    for somebody in (anna, carla):
        assert somebody.expect("QUIT").source.startswith("bruno!")
    again = closing(IrcClient(server.port, "bruno"))
    again.join("#piazza")
    anna.expect("JOIN", "#piazza")
    until(lambda: anna.say("#piazza", "welcome back") or [line for line in again.sync() if "welcome back" in line.text], "it takes messages again")


def test_stop_while_the_disk_is_full(make_server, small_disk, closing):
    server = make_server(data=small_disk / "data")
    anna = closing(IrcClient(server.port, "anna"))
    bruno = closing(IrcClient(server.port, "bruno"))
    anna.join("#piazza")
    fill(small_disk)
    talk_until_refused(anna)
    # Their departure cannot be written any more.
    bruno.close()
    status, seconds = server.stop()
    assert (status, seconds < 5) == (0, True), "what the disk does not take was shown to nobody"


@pytest.fixture
def slow_disk(tmp_path):
    """A file system that can be frozen: whoever writes to it waits until it is thawed."""
    image, folder = tmp_path / "slow-disk.ext4", tmp_path / "slow-disk"
    folder.mkdir()
    with open(image, "wb") as file:
        file.truncate(64 << 20)
    owner = f"root_owner={os.getuid()}:{os.getgid()}"
    subprocess.run(["/sbin/mkfs.ext4", "-q", "-F", "-E", owner, str(image)], check=True)
    subprocess.run([*AS_ROOT, "mount", "-o", "loop", str(image), str(folder)], check=True)

    def freeze(how):
        return subprocess.run([*AS_ROOT, "/sbin/fsfreeze", how, str(folder)], capture_output=True)

    yield folder, freeze
    # A test that failed in the middle may have left it frozen: then nothing on it could end.
    freeze("--unfreeze")
    subprocess.run([*AS_ROOT, "umount", "--lazy", str(folder)], check=True)


def test_a_slow_disk_disconnects_nobody(make_server, slow_disk, closing):
    folder, freeze = slow_disk
    server = make_server(data=folder / "data", tables={"limits": {"ping_seconds": 2}})
    anna = closing(IrcClient(server.port, "anna", ["echo-message"]))
    bruno = closing(IrcClient(server.port, "bruno"))
    carla = closing(PlainClient(server.ports["quit"], "Carla", b"\n"))
    anna.join("#piazza")
    bruno.join("#piazza")
    anna.say("#piazza", "before")
    anna.expect("PRIVMSG", "before")
    bruno.expect("PRIVMSG", "before")
    carla.wait_text("anna: before")

    assert freeze("--freeze").returncode == 0
    began = time.monotonic()
    anna.say("#piazza", "during")
    carla.send("meanwhile")
    # Longer than it takes to be disconnected for silence. Who does not wait for the disk is answered at once.
    while time.monotonic() < began + 5:
        asked = time.monotonic()
        bruno.send("PING alive")
        lines = bruno.collect_until("PONG", "alive")
        assert not [line for line in lines if line.command == "PRIVMSG"], "shown before it was kept"
        assert time.monotonic() < asked + 1
        # She answers the server's PINGs; her echo must not come.
        with pytest.raises(AssertionError, match="no line within"):
            anna.next_line(0.2)
    assert freeze("--unfreeze").returncode == 0

    anna.expect("PRIVMSG", "during")
    shown = [bruno.expect("PRIVMSG").parameters[-1] for _ in range(2)]
    assert sorted(shown) == ["during", "meanwhile"]
    carla.wait_text("anna: during")
    anna.say("#piazza", "after")
    bruno.expect("PRIVMSG", "after")
    assert not [line for line in server.running.err if "cannot write" in line], "slow is not broken"
