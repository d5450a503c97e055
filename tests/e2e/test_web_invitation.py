"""Invited: an operator makes a link in the browser, somebody opens it, and is in, without typing anything; with a password they have an account."""

import re

import pytest

from loggia.waiting import until
from loggia.web_client import WebClient

OPERATOR = {"name": "admin", "class": "admin", "password": "secret"}


@pytest.fixture
def server(make_server):
    return make_server(tables={"accounts": {"password_hash": "test", "registration": "invite"}}, operators=[OPERATOR])


@pytest.fixture
def browser(tmp_path, closing):
    return lambda name, **how: closing(WebClient(tmp_path / f"browser-{name}", **how))


@pytest.fixture
def invited(server, browser):
    """The part of a link behind the address, as an operator made it, for one person; and the operator."""
    anna = browser("anna").enter(f"http://127.0.0.1:{server.port}/", "anna")
    anna.say("/oper admin secret")
    until(lambda: anna.is_there("Look after the server"), anna.text)
    anna.say("/join #kitchen")
    until(lambda: anna.is_there("Write to #kitchen"), anna.text)
    anna.click("Bring somebody here")
    assert anna.violations() == []
    anna.click("Make an invitation")
    link = until(lambda: anna.browser.evaluate("document.querySelectorAll('.share-link')[1]?.value"), anna.text)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#join\?room=%23kitchen&token=[a-z0-9]+(-[a-z0-9]+)+", link), link
    until(lambda: anna.browser.evaluate("[...document.querySelectorAll('.code')].every(code => code.naturalWidth > 100)"), "both codes")
    assert anna.violations() == []
    return anna, "#" + link.split("#")[1]


def test_a_guest_needs_no_word_and_no_typing(server, browser, invited):
    anna, link = invited
    bruno = browser("bruno").open(f"http://127.0.0.1:{server.port}/{link}")
    until(lambda: bruno.is_there("Your name"), bruno.text)
    bruno.sees("You are invited")
    assert bruno.violations() == []
    bruno.browser.press("Enter")
    bruno.until_here()
    until(lambda: bruno.is_there("Write to #kitchen"), bruno.text)
    bruno.sees("guest")
    # The word waits, in case an account is wanted later.
    bruno.click("Log in")
    bruno.click("I have no account yet")
    until(lambda: bruno.browser.evaluate("[...document.querySelectorAll('dialog input')].some(field => /^[a-z0-9-]{20,}$/.test(field.value))"), bruno.text)
    bruno.fill("Password", "correct horse battery")
    bruno.browser.press("Enter")
    bruno.sees("logged in as ", 30)


def test_with_a_password_the_account_is_made_and_the_word_is_used_up(server, browser, invited):
    anna, link = invited
    dora = browser("dora", language="it").open(f"http://127.0.0.1:{server.port}/{link}")
    until(lambda: dora.is_there("Il tuo nome"), dora.text)
    dora.fill("Il tuo nome", "dora")
    dora.fill("Una password, se vuoi un account", "correct horse battery")
    dora.browser.press("Enter")
    dora.until_here()
    dora.sees("dora", 30)
    until(lambda: "account" in dora.browser.evaluate("document.querySelector('.me').textContent") or "dora" in dora.browser.evaluate("document.querySelector('.me small').textContent"), dora.text, 30)
    until(lambda: '"clientKey"' in dora.browser.evaluate("localStorage['loggia.preferences'] ?? ''"), "the keys for the next time", 30)
    assert "correct horse" not in dora.browser.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    # One word, one account: the next one is told so, plainly, and may come in as a guest.
    eva = browser("eva").open(f"http://127.0.0.1:{server.port}/{link}")
    until(lambda: eva.is_there("Your name"), eva.text)
    eva.fill("Your name", "eva")
    eva.fill("A password, if you want an account", "correct horse battery")
    eva.browser.press("Enter")
    eva.sees("This invitation does not hold, or is used up.")
    eva.sees("You can come in as a guest")
    assert eva.violations() == []
    eva.focus("A password, if you want an account")
    eva.browser.evaluate("document.activeElement.select()")
    eva.browser.press("Backspace")
    eva.browser.press("Enter")
    eva.until_here()
    eva.sees("guest")


def test_an_invitation_is_revoked(server, browser, invited):
    anna, link = invited
    anna.browser.press("Escape")
    anna.click("Look after the server")
    anna.click("Invitations", "dialog")
    anna.click("Revoke", ".admin-list")
    anna.sees("Another one would have another link.")
    assert anna.violations() == []
    anna.browser.press("Enter")
    until(lambda: not anna.browser.evaluate("!!document.querySelector('.admin-acts') && [...document.querySelectorAll('.admin-list button')].some(button => button.textContent === 'Revoke')"), anna.text)
    eva = browser("eva").open(f"http://127.0.0.1:{server.port}/{link}")
    until(lambda: eva.is_there("Your name"), eva.text)
    eva.fill("A password, if you want an account", "correct horse battery")
    eva.browser.press("Enter")
    eva.sees("This invitation does not hold, or is used up.")
