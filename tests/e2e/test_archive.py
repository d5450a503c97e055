"""`loggia export` and `loggia import`: everything out and in again, and what was said in other chat programs."""

import json
import re
import zipfile

from loggia.irc_client import IrcClient

CAPS = ("draft/chathistory", "draft/event-playback", "message-tags", "server-time", "batch", "echo-message", "draft/message-redaction", "labeled-response")
CHEAP = {"accounts": {"password_hash": "test"}}


def loggia(server, *words, status=0, password=None):
    """Runs the program on the server's data; returns what it printed, or when it failed, what it complained of."""
    printed, complained = server.command(*words, password=password, status=status)
    return complained if status else printed


def history(client, target):
    """What a client is shown of a conversation: id, time, who, command and text."""
    client.send(f"CHATHISTORY LATEST {target} * 100")
    lines = client.collect_until("BATCH|FAIL", r"(BATCH \+|FAIL)")
    assert lines[-1].command == "BATCH", lines[-1]
    reference = lines[-1].parameters[0].lstrip("+")
    lines = client.collect_until("BATCH", f"-{reference}$")[:-1]
    return [
        (line.tags.get("msgid"), line.tags["time"], line.source, line.command, line.parameters[-1], line.tags.get("+draft/reply"))
        for line in lines
    ]


def test_everything_goes_out_and_in_again(make_server, closing):
    old = make_server(tables=CHEAP)
    loggia(old, "account", "add", "anna", "--operator", password="sesame")
    anna, bruno = (closing(IrcClient(old.port, nick, CAPS)) for nick in ("anna_", "bruno"))
    anna.send("NS IDENTIFY anna sesame", "NICK anna")
    anna.expect("NICK")
    for client in (anna, bruno):
        client.join("#tea")
    anna.send("CS REGISTER #tea", "TOPIC #tea :Biscuits")
    anna.expect("TOPIC")
    anna.say("#tea", "first, with é and 日本")
    kept = anna.expect("PRIVMSG", "first").tags["msgid"]
    anna.send(f"@+draft/reply={kept} PRIVMSG #tea :an answer")
    bruno.say("#tea", "to be taken back")
    gone = bruno.expect("PRIVMSG", "taken back").tags["msgid"]
    bruno.send(f"REDACT #tea {gone}")
    bruno.expect("REDACT")
    bruno.say("anna", "only for you")
    bruno.send("QUIT :bye")
    anna.expect("QUIT")
    anna.sync()
    before = {target: history(anna, target) for target in ("#tea", "bruno")}
    assert [line[4] for line in before["#tea"] if line[3] == "PRIVMSG"] == ["first, with é and 日本", "an answer"]

    archive = old.folder / "all.jsonl"
    assert "exported" in loggia(old, "export", archive)  # while the server runs
    assert (archive.stat().st_mode & 0o777) == 0o600
    text = archive.read_text(encoding="utf-8")
    assert "sesame" not in text and "to be taken back" not in text and '"credentials"' not in text
    lines = [json.loads(line) for line in text.splitlines()]
    assert lines[0]["type"] == "archive" and lines[-1]["type"] == "end" and lines[-1]["lines"] == len(lines) - 1
    assert "exists already" in loggia(old, "export", archive, status=1)

    new = make_server(start=False, tables=CHEAP)
    new.start()  # it has facts of its own, but nobody has said anything
    assert "stop the server first" in loggia(new, "import", archive, status=1)
    new.stop()
    assert "imported 3 messages" in loggia(new, "import", archive)
    assert "imported 0 messages" in loggia(new, "import", archive)  # once more: nothing is doubled
    new.start()
    loggia(new, "account", "passwd", "anna", password="another")
    anna = closing(IrcClient(new.port, "anna_", CAPS))
    anna.send("NS IDENTIFY anna another", "NICK anna")
    anna.expect("NICK")
    joined = anna.join("#tea")
    assert any(line.command == "332" and line.parameters[-1] == "Biscuits" for line in joined)
    names = next(line for line in joined if line.command == "353")
    assert "~anna" in names.parameters[-1]  # the founder's rank
    after = {target: history(anna, target) for target in ("#tea", "bruno")}
    assert after["bruno"] == before["bruno"]
    assert after["#tea"][: len(before["#tea"])] == before["#tea"]
    anna.say("#tea", "and it goes on")
    assert history(anna, "#tea")[-1][4] == "and it goes on"
    new.stop()
    assert "something was said here already" in loggia(make_other(make_server), "import", archive, status=1)


def make_other(make_server):
    """A server in which something was said, stopped."""
    server = make_server()
    client = IrcClient(server.port, "carol")
    client.join("#tea")
    client.say("#tea", "hello")
    client.sync()
    client.close()
    server.stop()
    return server


