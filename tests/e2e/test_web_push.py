"""The page in Chromium is notified while it is closed, by a push service that is made for tests.

Chromium's own push service is a vendor's, on the internet. So the page's `PushManager` answers with a subscription at the
test's service, whose keys the test has; what arrives there encrypted is decrypted by the test as the browser would, and
given to the service worker by Chromium.
"""

import json

import pytest

from loggia.push_service import Device, PushService
from loggia.irc_client import Line
from loggia.service_worker import ServiceWorker
from loggia.waiting import stays_false, until
from loggia.web_client import ROOT, WebClient

TEXTS = {name: json.loads((ROOT / "web" / "src" / "texts" / f"{name}.json").read_text(encoding="utf-8")) for name in ("en", "it")}
EN = TEXTS["en"]

# `window.pushed` is what the page has asked the browser for.
SUBSCRIBED = """if ("PushManager" in window) {
    window.pushed = {keys: [], ended: 0};
    let subscription = null;
    PushManager.prototype.getSubscription = async () => subscription;
    PushManager.prototype.subscribe = async ({userVisibleOnly, applicationServerKey}) => {
        if (!userVisibleOnly) throw new DOMException("silent", "NotAllowedError");
        window.pushed.keys.push(applicationServerKey);
        return subscription = {
            toJSON: () => (%s),
            unsubscribe: async () => { window.pushed.ended += 1; subscription = null; return true; },
        };
    };
}"""
REFUSED = """if ("PushManager" in window)
    PushManager.prototype.subscribe = async () => { throw new DOMException("no", "%s"); };"""


@pytest.fixture
def service(tmp_path, closing):
    return closing(PushService(tmp_path / "push"))


@pytest.fixture
def settings(service):
    """Of a server that believes the service's certificate and may reach this machine."""
    push = {"allow_addresses": ["127.0.0.0/8", "::1"], "delay_seconds": 0}
    return {
        "tables": {"accounts": {"password_hash": "test"}, "push": push},
        "environment": {"SSL_CERT_FILE": str(service.certificate.cert), "SSL_CERT_DIR": ""},
    }


@pytest.fixture
def server(make_server, settings):
    return make_server(**settings)


@pytest.fixture
def browser(tmp_path, closing):
    """A browser whose person allows notifications to `origin`, with this script before each page's own."""

    def begin(origin, script, allowed=True, **how):
        person = closing(WebClient(tmp_path / "browser", **how))
        person.browser.command("Page.enable")
        person.browser.command("Page.addScriptToEvaluateOnNewDocument", source=script)
        if allowed:
            person.browser.command("Browser.grantPermissions", origin=origin, permissions=["notifications"])
        return person

    return begin


def origin_of(server):
    return f"http://127.0.0.1:{server.port}"


def subscription_of(device):
    keys = dict(part.split("=", 1) for part in device.keys.split(";"))
    return json.dumps({"endpoint": device.endpoint, "keys": keys})


def make_account(person, texts=EN):
    person.click(texts["me.login"])
    person.click(texts["account.haveNone"])
    person.fill(texts["account.password"], "correct horse battery")
    person.browser.press("Enter")
    person.sees(texts["me.account"].format(account="anna"), 30)
    until_no_dialog(person)


def until_no_dialog(person):
    until(lambda: not person.browser.evaluate("!!document.querySelector('dialog')"), person.text)


def open_settings(person, texts=EN):
    person.click("anna", ".rooms-foot")
    until(lambda: person.is_there(texts["push.switch"], "dialog"), person.text)


def switch(person, name):
    """Whether a switch is on, and whether it can be pressed."""
    box = f"[...document.querySelectorAll('dialog .switch')].find(box => box.labels[0].textContent === {json.dumps(name)})"
    return person.browser.evaluate(f"(box => [box.checked, !box.disabled])({box})")


def until_switched(person, texts=EN):
    kept = "JSON.parse(localStorage['loggia.preferences'] ?? '{}').push"
    until(lambda: person.browser.evaluate(kept) == "anna", lambda: (person.browser.evaluate(kept), person.text()))


