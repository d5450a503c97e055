"""A bot on Python's `irc`; see ../README.md."""

import os

import irc.client

CHANNEL = "#tea"
CAPABILITIES = (
    "batch message-tags server-time echo-message draft/multiline draft/chathistory"
    " draft/read-marker draft/message-redaction"
)


class Bot(irc.client.SimpleIRCClient):
    def __init__(self):
        super().__init__()
        self.history = None  # the reference of the batch that is being read
        self.mine = None  # the id of its own first line

    def on_loggedin(self, _connection, event):
        print("account", event.arguments[1], flush=True)

    def on_900(self, connection, event):
        self.on_loggedin(connection, event)

    def on_welcome(self, connection, _event):
        connection.cap("REQ", *CAPABILITIES.split())

    def on_cap(self, connection, event):
        # The library itself handles what comes before registration.
        if event.arguments[0] == "ACK" and "batch" in event.arguments[1]:
            connection.join(CHANNEL)

    def on_join(self, connection, event):
        if event.source.nick != connection.get_nickname():
            return
        connection.privmsg(CHANNEL, "one line from python")
        for line in (
            f"BATCH +1 draft/multiline {CHANNEL}",
            f"@batch=1 PRIVMSG {CHANNEL} :first of python",
            f"@batch=1 PRIVMSG {CHANNEL} :second of python",
            "BATCH -1",
            f"CHATHISTORY LATEST {CHANNEL} * 10",
        ):
            connection.send_raw(line)

    def on_batch(self, _connection, event):
        reference, *rest = [event.target, *event.arguments]
        if rest[:1] == ["chathistory"]:
            self.history = reference[1:]
        elif self.history is not None and reference == f"-{self.history}":
            self.history = None
            print("end", flush=True)

    def on_pubmsg(self, connection, event):
        nick, text = event.source.nick, event.arguments[0]
        print("history" if self.history is not None else "heard", nick, text, flush=True)
        if self.history is not None:
            return
        tags = {tag["key"]: tag["value"] for tag in event.tags}
        if nick == connection.get_nickname():
            self.mine = self.mine or tags["msgid"]
        elif text == "react":
            connection.send_raw(f"@+draft/reply={tags['msgid']};+draft/react=👍 TAGMSG {CHANNEL}")
            connection.send_raw(f"MARKREAD {CHANNEL} timestamp={tags['time']}")
        elif text == "take it back":
            connection.send_raw(f"REDACT {CHANNEL} {self.mine} :as asked")
        elif text == "bye":
            connection.quit("as told")

    def on_markread(self, _connection, event):
        if event.arguments[0] != "*":
            print("read", event.arguments[0].removeprefix("timestamp="), flush=True)

    def on_redact(self, _connection, event):
        print("redacted", event.source.nick, event.arguments[0], flush=True)

    def on_disconnect(self, _connection, _event):
        raise SystemExit(0)


bot = Bot()
bot.connect(
    "127.0.0.1",
    int(os.environ["LOGGIA_PORT"]),
    os.environ["LOGGIA_NICK"],
    password=os.environ["LOGGIA_PASSWORD"],
    sasl_login=os.environ["LOGGIA_ACCOUNT"],
)
bot.start()
