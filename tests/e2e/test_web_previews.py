"""Cards about links in Chromium: shown, closed, switched off; the pages themselves hear of nobody but the server."""

from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient
from loggia.web_pages import PICTURE, WebPages
from test_previews import HERE

CARDS = "[...document.querySelectorAll('.preview')].map(card => [card.querySelector('a').innerText, card.querySelector('p')?.innerText ?? '', card.querySelectorAll('img').length])"


def cards(person):
    return person.browser.evaluate(CARDS)


def test_links_have_cards_as_long_as_they_are_wanted(make_server, closing, tmp_path):
    server = make_server(tables=HERE)
    pages = closing(WebPages())
    pages.paths["/cup.png"] = (200, {"Content-Type": "image/png"}, PICTURE)
    tea = pages.page("/tea", '<title>Tea</title><meta name=description content="Of the leaf"><meta property=og:image content=/cup.png>')
    bruno = closing(IrcClient(server.port, "bruno"))
    bruno.join("#piazza")
    anna = closing(WebClient(tmp_path / "browser")).enter(f"http://127.0.0.1:{server.port}/", "anna")
    bruno.say("#piazza", f"look: {tea}")
    until(lambda: cards(anna) == [["Tea", "Of the leaf", 1]], lambda: (cards(anna), anna.text(), pages.asked))
    assert anna.violations() == []
    # The message is what it was; a page that says nothing has no card, and neither has a quoted link.
    assert any(f"look: {tea}" in message for message in anna.messages())
    bruno.say("#piazza", f"and {pages.page('/nothing', '<p>nothing</p>')}")
    bruno.say("#piazza", f"> {pages.page('/quoted', '<title>Quoted</title>')}")
    cake = pages.page("/cake", "<title>Cake</title>")
    bruno.say("#piazza", f"then {cake}")
    until(lambda: cards(anna)[1:] == [["Cake", "", 0]], lambda: cards(anna))
    assert sorted(pages.asked) == ["/cake", "/cup.png", "/nothing", "/tea"] and set(pages.agents) == {"Loggia (link preview)"}
    # Taken away, it stays away.
    anna.click("Take the card away", ".preview")
    until(lambda: cards(anna) == [["Cake", "", 0]], lambda: cards(anna))
    bruno.say("#piazza", f"again: {tea}")
    anna.sees("again: ")
    assert cards(anna) == [["Cake", "", 0]]
    # Also when the page is loaded again: what it keeps, it keeps when nothing has changed for a moment.
    until(lambda: anna.browser.evaluate("JSON.parse(localStorage.getItem('loggia.preferences')).closedPreviews") == [tea], "kept")
    anna.browser.evaluate("location.reload()")
    until(lambda: cards(anna) == [["Cake", "", 0]], lambda: (cards(anna), anna.text()))
    assert any(f"again: {tea}" in message for message in anna.messages())
    # Switched off, there are none, and nothing is looked at.
    anna.click("anna", ".rooms-foot")
    anna.click("Show cards about links", "dialog")
    anna.browser.press("Escape")
    until(lambda: cards(anna) == [], lambda: cards(anna))
    bruno.say("#piazza", f"last: {pages.page('/last', '<title>Last</title>')}")
    anna.sees("last: ")
    assert cards(anna) == [] and "/last" not in pages.asked
