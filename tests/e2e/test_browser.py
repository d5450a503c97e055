"""A real browser: pages that open a WebSocket as web clients do, from where they may and from where they may not."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from loggia.browser import Browser
from loggia.certificates import Certificate
from loggia.irc_client import IrcClient

# What a web client does: opens, registers, joins, says something, and waits for what is said to it.
CHAT = """
    const [address, kinds, nick] = given;
    const socket = new WebSocket(address, kinds);
    socket.binaryType = "arraybuffer";
    const lines = [], waiting = [];
    const text = data => typeof data === "string" ? data : new TextDecoder("utf-8", {fatal: true}).decode(data);
    socket.onmessage = event => { lines.push(event.data); waiting.splice(0).forEach(look => look()); };
    const ended = new Promise(done => { socket.onclose = event => done(event); });
    await new Promise((done, fail) => { socket.onopen = done; socket.onerror = () => fail("refused"); });
    const until = async part => {
        while (!lines.some(line => text(line).includes(part)))
            await Promise.race([new Promise(look => waiting.push(look)), ended.then(event => { throw "closed: " + event.code; })]);
    };
    const say = line => socket.send(socket.protocol === "binary.ircv3.net" ? new TextEncoder().encode(line) : line);
    say(`NICK ${nick}`); say(`USER ${nick} 0 * :${nick}`);
    await until(" 376 ");
    say("JOIN #room");
    await until(" 366 ");
    say("PRIVMSG #room :caffè? ☕");
    await until("volentieri ☕");
    say("QUIT :a dopo");
    const end = await ended;
    return {
        protocol: socket.protocol,
        kinds: [...new Set(lines.map(line => typeof line))],
        lineEnds: lines.filter(line => /[\\r\\n]/.test(text(line))).length,
        end: [end.code, end.wasClean],
    };
"""

# Whether a page may open a WebSocket at all.
TRY = """
    const socket = new WebSocket(given[0], "text.ircv3.net");
    return await new Promise(done => {
        socket.onopen = () => { socket.close(); done("opened"); };
        socket.onerror = () => done("refused");
    });
"""


@pytest.fixture
def browser(tmp_path, closing):
    return closing(Browser(tmp_path / "browser"))


@pytest.fixture
def elsewhere():
    """A web server that is none of ours; returns its port."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>elsewhere</title>")

        def log_message(self, *words):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_port
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("tls", [False, True], ids=["ws", "wss"])
@pytest.mark.parametrize(
    "asked, agreed, kind",
    [
        (["text.ircv3.net"], "text.ircv3.net", "string"),
        (["binary.ircv3.net", "text.ircv3.net"], "binary.ircv3.net", "object"),
        (["chat.example", "text.ircv3.net", "binary.ircv3.net"], "text.ircv3.net", "string"),
    ],
)
def test_our_own_page_chats(make_server, tmp_path, browser, closing, tls, asked, agreed, kind):
    how = {"tls": Certificate(tmp_path / "certificates").files} if tls else {}
    server = make_server(listeners=("all",), listen={"all": how})
    anna = closing(IrcClient(server.port, "anna"))
    anna.join("#room")
    safe = "s" if tls else ""
    browser.open(f"http{safe}://127.0.0.1:{server.port}/")
    answered = threading.Thread(target=lambda: (anna.expect("PRIVMSG", "caffè"), anna.say("#room", "volentieri ☕")))
    answered.start()
    seen = browser.run(CHAT, f"ws{safe}://127.0.0.1:{server.port}/irc", asked, "bruno")
    assert isinstance(seen, dict), seen
    answered.join()
    assert seen == {"protocol": agreed, "kinds": [kind], "lineEnds": 0, "end": [1000, True]}
    anna.expect("QUIT", "bruno", "a dopo")


def test_a_page_from_elsewhere_is_refused_unless_it_is_named(make_server, browser, elsewhere):
    server = make_server(listeners=("all",))
    address = f"ws://127.0.0.1:{server.port}/irc"
    browser.open(f"http://127.0.0.1:{elsewhere}/")
    assert browser.run(TRY, address) == "refused"
    browser.open(f"http://127.0.0.1:{server.port}/")
    assert browser.run(TRY, address) == "opened", "its own page may"
    named = make_server(listeners=("all",), listen={"all": {"websocket_origins": [f"http://127.0.0.1:{elsewhere}"]}})
    browser.open(f"http://127.0.0.1:{elsewhere}/")
    assert browser.run(TRY, f"ws://127.0.0.1:{named.port}/irc") == "opened"
