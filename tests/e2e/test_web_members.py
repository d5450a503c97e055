"""What one can do about others in the browser: ranks, bans, quiet rooms; and how the page goes by what people need."""

import json

import pytest

from loggia.waiting import until
from loggia.web_client import WebClient


@pytest.fixture
def anna(server, tmp_path, closing):
    person = closing(WebClient(tmp_path / "browser"))
    return person.enter(f"http://127.0.0.1:{server.port}/", "anna")


def make_room(person, name):
    person.click("Enter or make a room")
    person.fill("Name of the room", name)
    person.browser.press("Enter")
    until(lambda: person.is_there(f"Write to #{name}"), person.text)


def choose(person, label, value):
    """Chooses an answer of a list, as a person does by its keys."""
    person.focus(label)
    person.browser.evaluate(
        f"(list => {{ list.value = {json.dumps(value)}; list.dispatchEvent(new Event('change', {{bubbles: true}})); }})(document.activeElement)"
    )


def count(person, room):
    """What stands behind the name of a room in the list."""
    return person.browser.evaluate(
        f"[...document.querySelectorAll('.rooms .room')].find(room => room.querySelector('.room-name').textContent === {json.dumps(room)})"
        "?.querySelector('.count')?.textContent ?? ''"
    )


def test_ranks_are_given_and_who_is_banned_is_let_in_again(anna, irc):
    make_room(anna, "kitchen")
    eve = irc("eve")
    eve.join("#kitchen")
    anna.click("eve", ".members")
    for act, change, undo, back in (
        ("Make an operator", "+o", "No longer an operator", "-o"),
        ("Give voice", "+v", "Take voice", "-v"),
    ):
        anna.click(act)
        eve.expect("MODE", rf"#kitchen \{change} eve")
        anna.click(undo)
        eve.expect("MODE", rf"#kitchen {back} eve")
    anna.click("Put out and ban")
    anna.sees("Put eve out and keep them out?")
    anna.fill("Reason", "Dinner is over")
    anna.browser.press("Enter")
    eve.expect("KICK", "Dinner is over")
    eve.send("JOIN #kitchen")
    eve.expect("474", "#kitchen")
    anna.click("About this conversation")
    until(lambda: anna.is_there("Let in again"), anna.text)
    anna.sees("eve!*@*")
    assert anna.violations() == []
    anna.click("Let in again")
    anna.sees("in again?")
    anna.browser.press("Enter")
    until(lambda: not anna.is_there("Let in again"), anna.text)
    eve.join("#kitchen")


def test_a_rule_of_the_room_is_set(anna, irc):
    make_room(anna, "kitchen")
    eve = irc("eve")
    eve.join("#kitchen")
    anna.click("About this conversation")
    choose(anna, "Only who is invited comes in", "yes")
    eve.expect("MODE", r"#kitchen \+i")
    eve.send("PART #kitchen", "JOIN #kitchen")
    eve.expect("473", "#kitchen")


def test_a_room_is_quiet_and_somebody_is_ignored(anna, irc):
    eve, frank = irc("eve"), irc("frank")
    for person in (eve, frank):
        person.join("#piazza")
    make_room(anna, "kitchen")
    eve.say("#piazza", "anna: are you there?")
    until(lambda: count(anna, "piazza").startswith("1"), anna.text)
    anna.click("piazza", ".rooms")
    anna.sees("are you there?")
    anna.click("About this conversation")
    choose(anna, "Tell me about", "nothing")
    anna.browser.press("Escape")
    anna.click("eve", ".members")
    anna.click("Ignore")
    until(lambda: anna.is_there("Stop ignoring"), anna.text)
    eve.say("#piazza", "anna: look at this")
    frank.say("#piazza", "anna: and at this")
    anna.sees("and at this")
    anna.sees_no_more("look at this")
    anna.click("kitchen", ".rooms")
    frank.say("#piazza", "anna: and now?")
    # A room that is not quiet tells of what comes after it.
    frank.say("anna", "in private, then")
    until(lambda: count(anna, "frank").startswith("1"), anna.text)
    assert count(anna, "piazza") == ""


def test_a_page_for_who_needs_less_motion_and_larger_letters(anna):
    size = "parseFloat(getComputedStyle(document.querySelector('#composer')).fontSize)"
    before = anna.browser.evaluate(size)
    anna.browser.command("Page.setFontSizes", fontSizes={"standard": 32, "fixed": 26})
    until(lambda: anna.browser.evaluate(size) >= 1.9 * before, lambda: f"{anna.browser.evaluate(size)} px instead of {before}")
    assert anna.browser.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing is wider than the window"
    moves = (
        "[...document.querySelectorAll('*')].map(element => getComputedStyle(element))"
        ".filter(style => parseFloat(style.transitionDuration) > 0 || style.animationName !== 'none').length"
    )
    assert anna.browser.evaluate(moves) > 0
    anna.browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-reduced-motion", "value": "reduce"}])
    until(lambda: anna.browser.evaluate(moves) == 0, lambda: f"{anna.browser.evaluate(moves)} still move")
