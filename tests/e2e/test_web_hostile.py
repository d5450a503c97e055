"""What strangers write stays text, wherever it is shown: also where operators look, in lists of bans, in the journal, in pictures and
full names, in names of files and titles of pages."""

import html

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient
from loggia.web_pages import WebPages
from test_uploads import path_of, send

OPERATOR = {"name": "admin", "class": "admin", "password": "secret"}
MARK = "<img/src=x/onerror=window.hurt=1>"
SPACED = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"


@pytest.fixture
def elsewhere(closing):
    """A server of somebody else's whose pages are hostile."""
    pages = closing(WebPages())
    said = f'<title>{html.escape(SPACED)}</title><meta property=og:site_name content="{html.escape(MARK)}">'
    said += f'<meta name=description content="{html.escape(SPACED)}"><meta property=og:image content="javascript:window.hurt=1">'
    pages.page("/", said)
    pages.paths["/seen.png"] = (204, {}, b"")
    return pages


def unhurt(person, where):
    assert person.browser.evaluate("window.hurt") is None, where
    bad = "[...document.querySelectorAll('iframe, script:not([src]), object, embed, [onerror], [onload], [onclick], img[src=x], a[href^=\"javascript:\"]')].map(found => found.outerHTML)"
    assert person.browser.evaluate(bad) == [], where


def test_wherever_it_is_shown(make_server, tmp_path, closing, elsewhere):
    tables = {"accounts": {"password_hash": "test"}, "server": {"casemapping": "precis"}}
    tables |= {"previews": {"enabled": True}, "push": {"allow_addresses": ["127.0.0.1/32"]}}
    server = make_server(tables=tables, operators=[OPERATOR])
    address = elsewhere.address
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
    # The title of a page, and what else it says of itself.
    eve.say("#piazza", f"see {address}/")
    card = "document.querySelector('.preview')?.innerText ?? ''"
    until(lambda: anna.browser.evaluate(card).count(SPACED) == 2, lambda: anna.browser.evaluate(card))
    assert MARK in anna.browser.evaluate(card)
    unhurt(anna, "a card")
    # A file that says it is one thing and is another is never shown as a page.
    for name, kind, body in (("a.svg", "image/svg+xml", "<svg xmlns='http://www.w3.org/2000/svg' onload='hurt=1'/>"), (SPACED, "text/html", SPACED)):
        sent = path_of(send(server, eve, body.encode(), Content_Type=kind, Content_Disposition=f'attachment; filename="{name}"'))
        eve.say("#piazza", f"http://127.0.0.1:{server.port}{sent}")
        anna.sees(sent)
    unhurt(anna, "files")
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
    assert set(elsewhere.agents) == {"Loggia (link preview)"} and "/seen.png" not in elsewhere.asked, "nobody is told who looks at them"