@pytest.mark.timeout(120)
def test_a_closed_page_is_notified(server, service, irc, browser, closing):
    origin = origin_of(server)
    laptop = Device(service, "laptop")
    bob = irc("bob", ["away-notify", "draft/webpush", "message-tags"])
    bob.join("#piazza")
    anna = browser(origin, SUBSCRIBED % subscription_of(laptop)).enter(origin + "/", "anna")
    # A guest is told why not.
    open_settings(anna)
    anna.sees(EN["push.why.account"])
    assert switch(anna, EN["push.switch"]) == [False, False]
    assert anna.violations() == []
    anna.browser.press("Escape")
    until_no_dialog(anna)
    make_account(anna)
    open_settings(anna)
    until(lambda: switch(anna, EN["push.switch"]) == [False, True], anna.text)
    anna.sees(EN["push.about"])
    anna.click(EN["push.switch"], "dialog")
    until_switched(anna)
    # The one switch brings the other: who is to be told anything stays.
    until(lambda: switch(anna, EN["push.stay"]) == [True, True], anna.text)
    assert switch(anna, EN["push.switch"]) == [True, True]
    assert anna.violations() == []
    vapid = next(word for line in bob.burst for word in line.parameters if word.startswith("VAPID="))
    until(lambda: anna.browser.evaluate("window.pushed.keys") == [vapid.removeprefix("VAPID=")], "the server's key")
    anna.browser.press("Escape")
    until_no_dialog(anna)
    anna.say("going home")
    bob.expect("PRIVMSG", "going home")
    worker = closing(ServiceWorker(anna.browser, origin))
    until(lambda: anna.browser.evaluate("caches.has('loggia-told')"), "what the worker is told")

    # The page is closed; anna stays, and hears of it.
    anna.open("about:blank")
    bob.expect("AWAY")
    bob.send("PRIVMSG anna :perché \x02no\x02? \x0304☕")
    [line] = laptop.hears()
    assert (Line(line).nick, Line(line).parameters) == ("bob", ["anna", "perché \x02no\x02? \x0304☕"])
    worker.is_pushed(line)
    bob.send("PRIVMSG #piazza :Anna, <b>tea</b>?")
    worker.is_pushed(laptop.hears(2)[1])
    bob.send("JOIN #cake", "INVITE anna #cake")
    worker.is_pushed(laptop.hears(3)[2])
    # A page of the same site that is not the client.
    anna.open(origin + "/join")
    expected = [["bob", "perché no? ☕", "bob"], ["bob · #piazza", "Anna, <b>tea</b>?", "#piazza"], ["#cake", "bob invites you to #cake", "#cake"]]
    until(lambda: sorted(worker.notified()) == sorted(expected), worker.notified)

    # What the notification opens is the conversation; what is read there is taken away on all devices.
    anna.open(origin + "/#talk?with=bob")
    until(lambda: anna.is_there("Write to bob"), anna.text)
    anna.sees("perché no? ☕")
    read = laptop.hears(4)[3]
    assert Line(read).command == "MARKREAD" and Line(read).parameters[0] == "bob"
    worker.is_pushed(read)
    until(lambda: ["#cake", "#piazza"] == sorted(tag for *_, tag in worker.shown()), worker.shown)
    # The new page has told the server of the device again.
    assert anna.browser.evaluate("window.pushed.keys.length") == 1

    # Of what is looked at nothing is shown.
    anna.browser.command("Page.bringToFront")
    worker.is_pushed(":bob!~bob@host PRIVMSG anna :you see this")
    worker.is_pushed(":carl!~carl@host PRIVMSG anna :but not this")
    until(lambda: "carl" in [tag for *_, tag in worker.notified()], worker.notified)
    focused = anna.browser.evaluate("document.hasFocus()")
    stays_false(lambda: focused and "you see this" in [text for _, text, _ in worker.notified()], worker.notified, 1)

    # Switched off, nothing comes any more.
    open_settings(anna)
    anna.click(EN["push.switch"], "dialog")
    until(lambda: anna.browser.evaluate("window.pushed.ended") == 1, "the end of the subscription")
    anna.browser.press("Escape")
    until_no_dialog(anna)
    anna.click("piazza", ".rooms")
    until(lambda: anna.is_there("Write to #piazza"), anna.text)
    anna.say("no more of it")
    bob.expect("PRIVMSG", "no more of it")
    bob.send("PRIVMSG anna :into the void")
    anna.sees("bob")
    count = len(laptop.told)
    stays_false(lambda: len(laptop.told) > count or any("into the void" in told for told in laptop.told), lambda: laptop.told, 1)


@pytest.mark.parametrize(
    "name, key",
    [("AbortError", "refusal.WEBPUSH.NO_SERVICE"), ("NotAllowedError", "refusal.WEBPUSH.DENIED")],
    ids=["no push service", "forbidden"],
)
def test_a_browser_that_refuses_says_why(server, browser, name, key):
    texts = TEXTS["it"]
    anna = browser(origin_of(server), REFUSED % name, language="it").enter(origin_of(server) + "/", "anna")
    make_account(anna, texts)
    open_settings(anna, texts)
    until(lambda: switch(anna, texts["push.switch"]) == [False, True], anna.text)
    anna.click(texts["push.switch"], "dialog")
    anna.sees(texts[key])
    assert switch(anna, texts["push.switch"]) == [name == "AbortError", True]
    assert anna.violations() == []


def test_a_device_too_many_is_said(make_server, settings, service, browser):
    settings["tables"]["push"]["subscriptions_per_account"] = 1
    server = make_server(**settings)
    anna = browser(origin_of(server), SUBSCRIBED % subscription_of(Device(service, "laptop"))).enter(origin_of(server) + "/", "anna")
    make_account(anna)
    # The person's telephone was there first: what one connection says is done in order.
    phone = Device(service, "phone")
    anna.say(f"/raw WEBPUSH REGISTER {phone.endpoint} {phone.keys}")
    open_settings(anna)
    anna.click(EN["push.switch"], "dialog")
    anna.sees(EN["refusal.WEBPUSH.TOO_MANY_SUBSCRIPTIONS"])
    until(lambda: switch(anna, EN["push.switch"]) == [True, True], anna.text)
    assert anna.violations() == []


def test_permission_that_is_denied_is_said(server, browser):
    anna = browser(origin_of(server), "", allowed=False)
    anna.browser.command("Browser.setPermission", permission={"name": "notifications"}, setting="denied", origin=origin_of(server))
    anna.enter(origin_of(server) + "/", "anna")
    make_account(anna)
    open_settings(anna)
    anna.sees(EN["settings.notificationsRefused"])
    anna.click(EN["push.switch"], "dialog")
    until(lambda: switch(anna, EN["push.switch"]) == [False, True], anna.text)


def test_a_server_without_push_and_an_insecure_page_say_so(make_server, settings, browser):
    settings["tables"]["push"]["enabled"] = False
    server = make_server(**settings)
    anna = browser(origin_of(server), "", arguments=["--host-resolver-rules=MAP chat.test 127.0.0.1"])
    anna.enter(origin_of(server) + "/", "anna")
    open_settings(anna)
    anna.sees(EN["push.why.server"])
    assert switch(anna, EN["push.switch"]) == [False, False]
    anna.enter(f"http://chat.test:{server.port}/", "anna2")
    open_settings(anna)
    anna.sees(EN["push.why.insecure"])
    assert switch(anna, EN["push.switch"]) == [False, False]
