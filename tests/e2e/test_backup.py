"""`loggia backup`, `restore` and `verify`: the drill that an administrator should do once, and what can go wrong in it."""

import os
import re
import shutil
import signal
import sqlite3
import stat
import threading

from loggia.irc_client import IrcClient
from loggia.plain_client import PlainClient
from loggia.waiting import until

CHEAP = {"accounts": {"password_hash": "test"}, "history": {"plain_replay": 1000}}
NUMBERED = re.compile(r"\bm-(\d+)\b")


def run(server, *words, password=None, status=0):
    """Runs the program on the server's data; returns all that it printed."""
    return "".join(server.command(*words, password=password, status=status))


def replay(server, closing):
    """All numbered messages that a newcomer with `nc` is shown, in order."""
    newcomer = closing(PlainClient(server.port, "Newcomer", b"\n"))
    newcomer.send("(read)")
    newcomer.wait_text("Newcomer: (read)\n", 20)
    newcomer.close()
    return [int(number) for number in NUMBERED.findall(newcomer.text)]


class Writer:
    """Says numbered messages, each once the one before is acknowledged by its echo."""

    def __init__(self, port, closing):
        self.client = closing(IrcClient(port, "writer", caps=["echo-message"]))
        self.client.join("#piazza")
        self.acknowledged = 0
        self._ended = False
        self._thread = threading.Thread(target=self._write, daemon=True)
        self._thread.start()

    def _write(self):
        try:
            while not self._ended:
                number = self.acknowledged + 1
                self.client.say("#piazza", f"m-{number}")
                self.client.expect("PRIVMSG", rf"m-{number}\b")
                self.acknowledged = number
        except (AssertionError, OSError):
            pass  # the server has been killed

    def end(self):
        self._ended = True
        self._thread.join(20)


def test_the_drill(make_server, closing):
    server = make_server(tables=CHEAP)
    run(server, "account", "add", "anna", password="sesame")
    writer = Writer(server.port, closing)
    until(lambda: writer.acknowledged >= 20, lambda: f"20 messages; {writer.acknowledged}")
    before = writer.acknowledged
    backup = server.folder / "loggia.backup"
    said = run(server, "backup", "loggia.backup")
    assert str(backup) in said and "keep it as safe" in said
    assert stat.S_IMODE(os.stat(backup).st_mode) == 0o600
    assert not list(server.folder.glob("*.unfinished"))
    after = writer.acknowledged
    until(lambda: writer.acknowledged > after + 5, lambda: f"messages after the backup; {writer.acknowledged}")
    assert "everything is as it was written" in run(server, "verify")
    held = run(server, "restore", str(backup), status=1)
    assert f"process {server.running.pid}" in held, "it names who holds the data"
    secret = (server.data / "secret").read_bytes()
    server.kill_9()
    writer.end()
    shutil.rmtree(server.data)

    said = run(server, "restore", str(backup))
    assert "restored" in said and "before-restore" not in said, "nothing was there before"
    assert "everything is as it was written" in run(server, "verify")
    assert (server.data / "secret").read_bytes() == secret
    server.start()
    numbers = replay(server, closing)
    assert numbers == list(range(1, len(numbers) + 1)) and len(numbers) >= before, (before, numbers[-5:])
    client = closing(IrcClient(server.port, "client"))
    client.send("NS IDENTIFY anna sesame")
    client.expect("NOTICE", "logged in as anna")
    # No message gets an id that one had which the backup has not.
    tagged = closing(IrcClient(server.port, "tagged", caps=["echo-message", "message-tags"]))
    tagged.join("#piazza")
    tagged.say("#piazza", "m-0")
    line = tagged.expect("PRIVMSG", "m-0")
    assert len(line.tags["msgid"].split("-")[1]) >= 7, line
    print(f"{before} messages acknowledged before the backup, {len(numbers)} in it, {writer.acknowledged} acknowledged in all")


