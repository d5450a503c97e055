"""What strangers write stays text, wherever it is shown: also where operators look, in lists of bans, in the journal, in pictures and full names."""

import http.server
import threading

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient

OPERATOR = {"name": "admin", "class": "admin", "password": "secret"}
MARK = "<img/src=x/onerror=window.hurt=1>"
SPACED = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"


@pytest.fixture
def elsewhere(closing):
    """A server of somebody else's that counts who comes."""
    asked = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    server.shutdown()
    server.server_close()


def unhurt(person, where):
    assert person.browser.evaluate("window.hurt") is None, where
    bad = "[...document.querySelectorAll('iframe, script:not([src]), object, embed, [onerror], [onload], [onclick], img[src=x], a[href^=\"javascript:\"]')].map(found => found.outerHTML)"
    assert person.browser.evaluate(bad) == [], where


def test_wherever_it_is_shown(make_server, tmp_path, closing, elsewhere):
    server = make_server(tables={"accounts": {"password_hash": "test"}, "server": {"casemapping": "precis"}}, operators=[OPERATOR])
    address, asked = elsewhere
    connect = lambda nick, caps: closing(IrcClient(server.port, nick, caps))  # noqa: E731
    eve = connect("eve", ["message-tags", "batch", "draft/metadata-2", "setname"])
    eve.send(f"SETNAME :{SPACED}", f"METADATA * SET display-name :{SPACED}", f"METADATA * SET avatar :{address}/seen.png")
    eve.join("#piazza")
    eve.send(f"AWAY :{SPACED}")
    mallory = connect("mallory", ["draft/metadata-2"])
    mallory.send("METADATA * SET avatar :javascript:window.hurt=1", "METADATA * SET display-name :\x02\x0304,99<b>\u202emoor\u202c")
    mallory.join("#piazza")
    # Files and pages by name: the name is somebody's words too.
    eve.say("#piazza", f"{address}/%3Cimg%20src=x%20onerror=hurt=1%3E.svg and {address}/\"onerror=hurt=1.html")
    eve.say("#piazza", f"[{MARK}](javascript:window.hurt=1) <{address}/><script>hurt=1</script>")
    anna = closing(WebClient(tmp_path / "browser")).enter(f"http://127.0.0.1:{server.port}/", "anna")
    anna.sees("onerror=hurt=1.html")
    unhurt(anna, "messages")
    anna.click(SPACED, ".members")
    unhurt(anna, "members")
    anna.click("Who is this?")
    anna.sees("User")
    unhurt(anna, "whois")
    anna.browser.press("Escape")
    anna.say("/oper admin secret")
    anna.say(f"/raw BAN ADD *!*@evil.example :{SPACED}")
    anna.say(f"/raw MODE #piazza +b {MARK}!*@*")
    anna.say(f"/raw KICK #piazza mallory :{SPACED}")
    anna.sees("put mallory out")
    eve.send(f"QUIT :{SPACED}")
    anna.sees("eve is gone")
    for section in ("People", "Rooms", "Bans", "Invitations", "Emergency", "Journal"):
        if section == "People":
            anna.click("Look after the server")
        anna.click(section, "dialog")
        until(lambda: anna.browser.evaluate("document.querySelector('.admin-sections [aria-current]').textContent") == section, section)
        unhurt(anna, section)
    anna.sees("<script>window.hurt=1</script>")
    anna.browser.press("Escape")
    anna.click("About this conversation")
    anna.sees(MARK)
    unhurt(anna, "bans of the room")
    anna.browser.press("Escape")
    anna.click("Search")
    anna.fill("Words to look for", "onerror")
    anna.browser.press("Enter")
    anna.sees("message")
    unhurt(anna, "search")
    assert asked == [], "nobody is told who looks at them"
