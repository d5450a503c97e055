"""For everybody: axe finds nothing on any screen with anything open; an evening by keyboard only; installing and notifications, or why not."""

import json

import pytest

from loggia.waiting import until
from loggia.web_client import ROOT, WebClient

OPERATOR = {"name": "admin", "class": "admin", "password": "secret"}
TEXTS = {
    name: json.loads((ROOT / "web" / "src" / "texts" / f"{name}.json").read_text(encoding="utf-8"))
    for name in ("en", "it")
}


@pytest.fixture
def server(make_server):
    return make_server(tables={"accounts": {"password_hash": "test"}}, operators=[OPERATOR])


@pytest.fixture
def browser(tmp_path, closing):
    return lambda name, **how: closing(WebClient(tmp_path / f"browser-{name}", **how))


@pytest.mark.timeout(180)
@pytest.mark.parametrize(
    "how",
    [{}, {"dark": True}, {"phone": True, "language": "it"}, {"phone": True, "dark": True, "language": "it"}],
    ids=["light", "dark", "phone-it", "phone-dark-it"],
)
def test_axe_finds_nothing_on_any_screen(server, browser, irc, how, tmp_path):
    texts = TEXTS[how.get("language", "en")]
    is_phone = how.get("phone", False)
    eve = irc("eve", ["message-tags"])
    eve.join("#piazza")
    eve.say("#piazza", "hello **there** `code` https://example.org")
    eve.send("TOPIC #piazza :What is for dinner")
    anna = browser("anna", **how).open(f"http://127.0.0.1:{server.port}/#join?room=%23piazza&token=abcd-efgh")

    def sound(where):
        assert anna.violations() == [], where
        wide = anna.browser.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], (where, wide)
        dialog = anna.browser.evaluate("document.querySelector('dialog')?.getBoundingClientRect().width ?? innerWidth")
        assert not is_phone or dialog == wide[1], (where, "a dialog takes the width of a phone", dialog)
        anna.browser.screenshot(tmp_path / f"{where}.png")

    def closed():
        anna.browser.evaluate("document.querySelector('dialog [aria-label=\"" + texts["close"] + "\"]')?.click()")
        until(lambda: not anna.browser.evaluate("!!document.querySelector('dialog')"), "the dialog to close")

    def sidebar():
        if is_phone:
            anna.click(texts["head.rooms"], ".head")

    until(lambda: anna.is_there(texts["name.label"]), anna.text)
    sound("coming in, invited")
    anna.fill(texts["name.label"], "an na!")
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("!!document.querySelector('[role=alert]')"), anna.text)
    sound("a name that cannot be")
    anna.fill(texts["name.label"], "anna")
    anna.browser.press("Enter")
    anna.until_here()
    anna.say("hi eve :smile:")
    anna.say("/oper admin secret")
    anna.say("/nosuchcommand")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.notice-card')"), anna.text)
    sound("a conversation, with a word to the person")
    anna.browser.evaluate("document.querySelector('#composer').focus()")
    anna.browser.type("/me")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.completion')"), anna.text)
    sound("completion")
    anna.browser.press("Escape")
    anna.browser.evaluate("document.querySelector('#composer').select()")
    anna.browser.press("Backspace")
    anna.click(texts["emoji.label"])
    until(lambda: anna.browser.evaluate("!!document.querySelector('.emoji-picker')"), anna.text)
    sound("the emoji picker")
    anna.browser.press("Escape")
    anna.on("hello there", texts["row.reply"])
    sound("replying")
    anna.browser.press("Escape")
    anna.on("hello there", texts["row.react"])
    until(lambda: anna.browser.evaluate("!!document.querySelector('.emoji-picker')"), anna.text)
    sound("reacting")
    anna.browser.press("Escape")
    anna.click(texts["search.title"])
    anna.fill(texts["search.words"], "hello")
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.results li')"), anna.text)
    sound("search")
    anna.browser.press("Escape")
    if is_phone:
        anna.click(texts["members.label"])
    anna.click("eve", ".members")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.member-menu')"), anna.text)
    anna.click(texts["members.ban"], ".member-menu")
    sound("a member, about to be banned")
    anna.click(texts["cancel"], ".member-menu")
    anna.click(texts["members.whois"], ".member-menu")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.whois dt')"), anna.text)
    sound("who is this")
    closed()
    if is_phone:
        anna.click(texts["close"], ".members")
    for label in ("share.title", "room.settings"):
        anna.click(texts[label], ".head")
        until(lambda: anna.browser.evaluate("!!document.querySelector('dialog')"), label)
        sound(label)
        closed()
    for label, within in (("rooms.add", ".rooms"), ("me.login", ".rooms"), ("admin.title", ".rooms")):
        sidebar()
        anna.click(texts[label], within)
        until(lambda: anna.browser.evaluate("!!document.querySelector('dialog')"), label)
        sound(label)
        if label == "me.login":
            anna.click(texts["account.haveNone"])
            sound("signing up")
        if label == "admin.title":
            for section in ("rooms", "bans", "invitations", "raid", "journal"):
                anna.click(texts[f"admin.{section}"], ".admin-sections")
                sound(f"admin.{section}")
        closed()
    sidebar()
    anna.click("anna", ".rooms-foot")
    until(lambda: anna.browser.evaluate("!!document.querySelector('dialog')"), "settings")
    sound("settings")
    anna.click(texts["help.title"])
    sound("help")
    closed()
    server.stop()
    until(lambda: anna.browser.evaluate("!!document.querySelector('.connection')"), anna.text)
    sound("without a connection")


