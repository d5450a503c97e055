"""Programs on client libraries that others have written: log-in, several lines, history, reactions, read markers, redaction."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from loggia.irc_client import IrcClient
from loggia.program import Program
from loggia.waiting import until

BOTS = Path(__file__).parent.parent / "clients"
CACHE = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "loggia-test" / "clients"
PASSWORD = "correct horse battery staple"
CAPABILITIES = [
    "message-tags",
    "account-tag",
    "server-time",
    "echo-message",
    "batch",
    "draft/multiline",
    "draft/message-redaction",
]


def run(*command, cwd):
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(map(str, command))}:\n{done.stdout}{done.stderr}"


@pytest.fixture(scope="session")
def python_bot():
    """Its library is among the tests' requirements."""
    return [sys.executable, BOTS / "python" / "bot.py"]


@pytest.fixture(scope="session")
def node_bot():
    """Installs the library outside of the checkout."""
    folder = CACHE / "node"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json", ".npmrc", "bot.js"):
        shutil.copy(BOTS / "node" / name, folder)
    run("npm", "ci", "--ignore-scripts", cwd=folder)
    return ["node", folder / "bot.js"]


@pytest.fixture(scope="session")
def rust_bot():
    """Builds the program outside of the checkout."""
    target = CACHE / "rust"
    run("cargo", "build", "--quiet", "--locked", "--target-dir", target, cwd=BOTS / "rust")
    return [target / "debug" / "bot"]


@pytest.mark.timeout(600)  # the first time, a library and what it needs are compiled
@pytest.mark.parametrize("language", ["python", "node", "rust"])
def test_what_a_bot_does(language, request, make_server, closing):
    command = request.getfixturevalue(f"{language}_bot")
    server = make_server(tables={"accounts": {"password_hash": "test"}})
    owner = closing(IrcClient(server.port, "owner", ["draft/account-registration"]))
    owner.send(f"REGISTER robot * :{PASSWORD}")
    owner.expect("REGISTER", "SUCCESS")
    witness = closing(IrcClient(server.port, "wanda", CAPABILITIES))
    witness.join("#tea")

    def say(text):
        """Says it, and returns how it is seen."""
        witness.say("#tea", text)
        return witness.expect("PRIVMSG", re.escape(text))

    say("said before it came")

    environment = {
        **os.environ,
        "LOGGIA_PORT": str(server.port),
        "LOGGIA_NICK": f"bot-{language}",
        "LOGGIA_ACCOUNT": "robot",
        "LOGGIA_PASSWORD": PASSWORD,
    }
    bot = closing(Program([str(word) for word in command], env=environment))
    witness.expect("JOIN", f"bot-{language}", seconds=60)
    first = witness.expect("PRIVMSG")
    assert first.parameters == ["#tea", f"one line from {language}"] and first.tags["account"] == "robot"
    opening = witness.expect("BATCH", "draft/multiline")
    assert opening.tags["account"] == "robot"
    assert [witness.expect("PRIVMSG").parameters[1] for _ in range(2)] == [f"first of {language}", f"second of {language}"]
    bot.wait_for("end\n", seconds=30)

    question = say("react")
    reaction = witness.expect("TAGMSG")
    assert (reaction.nick, reaction.parameters) == (f"bot-{language}", ["#tea"])
    assert (reaction.tags["+draft/reply"], reaction.tags["+draft/react"]) == (question.tags["msgid"], "👍")
    bot.wait_for(f"read {question.tags['time']}\n", seconds=30)

    say("take it back")
    redaction = witness.expect("REDACT")
    assert redaction.nick == f"bot-{language}"
    assert redaction.parameters == ["#tea", first.tags["msgid"], "as asked"]
    witness.send(f"REDACT #tea {question.tags['msgid']}")
    bot.wait_for(f"redacted wanda {question.tags['msgid']}\n", seconds=30)

    say("bye")
    until(lambda: "heard wanda bye\n" in bot.text, lambda: bot.text)
    assert bot.wait_end(30) == 0
    assert "as told" in witness.expect("QUIT").parameters[0]
    said = [line.split(" ", 1) for line in bot.lines]
    assert said[0] == ["account", "robot"]
    history = [words for kind, words in (pair for pair in said if len(pair) == 2) if kind == "history"]
    nick = f"bot-{language}"
    assert history == [
        "wanda said before it came",
        f"{nick} one line from {language}",
        f"{nick} first of {language}",
        f"{nick} second of {language}",
    ]