def test_a_broken_archive_changes_nothing(make_server):
    old = make_other(make_server)
    archive = old.folder / "all.jsonl"
    loggia(old, "export", archive)
    whole = archive.read_bytes()
    new = make_server(start=False)
    for broken, why in (
        (whole[:-20], "cut off"),
        (whole.replace(b'"hello"', b'"hullo"'), "not those that were written"),
        (whole.replace(b'"version":2', b'"version":3'), "newer"),
        (whole.replace(b'"seq":', b'"sex":', 1), "line"),
        (b"", "looks like nothing"),
    ):
        archive.write_bytes(broken)
        assert why in loggia(new, "import", archive, status=1)
    archive.write_bytes(whole)
    assert "imported 1 messages" in loggia(new, "import", archive)
    # Standard output, and another file of the same.
    printed = loggia(new, "export", "-")
    assert [json.loads(line)["type"] for line in printed.splitlines()][-1] == "end"
    assert re.search(r'"text":"hello"', printed)


IRSSI = """--- Log opened Sun Nov 29 18:30:00 2020
18:30 -!- bob [~bob@example.net] has joined #tea
18:30 <@alice> hello
18:30 < bob> hi, alice
18:31  * bob waves
"""


def test_imported_names_are_as_long_as_the_configuration_allows(make_server, closing):
    server = make_server(start=False, tables={"limits": {"nick_length": 5, "channel_length": 8}})
    log = server.folder / "#tea-and-biscuits.log"
    log.write_text("--- Log opened Sun Nov 29 18:30:00 2020\n18:30 <@alexandra> hello\n")
    assert "longer than 8 bytes" in loggia(server, "import", "--into", "#biscuits", log, status=2)
    assert "imported 1 messages" in loggia(server, "import", log)
    server.start()
    client = closing(IrcClient(server.port, "bob", CAPS))
    client.join("#tea-and")
    [line] = [line for line in history(client, "#tea-and") if line[3] == "PRIVMSG"]
    assert line[2].startswith("alexa!") and line[4] == "hello"


def test_logs_of_irssi_and_weechat(make_server, closing):
    server = make_server(start=False)
    log = server.folder / "#tea.log"
    log.write_text(IRSSI)
    words = ("import", "--time-zone", "Europe/Rome", log)
    assert "imported 3 messages" in loggia(server, *words)
    assert "imported 0 messages; 3 were there already" in loggia(server, *words)
    log.write_text(IRSSI + "18:40 <@alice> what is new\n")  # the log has grown
    assert "imported 1 messages; 3 were there already" in loggia(server, *words)
    weechat = server.folder / "irc.example.#coffee.weechatlog"
    weechat.write_text("2020-11-29 18:30:00\t@alice\tblack\n2020-11-29 18:30:01\t--\tNotice(bob): psst\n")
    assert "imported 2 messages" in loggia(server, "import", "--time-zone", "UTC", weechat)
    server.start()
    client = closing(IrcClient(server.port, "carol", CAPS))
    client.join("#tea")
    said = [line for line in history(client, "#tea") if line[3] == "PRIVMSG"]
    assert [(line[2].split("!")[0], line[4]) for line in said] == [
        ("alice", "hello"),
        ("bob", "hi, alice"),
        ("bob", "\x01ACTION waves\x01"),
        ("alice", "what is new"),
    ]
    assert said[0][1] == "2020-11-29T17:30:00.000Z"
    client.join("#coffee")
    assert [line[3:5] for line in history(client, "#coffee") if line[3] in ("PRIVMSG", "NOTICE")] == [
        ("PRIVMSG", "black"),
        ("NOTICE", "psst"),
    ]
    # By time: what was imported is older than what stands before it in the log.
    client.send("CHATHISTORY AFTER #tea timestamp=2020-11-29T17:31:00.000Z 1")
    assert "what is new" in client.expect("PRIVMSG").text
    client.say("#tea", "today")
    client.sync()
    server.stop()
    log.write_text("--- Log opened Sun Nov 29 10:00:00 2020\n10:00 <@alice> too early\n")
    assert "left out: 1 of #tea" in loggia(server, *words)
    assert "imported 1 messages" in loggia(server, *words, "--into", "#old")