# What a person who listens is told of an element.
CALLED = """element => {
    const copy = element.cloneNode(true);
    copy.querySelectorAll("[aria-hidden=true]").forEach(hidden => hidden.remove());
    return (element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? copy.textContent).trim();
}"""


def tabs_to(person, name, most=60):
    """Presses Tab until what has this name has the focus."""
    where = f"({CALLED})(document.activeElement)"
    seen = []
    for _ in range(most):
        person.browser.press("Tab")
        seen.append(person.browser.evaluate(where))
        if seen[-1].startswith(name):
            outline = person.browser.evaluate("(style => style.outlineStyle !== 'none' || style.boxShadow !== 'none' || style.borderColor)(getComputedStyle(document.activeElement))")
            assert outline, f"{name} does not show that it has the focus"
            return
    raise AssertionError(f"{name!r} is not reached by Tab: {seen}")


@pytest.mark.timeout(180)
def test_an_evening_by_keyboard_only(server, browser, irc):
    eve = irc("eve", ["message-tags", "echo-message"])
    eve.join("#piazza")
    anna = browser("anna").open(f"http://127.0.0.1:{server.port}/")
    until(lambda: anna.browser.evaluate("document.activeElement?.tagName") == "INPUT", "the name to have the focus")
    anna.browser.evaluate("document.activeElement.select()")
    anna.browser.type("anna")
    anna.browser.press("Enter")
    anna.until_here()
    until(lambda: anna.browser.evaluate("document.activeElement.id") == "composer", "the composer to have the focus")
    anna.browser.type("good evening")
    anna.browser.press("Enter")
    eve.expect("PRIVMSG", "good evening")
    eve.say("#piazza", "good evening anna")
    anna.sees("good evening anna")
    # Into the messages: arrows move, R replies, + reacts.
    tabs = anna.browser.evaluate("document.querySelector('.list').tabIndex")
    assert tabs == 0
    anna.browser.evaluate("document.querySelector('.list').focus()")
    anna.browser.press("ArrowUp")
    until(lambda: anna.browser.evaluate("document.activeElement.classList.contains('row')"), "a message to have the focus")
    anna.browser.press("+")
    eve.expect("TAGMSG", "#piazza")
    anna.browser.press("r")
    anna.sees("Reply to eve")
    until(lambda: anna.browser.evaluate("document.activeElement.id") == "composer", "the composer to have the focus again")
    anna.browser.type("how are you")
    anna.browser.press("Enter")
    eve.expect("PRIVMSG", "how are you")
    # A room of one's own, by the dialog; it gives the focus back.
    tabs_to(anna, "Enter or make a room")
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("document.activeElement.tagName") == "INPUT", "the name of the room")
    anna.browser.type("kitchen")
    anna.browser.press("Enter")
    until(lambda: anna.is_there("Write to #kitchen"), anna.text)
    # A member is looked at and ignored, without a mouse.
    tabs_to(anna, "piazza")
    anna.browser.press("Enter")
    until(lambda: anna.is_there("Write to #piazza"), anna.text)
    tabs_to(anna, "eve")
    anna.browser.press("Enter")
    tabs_to(anna, "Ignore")
    anna.browser.press("Space")
    until(lambda: anna.is_there("Stop ignoring"), anna.text)
    anna.browser.press("Space")
    until(lambda: not anna.is_there("Stop ignoring"), anna.text)
    # Settings: another language, Escape closes, and the focus is where it was.
    tabs_to(anna, "anna")
    anna.browser.press("Enter")
    anna.sees("Settings")
    tabs_to(anna, "Full name")
    anna.browser.type("Anna Rossi")
    anna.browser.press("Enter")
    anna.sees("Anna Rossi")
    tabs_to(anna, "Search")
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("document.activeElement.type") == "search", "the words to look for")
    anna.browser.type("evening")
    anna.browser.press("Enter")
    anna.sees("2 messages")
    tabs_to(anna, "eve")
    anna.browser.press("Enter")
    until(lambda: anna.browser.evaluate("!!document.querySelector('.row.highlighted')"), anna.text)
    # Leaving the room is behind its settings.
    tabs_to(anna, "About this conversation")
    anna.browser.press("Enter")
    tabs_to(anna, "Leave this room")
    anna.browser.press("Enter")
    eve.expect("PART", "#piazza")


