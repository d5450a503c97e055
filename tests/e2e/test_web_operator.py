"""What operators of the server look after in the browser: each act is asked once, shown, and undone from there."""

import pytest

from loggia.waiting import until
from loggia.web_client import WebClient
from test_uploads import ask, path_of, send

OPERATOR = {"name": "admin", "class": "admin", "password": "secret"}


@pytest.fixture
def server(make_server):
    return make_server(tables={"accounts": {"password_hash": "test"}}, operators=[OPERATOR])


@pytest.fixture
def enter(server, tmp_path, closing):
    def enter(name, **how):
        return closing(WebClient(tmp_path / f"browser-{name}", **how)).enter(f"http://127.0.0.1:{server.port}/", name)

    return enter


def opened(person, title="Look after the server"):
    """The person becomes an operator, and opens what only operators have."""
    person.say("/oper admin secret")
    person.click(title)
    until(lambda: person.browser.evaluate("!!document.querySelector('dialog .admin-list li')"), person.text)
    return person


def within(person, name, label):
    """Presses a button of the entry that is called so."""
    row = f"[...document.querySelectorAll('.admin-list li')].find(li => li.querySelector('.admin-name')?.textContent.trim() === {name!r})"
    until(lambda: person.browser.evaluate(f"!!{row}"), lambda: f"{name} in {person.text()}")
    button = f"[...{row}.querySelectorAll('button')].find(button => button.textContent.trim() === {label!r})"
    until(lambda: person.browser.evaluate(f"!!{button}"), lambda: f"{label} at {name} in {person.text()}")
    person.browser.evaluate(f"(button => {{ button.focus(); button.click(); }})({button})")


def test_people_are_disconnected_banned_and_let_in_again(enter, irc):
    eve = irc("eve", ["message-tags"])
    eve.join("#piazza")
    anna = opened(enter("anna"))
    assert anna.violations() == []
    within(anna, "eve", "Disconnect")
    anna.sees("Disconnect eve? They may come back at once.")
    assert anna.violations() == []
    anna.browser.press("Escape")
    anna.sees_no_more("Disconnect eve?")
    within(anna, "eve", "Disconnect")
    anna.fill("Reason", "Too loud")
    anna.browser.press("Enter")
    eve.expect("ERROR", "Too loud")
    anna.sees("Done. They may come back at once.")
    eve = irc("eve", ["message-tags"])
    eve.join("#piazza")
    anna.click("Rooms", "dialog")
    anna.sees("#piazza")
    anna.click("People", "dialog")
    within(anna, "eve", "Ban")
    anna.fill("Reason", "Again")
    anna.browser.press("Enter")
    eve.expect("465", "Again")
    anna.click("Bans", "dialog")
    anna.sees("Let in again")
    assert anna.violations() == []
    anna.click("Undo")
    anna.sees("Nobody is banned.")
    anna.sees("is no longer banned.")
    back = irc("eve")
    back.join("#piazza")
    # A ban by hand, taken back from the list, and set again as it was.
    anna.fill("Whom to ban", "192.0.2.0/24")
    anna.click("Ban", ".admin-form + .admin-acts")
    anna.fill("Reason", "Robots")
    anna.browser.press("Enter")
    within(anna, "192.0.2.0/24", "Let in again")
    anna.sees("Let 192.0.2.0/24 in again?")
    anna.browser.press("Enter")
    anna.sees("Nobody is banned.")
    anna.click("Undo", ".admin-done")
    until(lambda: "192.0.2.0/24" in anna.browser.evaluate("document.querySelector('.admin-list')?.textContent ?? ''"), anna.text)
    # Everything stands in the journal.
    anna.click("Journal", "dialog")
    anna.sees("banned 192.0.2.0/24: Robots")
    anna.sees("undid the ban of 192.0.2.0/24")
    assert anna.violations() == []


def test_emergency_and_names_of_rooms(enter, irc):
    eve = irc("eve", ["message-tags"])
    eve.join("#tea")
    eve.join("#piazza")
    anna = opened(enter("anna"))
    anna.click("Emergency", "dialog")
    anna.sees("The raid mode is off")
    anna.click("Let only known people write")
    anna.fill("Reason", "Flood of nicks")
    assert anna.violations() == []
    anna.browser.press("Enter")
    anna.sees("The raid mode is on since")
    eve.send("PRIVMSG #piazza :buy tea")
    eve.expect("404", "#piazza")
    anna.click("Undo")
    anna.sees("The raid mode is off")
    eve.say("#piazza", "buy tea")
    anna.click("Rooms", "dialog")
    within(anna, "#tea", "Rename")
    anna.fill("New name", "#cake")
    assert anna.violations() == []
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("document.querySelector('.admin-list').textContent.includes('#cake')"), anna.text)
    eve.expect("JOIN", "#cake")
    anna.click("Undo")
    until(lambda: anna.browser.evaluate("document.querySelector('.admin-list').textContent.includes('#tea')"), anna.text)


def test_files_are_seen_and_removed(enter, server, irc):
    eve = irc("eve", ["message-tags"])
    paths = [path_of(send(server, eve, b"tea", Content_Disposition=f'attachment; filename="{name}"')) for name in ("tea.txt", "cake & milk.txt")]
    anna = opened(enter("anna"))
    anna.click("Files", "dialog")
    anna.sees("cake & milk.txt")
    shown = anna.browser.evaluate("[...document.querySelectorAll('.admin-list li')].map(li => [li.querySelector('a.admin-name').textContent, new URL(li.querySelector('a').href).pathname, li.querySelector('.admin-about').textContent])")
    assert [[name, path] for name, path, _ in shown] == [["cake & milk.txt", paths[1]], ["tea.txt", paths[0]]]
    assert all(about.startswith("3 byte") and "from eve" in about for *_, about in shown), shown
    assert anna.violations() == []
    # It is asked once, and can be left.
    within(anna, "tea.txt", "Remove")
    anna.sees("Remove tea.txt, which eve has shared? Nothing brings it back.")
    assert anna.violations() == []
    anna.browser.press("Escape")
    anna.sees_no_more("Nothing brings it back.")
    assert ask(server, "GET", paths[0]).status == 200
    within(anna, "tea.txt", "Remove")
    anna.browser.press("Enter")
    anna.sees("Done. Nobody can fetch it any more.")
    until(lambda: "tea.txt" not in anna.browser.evaluate("document.querySelector('.admin-list').textContent"), anna.text)
    assert ask(server, "GET", paths[0]).status == 404 and ask(server, "GET", paths[1]).status == 200
    assert not anna.browser.evaluate("[...document.querySelectorAll('.admin-done button')].length"), "what cannot be undone is not offered"
    anna.click("Journal", "dialog")
    anna.sees(": tea.txt (eve)")


def test_on_a_phone_in_italian_in_the_dark(enter):
    anna = enter("anna", phone=True, language="it", dark=True)
    anna.say("/oper admin secret")
    anna.click("Mostra le stanze")
    anna.click("Cura del server")
    for section in ("Persone", "Stanze", "Bandi", "Inviti", "File", "Emergenza", "Registro"):
        anna.click(section, "dialog")
        until(lambda: anna.browser.evaluate("document.querySelector('.admin-sections [aria-current]').textContent") == section, section)
        assert anna.violations() == [], section
        assert anna.browser.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than the screen"