def test_slack_discord_and_mattermost(make_server, closing):
    server = make_server(start=False)
    folder = server.folder
    slack = folder / "slack.zip"
    with zipfile.ZipFile(slack, "w", zipfile.ZIP_DEFLATED) as export:
        export.writestr("users.json", json.dumps([{"id": "U1", "name": "anna", "profile": {"display_name": "Anna M."}}]))
        export.writestr("channels.json", json.dumps([{"id": "C1", "name": "general"}]))
        export.writestr(
            "general/2026-01-02.json",
            json.dumps([{"type": "message", "user": "U1", "ts": "1767312000.000100", "thread_ts": "1767225600.000100", "text": "second"}]),
        )
        export.writestr(
            "general/2026-01-01.json",
            json.dumps([{"type": "message", "user": "U1", "ts": "1767225600.000100", "text": "first", "reactions": [{"name": "+1", "users": ["U1"]}]}]),
        )
    assert "imported 3 messages" in loggia(server, "import", slack)
    assert "imported 0 messages" in loggia(server, "import", slack)
    discord = folder / "discord.json"
    discord.write_text(
        json.dumps(
            {
                "guild": {"name": "Loggia"},
                "channel": {"type": "GuildTextChat", "name": "General chat"},
                "messages": [
                    {"id": "1", "type": "Default", "timestamp": "2026-01-03T10:00:00+00:00", "content": "two\nlines", "author": {"id": "1", "name": "bruno"}}
                ],
            }
        )
    )
    assert "imported 1 messages" in loggia(server, "import", "--format", "discord", discord)
    mattermost = folder / "import.jsonl"
    mattermost.write_text(
        "\n".join(
            json.dumps(line)
            for line in (
                {"type": "version", "version": 1},
                {"type": "channel", "channel": {"team": "t", "name": "town-square", "type": "O"}},
                {"type": "post", "post": {"team": "t", "channel": "town-square", "user": "carla", "message": "ciao", "create_at": 1767225600000}},
                {"type": "direct_post", "direct_post": {"channel_members": ["a", "b"], "user": "a", "message": "psst", "create_at": 1}},
            )
        )
    )
    told = loggia(server, "import", mattermost)
    assert "imported 1 messages" in told and "left out: 1 direct messages" in told
    server.start()
    client = closing(IrcClient(server.port, "carol", CAPS))
    for channel in ("#general", "#general-chat", "#town-square"):
        client.join(channel)
    general = [line for line in history(client, "#general") if line[3] in ("PRIVMSG", "TAGMSG")]
    assert [(line[2].split("!")[0], line[3]) for line in general] == [("Anna_M", "PRIVMSG"), ("Anna_M", "TAGMSG"), ("Anna_M", "PRIVMSG")]
    assert general[2][4:] == ("second", general[0][0]) and general[1][5] == general[0][0]
    assert [line[4] for line in history(client, "#general-chat") if line[3] == "PRIVMSG"] == ["two", "lines"]
    assert [line[4] for line in history(client, "#town-square") if line[3] == "PRIVMSG"] == ["ciao"]


def test_what_was_said_elsewhere_comes_in_while_the_server_runs(make_server, closing):
    server = make_server()
    client = closing(IrcClient(server.port, "carol", CAPS))
    client.join("#tea")
    client.say("#tea", "before the import")
    client.expect("PRIVMSG", "before")
    log = server.folder / "#coffee.log"
    many = 5000  # several pages
    lines = "".join(f"{10 + number // 3600:02}:{number // 60 % 60:02} <alice> cup {number}\n" for number in range(many))
    log.write_text("--- Log opened Sun Nov 29 10:00:00 2020\n" + lines)
    words = ("import", "--time-zone", "UTC", log)
    assert f"imported {many} messages" in loggia(server, *words)
    assert f"imported 0 messages; {many} were there already" in loggia(server, *words)
    client.join("#coffee")
    said = [line[4] for line in history(client, "#coffee") if line[3] == "PRIVMSG"]
    assert said == [f"cup {number}" for number in range(many - 99, many)]  # and carol's JOIN, the newest of a hundred
    # What is older than what was said here stays outside; people go on.
    assert "left out: 3 of #tea" in loggia(server, "import", "--time-zone", "UTC", "--format", "irssi", "--into", "#tea", write(server, IRSSI))
    client.say("#coffee", "after the import")
    client.expect("PRIVMSG", "after")
    assert "no such zone" in loggia(server, "import", "--time-zone", "Nowhere", log, status=2)
    archive = server.folder / "all.jsonl"
    loggia(server, "export", archive)
    assert "stop the server first" in loggia(server, "import", archive, status=1)
    server.kill_9()
    server.start()
    client = closing(IrcClient(server.port, "carol", CAPS))
    client.join("#coffee")
    assert [line[4] for line in history(client, "#coffee") if line[3] == "PRIVMSG"][-2:] == [f"cup {many - 1}", "after the import"]
    assert "everything is as it was written" in loggia(server, "verify")


def write(server, text):
    log = server.folder / "irssi.txt"
    log.write_text(text)
    return log