NOTED = """if ("ServiceWorkerRegistration" in window) {
    window.notified = [];
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = async function (title, how) {
        await show.call(this, title, how);
        window.notified.push([title, how.body, how.tag]);
    };
}"""


def test_a_secure_page_is_installed_and_notifies(server, browser, irc):
    eve = irc("eve", ["message-tags"])
    eve.join("#piazza")
    anna = browser("anna")
    anna.open(f"http://127.0.0.1:{server.port}/")
    origin = anna.browser.evaluate("location.origin")
    anna.browser.command("Browser.grantPermissions", origin=origin, permissions=["notifications"])
    # Chromium forgets a notification when it is asked which there are while it is about to show it: the page notes them.
    anna.browser.command("Page.addScriptToEvaluateOnNewDocument", source=NOTED)
    anna.enter(origin + "/", "anna")
    anna.browser.evaluate("navigator.serviceWorker.ready.then(() => true)")
    trouble = until(lambda: [anna.browser.command("Page.getInstallabilityErrors")["installabilityErrors"]], "the browser's word")[0]
    assert [error["errorId"] for error in trouble if error["errorId"] not in ("in-incognito",)] == [], trouble
    manifest = anna.browser.command("Page.getAppManifest")
    assert manifest["errors"] == [] and json.loads(manifest["data"])["display"] == "standalone", manifest
    anna.click("anna", ".rooms-foot")
    anna.click("Notifications", "dialog")
    until(lambda: anna.browser.evaluate("JSON.parse(localStorage['loggia.preferences'] ?? '{}').notifications === true"), "the choice to be kept")
    anna.browser.press("Escape")
    # Another room is looked at, and somebody calls: the device says so, and opens the conversation.
    eve.send("PRIVMSG anna :are you there?")
    shown = "window.notified"
    until(lambda: anna.browser.evaluate(shown) == [["eve", "are you there?", "eve"]], lambda: anna.browser.evaluate(shown))
    # Per room: nothing at all, every message.
    eve.send("PRIVMSG #piazza :nobody in particular")
    anna.sees("nobody in particular")
    anna.say("/msg eve yes")
    until(lambda: anna.is_there("Write to eve"), anna.text)
    eve.send("PRIVMSG #piazza :anna, are you here?")
    until(lambda: ["eve · #piazza", "anna, are you here?", "#piazza"] in anna.browser.evaluate(shown), lambda: anna.browser.evaluate(shown))
    anna.click("piazza", ".rooms")
    anna.click("About this conversation")
    anna.browser.evaluate("(select => { select.value = 'nothing'; select.dispatchEvent(new Event('change', {bubbles: true})); })(document.querySelector('dialog select'))")
    anna.browser.press("Escape")
    anna.click("eve", ".rooms")
    eve.send("PRIVMSG #piazza :anna, nothing of this is told")
    eve.send("PRIVMSG anna :but this is")
    anna.sees("but this is")
    assert "nothing of this" not in json.dumps(anna.browser.evaluate(shown))
    # Without the server the page is there all the same, and says that it waits.
    server.stop()
    anna.browser.open(origin + "/")
    anna.sees("No connection", 20)


def test_an_insecure_page_says_what_it_cannot(server, browser):
    anna = browser("anna", arguments=["--host-resolver-rules=MAP chat.test 127.0.0.1"])
    anna.enter(f"http://chat.test:{server.port}/", "anna")
    assert anna.browser.evaluate("isSecureContext") is False
    anna.say("by name, without encryption")
    anna.sees("by name, without encryption")
    anna.click("anna", ".rooms-foot")
    anna.sees("Browsers allow notifications on encrypted pages (https) only.")
    anna.sees("Installing as an app needs an encrypted page")
    assert anna.browser.evaluate("document.querySelector('dialog [type=checkbox]:disabled') !== null")
    assert anna.browser.evaluate("document.querySelector('link[rel=manifest]')") is None
    # An account all the same: SCRAM needs nothing that such a page lacks.
    anna.browser.press("Escape")
    anna.click("Log in")
    anna.click("I have no account yet")
    anna.sees("This page is not encrypted")
    anna.fill("Password", "correct horse battery")
    anna.browser.press("Enter")
    anna.sees("logged in as anna", 30)
