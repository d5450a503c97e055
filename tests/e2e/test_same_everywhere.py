"""A message is the same wherever it is met: live, read later, found by its words, and after a crash."""

import random

from loggia.irc_client import IrcClient

CAPS = [
    "batch", "message-tags", "server-time", "account-tag", "draft/multiline", "draft/chathistory", "draft/event-playback", "draft/search",
]
WORDS = ["tea", "perché", "お茶", "thé", ":)", "🍵", "x" * 50]
SAID = ("PRIVMSG", "NOTICE", "TAGMSG")


def same(line):
    """What must be the same of a line, wherever it is met."""
    tags = tuple(sorted((key, value) for key, value in line.tags.items() if key != "batch"))
    return tags, line.source, line.command, tuple(line.parameters)


def messages(lines):
    """Single messages, and messages of several lines whole: each batch is one, with the tags of its beginning."""
    opened, all_messages = {}, []
    for line in lines:
        outer = line.tags.get("batch")
        if line.command == "BATCH" and line.parameters[0].startswith("+"):
            if line.parameters[1] == "draft/multiline":
                tags = tuple(sorted((key, value) for key, value in line.tags.items() if key != "batch"))
                opened[line.parameters[0][1:]] = [(tags, line.source, line.parameters[1:])]
        elif line.command == "BATCH":
            if line.parameters[0][1:] in opened:
                all_messages.append(opened.pop(line.parameters[0][1:]))
        elif outer in opened:
            opened[outer].append(same(line))
        elif line.command in SAID:
            all_messages.append(same(line))
    return all_messages


def ask(client, question):
    client.send(question)
    lines = client.collect_until("BATCH", r"BATCH \+")
    name = lines[-1].parameters[0][1:]
    return messages(client.collect_until("BATCH", rf"BATCH -{name}")[:-1])


def test_live_replayed_and_found(make_server, closing):
    server = make_server()
    chance = random.Random(7)
    writer = closing(IrcClient(server.port, "writer", caps=["batch", "message-tags", "draft/multiline"]))
    reader = closing(IrcClient(server.port, "reader", caps=CAPS))
    writer.join("#tea")
    reader.join("#tea")
    for number in range(60):
        words = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 6)))
        tags = chance.choice(["", "@+draft/reply=abc ", "@+draft/react=🍵;+draft/reply=x "])
        kind = chance.randrange(5)
        if kind == 0:
            writer.send(
                f"{tags}BATCH +b{number} draft/multiline #tea" if tags else f"BATCH +b{number} draft/multiline #tea",
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
    live = messages(reader.collect_until("PRIVMSG", "the end"))
    assert len(live) == 61
    assert ask(reader, "CHATHISTORY LATEST #tea * 100") == live
    found = [message for message in live if "found" in str(message)]
    assert ask(reader, "SEARCH text=found;in=#tea;limit=100") == found and len(found) > 30
    server.kill_9()
    server.start()
    reader = closing(IrcClient(server.port, "reader", caps=CAPS))
    reader.join("#tea")
    again = ask(reader, "CHATHISTORY LATEST #tea * 100")
    assert again == live
    assert ask(reader, "SEARCH text=found;in=#tea;limit=100") == found
