"""A message is the same wherever it is met: live, read later, told to who comes back, found by its words, and exported; after a crash, from a backup, from an archive, too."""

import json
import random
import subprocess

from loggia.irc_client import IrcClient
from loggia.server import binary

CAPS = [
    "batch", "message-tags", "server-time", "account-tag", "draft/multiline", "draft/chathistory", "draft/event-playback", "draft/search",
]
WORDS = ["tea", "perché", "お茶", "thé", ":)", "🍵", "x" * 50]
COMES_BACK = [*CAPS, "loggia.chat/delivery"]
SAID = ("PRIVMSG", "NOTICE", "TAGMSG")
# What a line says about where it stands, not about the message.
OF_THE_PLACE = ("batch", "loggia.chat/cursor")
MESSAGES = 60


def tags_of(line):
    return tuple(sorted((key, value) for key, value in line.tags.items() if key not in OF_THE_PLACE))


def same(line):
    """What must be the same of a line, wherever it is met."""
    return tags_of(line), line.source, line.command, tuple(line.parameters)


def messages(lines):
    """Single messages, and messages of several lines whole: each batch is one, with the tags of its beginning."""
    opened, all_messages = {}, []
    for line in lines:
        outer = line.tags.get("batch")
        if line.command == "BATCH" and line.parameters[0].startswith("+"):
            if line.parameters[1] == "draft/multiline":
                opened[line.parameters[0][1:]] = [(tags_of(line), line.source, line.parameters[1:])]
        elif line.command == "BATCH":
            if line.parameters[0][1:] in opened:
                all_messages.append(opened.pop(line.parameters[0][1:]))
        elif outer in opened:
            opened[outer].append(same(line))
        elif line.command in SAID:
            all_messages.append(same(line))
    return all_messages


def page(client, question):
    """The lines between the beginning and the end of the batch that answers, and its beginning."""
    client.send(question)
    opening = client.collect_until("BATCH", r"BATCH \+")[-1]
    return client.collect_until("BATCH", rf"BATCH -{opening.parameters[0][1:]}$")[:-1], opening


def ask(client, question):
    return messages(page(client, question)[0])


def cursor(client):
    """Where a client is."""
    return page(client, "RESUME *")[1].parameters[2]


def resumed(client, since):
    """What a client that comes back is told, over all pages."""
    told = []
    while True:
        lines, opening = page(client, f"RESUME {since} 7")
        told += messages(lines)
        since, how = opening.parameters[2:4]
        if how == "end":
            return told


def loggia(server, *words):
    done = subprocess.run([binary(), *map(str, words), "--config", str(server.config)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done
    return done.stdout


def exported(server):
    """What the archive says of each message, in the order of the log: id, time, how, by whom, text and the sender's tags."""
    lines = [json.loads(line) for line in loggia(server, "export", "-").splitlines()]
    facts = [line for line in lines if line["type"] == "fact" and line["fact"]["kind"] == "said"]
    told = []
    for fact in facts:
        message = fact["fact"]["message"]
        tags = tuple(sorted((key, value or "") for key, value in message.get("tags", [])))
        told.append((fact["id"], fact["time"], message["how"].upper(), message["sender"]["nick"], fact.get("text", ""), tags))
    return told


def as_exported(message):
    """The same, of a message that a client was shown."""
    first, rest = (message[0], message[1:]) if isinstance(message, list) else (message, [])
    tags = dict(first[0])
    own = tuple(sorted((key, value) for key, value in tags.items() if key.startswith("+")))
    if rest:
        command = rest[0][2]
        text = rest[0][3][-1]
        for line in rest[1:]:
            text += ("" if "draft/multiline-concat" in dict(line[0]) else "\n") + line[3][-1]
    else:
        command = first[2]
        text = "" if command == "TAGMSG" else first[3][-1]
    return tags["msgid"], tags["time"], command, first[1].split("!")[0], text, own


def say_much(writer):
    chance = random.Random(7)
    for number in range(MESSAGES):
        words = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 6)))
        tags = chance.choice(["", "@+draft/reply=abc ", "@+draft/react=🍵;+draft/reply=x "])
        kind = chance.randrange(5)
        if kind == 0:
            writer.send(
                f"{tags}BATCH +b{number} draft/multiline #tea",
                f"@batch=b{number} PRIVMSG #tea :found {number} {words}",
                f"@batch=b{number};draft/multiline-concat PRIVMSG #tea : and on",
                f"@batch=b{number} PRIVMSG #tea :last line",
                f"BATCH -b{number}",
            )
        elif kind == 1:
            writer.send(f"@+draft/react={chance.choice('ab')};+draft/reply=y TAGMSG #tea")
        elif kind == 2:
            writer.send(f"{tags}NOTICE #tea :found {number} {words}")
        else:
            writer.send(f"{tags}PRIVMSG #tea :found {number} {words}")
    writer.send("PRIVMSG #tea :the end")


def test_the_same_everywhere(make_server, closing):
    server = make_server()
    writer = closing(IrcClient(server.port, "writer", caps=["batch", "message-tags", "draft/multiline"]))
    reader = closing(IrcClient(server.port, "reader", caps=COMES_BACK))
    away = closing(IrcClient(server.port, "away", caps=COMES_BACK))
    for client in (writer, reader, away):
        client.join("#tea")
    since = cursor(away)
    away.close()
    say_much(writer)
    live = messages(reader.collect_until("PRIVMSG", "the end"))
    assert len(live) == MESSAGES + 1
    found = [message for message in live if "found" in str(message)]
    assert len(found) > MESSAGES // 2

    def expect_the_same(server, where):
        client = closing(IrcClient(server.port, "newcomer", caps=COMES_BACK))
        client.join("#tea")
        assert ask(client, "CHATHISTORY LATEST #tea * 100") == live, where
        assert ask(client, "SEARCH text=found;in=#tea;limit=100") == found, where
        assert resumed(client, since) == live, where
        assert exported(server) == [as_exported(message) for message in live], where
        client.send("QUIT")
        client.read_to_end()

    expect_the_same(server, "while it runs")
    backup, archive = server.folder / "backup", server.folder / "archive.jsonl"
    loggia(server, "backup", backup)
    loggia(server, "export", archive)
    server.kill_9()
    server.start()
    expect_the_same(server, "after kill -9")
    server.stop()

    restored = make_server(start=False)
    loggia(restored, "restore", backup)
    restored.start()
    expect_the_same(restored, "from a backup")

    imported = make_server(start=False)
    loggia(imported, "import", archive)
    imported.start()
    expect_the_same(imported, "from an archive")