def test_the_former_data_is_kept_aside(make_server, closing):
    server = make_server(tables=CHEAP)
    client = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
    client.join("#piazza")
    client.say("#piazza", "m-1")
    client.expect("PRIVMSG", "m-1")
    server.stop()
    run(server, "backup", "one.backup")
    server.start()
    client = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
    client.join("#piazza")
    client.say("#piazza", "m-2")
    client.expect("PRIVMSG", "m-2")
    server.stop()
    said = run(server, "restore", "one.backup")
    assert str(server.data / "before-restore-1") in said
    former = sqlite3.connect(server.data / "before-restore-1" / "former" / "loggia.db")
    assert former.execute("SELECT count(*) FROM facts WHERE text = 'm-2'").fetchone() == (1,)
    former.close()
    server.start()
    assert replay(server, closing) == [1]


def test_a_damaged_backup_changes_nothing(make_server, closing):
    server = make_server(tables=CHEAP)
    client = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
    client.join("#piazza")
    client.say("#piazza", "m-1")
    client.expect("PRIVMSG", "m-1")
    server.stop()
    backup = server.folder / "one.backup"
    run(server, "backup", str(backup))
    whole = backup.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for content, complaint in [
        (bytes(flipped), "damaged: its checksum does not agree"),
        (whole[:-1], "is not a backup of loggia, or its end is missing"),
        (b"", "is not a backup of loggia"),
        (b"Dear diary" * 100, "is not a backup of loggia"),
    ]:
        backup.write_bytes(content)
        assert complaint in run(server, "restore", str(backup), status=1)
    assert "cannot read" in run(server, "restore", "nowhere.backup", status=1)
    assert not list(server.data.glob("restor*")) and not list(server.data.glob("before-restore*"))
    server.start()
    assert replay(server, closing) == [1]


def test_a_backup_that_cannot_be_written_leaves_the_former_one(make_server):
    server = make_server(tables=CHEAP)
    run(server, "backup", "one.backup")
    whole = (server.folder / "one.backup").read_bytes()
    assert "cannot write the backup" in run(server, "backup", "nowhere/one.backup", status=1)
    assert (server.folder / "one.backup").read_bytes()[:100] == whole[:100]
    run(server, "backup", "one.backup")
    assert "there is no data directory" in run(server, "verify", "--data", "nowhere", status=1)
    assert not (server.folder / "nowhere").exists()


def test_flipped_bytes_are_found_and_never_served(make_server, closing):
    server = make_server(tables=CHEAP)
    client = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
    client.join("#piazza")
    for number in range(1, 201):
        client.say("#piazza", f"m-{number} " + "tea " * 30)
        client.expect("PRIVMSG", rf"m-{number}\b")
    server.stop()
    database = server.data / "loggia.db"
    flipped = bytearray(database.read_bytes())
    place = flipped.rindex(b"m-100 tea")
    flipped[place + 2 : place + 5] = b"900"
    database.write_bytes(flipped)
    said = run(server, "verify", status=1)
    assert "is not as it was written: it is not shown to anybody" in said
    server.start()
    numbers = replay(server, closing)
    assert 900 not in numbers and 100 not in numbers and 99 in numbers and 101 in numbers
    assert "is not as it was written" in run(server, "verify", status=1), "the running server says so too"


def found(client, word):
    """How many messages a search finds."""
    client.send(f"SEARCH text={word}")
    lines = client.collect_until("BATCH", r"\+")
    lines = client.collect_until("BATCH", "-" + lines[-1].parameters[0][1:])
    return sum(line.command == "PRIVMSG" for line in lines)


