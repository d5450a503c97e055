"""A bot on Python's `irc`; see ../README.md."""

import os

import irc.client

CHANNEL = "#tea"
CAPABILITIES = "batch message-tags server-time echo-message draft/multiline draft/chathistory"


class Bot(irc.client.SimpleIRCClient):
    def __init__(self):
        super().__init__()
        self.history = None  # the reference of the batch that is being read

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
        if self.history is None and text == "bye":
            connection.quit("as told")

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
