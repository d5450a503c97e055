"""What pages behind links say of themselves, looked up by the server: against a web server that is made for tests."""

import json
from urllib.parse import quote

import pytest

from loggia.irc_client import IrcClient
from loggia.web_pages import PICTURE, WebPages
from test_uploads import ask, token

# The server may reach this one address of its own machine, and nothing else that is private.
HERE = {"previews": {"enabled": True}, "push": {"allow_addresses": ["127.0.0.1/32"]}}
NOTHING = 204


@pytest.fixture
def pages(closing):
    return closing(WebPages())


@pytest.fixture
def server(make_server):
    return make_server(tables=HERE)


@pytest.fixture
def anna(server, closing):
    return closing(IrcClient(server.port, "anna"))


def look(server, client, link):
    """What is said of a link: the preview, or a status and a word."""
    answer = ask(server, "GET", f"/preview?url={quote(link, safe='')}", Authorization=f"Bearer {token(client)}")
    if answer.status == NOTHING:
        return NOTHING
    assert answer.headers["content-type"] == "application/json" and answer.headers["cache-control"] == "no-store"
    return answer.told if answer.status == 200 else (answer.status, answer.told["code"])


def told(client):
    return " ".join(line.text for line in client.burst if line.command == "005")


def test_nobody_looks_unless_it_is_wanted(make_server, pages, closing):
    server = make_server(tables={"push": HERE["push"]})
    anna = closing(IrcClient(server.port, "anna"))
    assert "PREVIEW" not in told(anna)
    assert look(server, anna, pages.page("/", "<title>Tea</title>")) == NOTHING and pages.asked == []


def test_a_page_is_shown_with_its_picture(server, pages, anna, closing):
    assert " loggia.chat/PREVIEW=/preview " in told(anna)
    pages.paths["/cup.png"] = (200, {"Content-Type": "image/png"}, PICTURE)
    pages.page(
        "/tea",
        "<title>Tè &amp; biscotti</title><meta property=og:site_name content=Piazza>"
        '<meta name=description content="Di   foglie"><meta property=og:image content=cup.png>',
    )
    shown = look(server, anna, pages.leads("/old", "/tea#leaf"))
    picture = shown.pop("picture")
    assert shown == {"url": pages.address + "/tea", "title": "Tè & biscotti", "about": "Di foglie", "site": "Piazza"}
    # It is drawn anew, and never fetched from there by those who see it.
    assert picture.startswith("data:image/jpeg;base64,")
    assert pages.asked == ["/old", "/tea", "/cup.png"] and set(pages.agents) == {"Loggia (link preview)"}
    # Who asks next is answered without asking the page again.
    bruno = closing(IrcClient(server.port, "bruno"))
    assert look(server, bruno, pages.address + "/old")["title"] == "Tè & biscotti" and len(pages.asked) == 3


def test_only_who_is_here_may_ask(server, pages, anna):
    link = quote(pages.page("/", "<title>Tea</title>"), safe="")
    answer = ask(server, "GET", f"/preview?url={link}")
    assert (answer.status, answer.told["code"]) == (401, "UNKNOWN")
    used = token(anna)
    answers = [ask(server, "GET", f"/preview?url={link}", Authorization=f"Bearer {used}") for _ in range(2)]
    assert [answer.status for answer in answers] == [200, 401], "a token is good once"
    for wrong in ("", "tea", "ftp://127.0.0.1/", "http://me:secret@127.0.0.1/", "javascript:alert(1)", "http://" + "x" * 3000):
        assert look(server, anna, wrong) == (400, "ADDRESS"), wrong
    answer = ask(server, "GET", "/preview", Authorization=f"Bearer {token(anna)}")
    assert (answer.status, answer.told["code"]) == (400, "ADDRESS")


def test_what_is_private_is_not_reached(server, pages, anna, closing):
    private = closing(WebPages("127.0.0.2"))
    private.page("/", "<title>Secret</title>")
    private.paths["/cup.png"] = (200, {"Content-Type": "image/png"}, PICTURE)
    own = server.port
    for link in (
        private.address + "/",
        pages.leads("/away", private.address + "/"),
        pages.leads("/metadata", "http://169.254.169.254/latest/meta-data/"),
        pages.leads("/network", "http://10.0.0.1/"),
        pages.leads("/own", f"http://[::1]:{own}/"),
        pages.leads("/written", f"http://2130706434:{private.address.rsplit(':', 1)[1]}/"),
        pages.leads("/mail", "http://127.0.0.1:25/"),
        pages.leads("/file", "file:///etc/passwd"),
    ):
        assert look(server, anna, link) == NOTHING, link
    # A page that is public shows no picture of what is private.
    shown = look(server, anna, pages.page("/", f"<title>Tea</title><meta property=og:image content={private.address}/cup.png>"))
    assert (shown["title"], shown["picture"]) == ("Tea", "")
    assert private.asked == []


def test_what_has_no_end_and_what_is_no_page(server, pages, anna):
    endless = {"Content-Type": "text/html"}
    pages.paths["/endless"] = (200, endless, b"<title>Once</title>", WebPages.ENDLESS)
    assert look(server, anna, pages.address + "/endless")["title"] == "Once"
    assert pages.left.wait(10), "the server has read enough"
    pages.paths["/circle"] = (302, {"Location": "/circle"}, b"")
    pages.paths["/film"] = (200, {"Content-Type": "video/mp4"}, b"<title>no</title>")
    pages.paths["/packed"] = (200, {"Content-Type": "text/html", "Content-Encoding": "br"}, b"<title>no</title>")
    pages.page("/gone", "<title>no</title>", status=410)
    pages.page("/silent", "<p>nothing of itself</p>")
    for path in ("/circle", "/film", "/packed", "/gone", "/silent", "/nowhere"):
        assert look(server, anna, pages.address + path) == NOTHING, path
    # A picture that is none, and one that has no end.
    pages.paths["/svg"] = (200, {"Content-Type": "image/svg+xml"}, b"<svg xmlns='http://www.w3.org/2000/svg' onload='x'/>")
    pages.paths["/flood"] = (200, {"Content-Type": "image/png"}, PICTURE, WebPages.ENDLESS)
    for path in ("/svg", "/flood", "/silent"):
        shown = look(server, anna, pages.page(f"/with{path}", f"<title>Tea</title><meta property=og:image content={path}>"))
        assert (shown["title"], shown["picture"]) == ("Tea", ""), path


def test_texts_are_short_and_stay_texts(server, pages, anna):
    title = "<script>alert(1)</script>\u202e" + "x" * 5000
    shown = look(server, anna, pages.page("/", f"<title>{title}</title>"))
    assert shown["title"] == "<script>alert(1)</script>" + "x" * 94 + "…" and len(shown["title"]) == 120
    assert "script" not in json.dumps({**shown, "title": ""}) and shown["site"] == "127.0.0.1"