def test_an_index_that_is_lost_or_wrong_is_told_and_made_anew(make_server, closing):
    server = make_server(tables=CHEAP)

    def searcher():
        client = closing(IrcClient(server.port, "writer", caps=["echo-message", "batch", "draft/search"]))
        client.join("#piazza")
        return client

    client = searcher()
    for number in range(1, 21):
        client.say("#piazza", f"m-{number} tea")
        client.expect("PRIVMSG", rf"m-{number}\b")
    until(lambda: ", 20 messages in the index of words" in run(server, "verify"), "an index that has all")
    server.stop()
    index = server.data / "loggia-index.db"
    with sqlite3.connect(index) as database:
        database.execute("INSERT INTO part_0 (rowid, words, place, sender) VALUES (1000, 'hunter2', '', '')")
    database.close()
    before = {path.name: path.read_bytes() for path in server.data.iterdir() if path.suffix == ".db"}
    said = run(server, "verify", status=1)
    assert "the index of words has words that are erased or were never there of message 1000" in said
    assert "stop the server, remove loggia-index.db*" in said
    assert {path.name: path.read_bytes() for path in server.data.iterdir() if ".db" in path.name} == before
    index.unlink()
    assert "no index of words: it is made when the server starts" in run(server, "verify")
    server.start()
    assert found(searcher(), "tea") == 20
    until(lambda: ", 20 messages in the index of words" in run(server, "verify"), "an index that has all")
    assert "there is no index of words that belongs to the log: it is made from the log" in "\n".join(server.running.err)


def test_retention_by_size_holds_after_a_reload(make_server, closing):
    server = make_server(tables=CHEAP)
    client = closing(IrcClient(server.port, "writer", caps=["echo-message"]))
    client.join("#piazza")
    for number in range(1, 101):
        client.say("#piazza", f"m-{number} " + "x" * 300)
        client.expect("PRIVMSG", rf"m-{number}\b")
    server.tables["history"]["retention_bytes"] = 20_000
    server.write_config()
    server.signal(signal.SIGHUP)

    def kept():
        database = sqlite3.connect(f"file:{server.data / 'loggia.db'}?mode=ro", uri=True)
        try:
            return database.execute("SELECT value FROM meta WHERE name = 'kept_bytes'").fetchone()[0]
        finally:
            database.close()

    until(lambda: kept() <= 20_000, lambda: f"20000 bytes or fewer; {kept()}", 20)
    numbers = replay(server, closing)
    assert numbers == list(range(numbers[0], 101)) and 10 < len(numbers) < 60, numbers
    assert "everything is as it was written" in run(server, "verify")


def test_without_history_nothing_said_is_on_the_disk(make_server, closing):
    server = make_server(tables={**CHEAP, "history": {"enabled": False}})
    one = closing(IrcClient(server.port, "one", caps=["echo-message"]))
    two = closing(IrcClient(server.port, "two"))
    one.send("CAP LS 302")
    offered = one.expect("CAP", "LS").text
    assert "draft/chathistory" not in offered and "draft/search" not in offered
    for client in (one, two):
        client.join("#piazza")
    one.say("#piazza", "xyzzy to all")
    two.expect("PRIVMSG", "xyzzy")
    server.stop()
    assert b"xyzzy" not in (server.data / "loggia.db").read_bytes()
    server.start()
    newcomer = closing(PlainClient(server.port, "Newcomer", b"\n"))
    newcomer.send("(read)")
    newcomer.wait_text("Newcomer: (read)\n", 20)
    assert "xyzzy" not in newcomer.text


def test_a_removed_accounts_words_are_erased(make_server, closing):
    server = make_server(tables=CHEAP)
    run(server, "account", "add", "anna", password="sesame")
    run(server, "account", "add", "bruno", password="sesame")
    for name in ("anna", "bruno"):
        client = closing(IrcClient(server.port, f"{name}2", caps=["echo-message"]))
        client.send(f"NS IDENTIFY {name} sesame")
        client.expect("NOTICE", "logged in as")
        client.join("#piazza")
        client.say("#piazza", f"xyzzy-{name}")
        client.expect("PRIVMSG", f"xyzzy-{name}")
    said = run(server, "account", "remove", "anna")
    assert "what was said from it is erased" in said

    def erased():
        database = sqlite3.connect(f"file:{server.data / 'loggia.db'}?mode=ro", uri=True)
        try:
            return database.execute("SELECT count(*) FROM erasures").fetchone() == (0,)
        finally:
            database.close()

    until(erased, lambda: "the end of the erasing")
    run(server, "account", "remove", "bruno", "--keep-messages")
    server.stop()
    kept = (server.data / "loggia.db").read_bytes()
    assert b"xyzzy-anna" not in kept and b"xyzzy-bruno" in kept
    assert "everything is as it was written" in run(server, "verify")
