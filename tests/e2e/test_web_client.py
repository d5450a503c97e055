"""The browser client in Chromium, with `nc` and an IRC client in the same room."""

import re

import pytest

from loggia.irc_client import IrcClient
from loggia.waiting import until
from loggia.web_client import WebClient


@pytest.fixture
def web(tmp_path, closing, request):
    """Opens a browser for one person; `at` is a server."""
    people = []

    def enter(at, name, link="", enters=True, **how):
        person = closing(WebClient(tmp_path / f"browser-{name}", **how))
        people.append((name, person))
        address = f"http://127.0.0.1:{at.port}/{link}"
        return person.enter(address, name) if enters else person.open(address)

    yield enter
    for name, person in people:
        try:
            person.browser.screenshot(tmp_path / f"{name}.png")
        except (AssertionError, OSError):
            pass


def test_two_browsers_nc_and_an_irc_client_talk(server, web, irc, nc):
    anna, bruno = web(server, "anna"), web(server, "bruno")
    carla = irc("carla", ["message-tags", "echo-message"])
    carla.join("#piazza")
    dora = nc()
    dora.wait_for("Salve!")
    dora.type("dora")
    anna.sees("dora")
    anna.say("Ciao a tutti!")
    for text in ("Ciao a tutti!",):
        bruno.sees(text)
        carla.expect("PRIVMSG", text)
        until(lambda: f"anna: {text}" in dora.text, lambda: dora.text)
    dora.type("all I have is nc")
    carla.say("#piazza", "and I have **irssi**")
    for person in (anna, bruno):
        person.sees("all I have is nc")
        person.sees("and I have irssi")
    # Reply, react, edit, delete: by the buttons of a message.
    bruno.on("Ciao a tutti!", "Reply")
    bruno.say("Ciao Anna")
    answer = carla.expect("PRIVMSG", "Ciao Anna")
    assert "+draft/reply" in answer.tags
    until(lambda: anna.browser.evaluate("document.querySelector('.reply-line')?.innerText.includes('Ciao a tutti!')"), anna.text)
    anna.on("Ciao Anna", "React with 👍")
    until(lambda: bruno.browser.evaluate("document.querySelector('.reaction')?.innerText.includes('👍')"), bruno.text)
    anna.on("Ciao a tutti!", "Edit")
    anna.browser.evaluate("document.querySelector('#composer').select()")
    anna.say("Ciao a tutte e tutti!")
    bruno.sees("Ciao a tutte e tutti!")
    bruno.sees("edited")
    anna.say("a mistake")
    bruno.sees("a mistake")
    anna.on("a mistake", "Delete")
    anna.click("Delete for everybody?")
    bruno.sees("Deleted by anna")
    bruno.sees_no_more("a mistake")
    # Several lines are one message.
    anna.browser.evaluate("document.querySelector('#composer').focus()")
    anna.browser.type("one line\nand another")
    anna.browser.press("Enter")
    until(lambda: "one line\nand another" in "\n".join(bruno.messages()), bruno.messages)
    # Search finds it, in its context.
    bruno.click("Search")
    bruno.fill("Words to look for", "irssi")
    bruno.browser.press("Enter")
    bruno.sees("1 message")
    bruno.click("carla")
    until(lambda: bruno.browser.evaluate("!!document.querySelector('.row.highlighted')"), bruno.text)
    assert anna.violations() == [] and bruno.violations() == []


def test_what_is_written_offline_is_sent_once_and_in_order(server, web, irc):
    carla = irc("carla")
    carla.join("#piazza")
    anna = web(server, "anna")
    anna.say("before")
    carla.expect("PRIVMSG", "before")
    server.stop()
    anna.sees("No connection")
    anna.say("first, while away")
    anna.say("second, while away")
    anna.sees("Waiting for the connection")
    third = "third, with a link: https://example.org/ and #garden"
    anna.say(third)
    assert anna.violations() == []
    # The page is closed and opened again: what waits is still there. (A page that cannot be loaded cannot be reloaded.)
    server.start()
    anna.browser.open(f"http://127.0.0.1:{server.port}/")
    anna.until_here()
    reader = IrcClient(server.port, "reader", ["batch", "message-tags", "draft/chathistory"])
    reader.join("#piazza")

    def said():
        reader.send("CHATHISTORY LATEST #piazza * 50")
        return [line.parameters[1] for line in reader.collect_until("BATCH", " -") if line.command == "PRIVMSG"]

    until(lambda: third in said(), said)
    assert said() == ["before", "first, while away", "second, while away", third]
    until(lambda: not anna.browser.evaluate("!!document.querySelector('.pending')"), anna.text)
    # A server that dies in the middle: everything once, in order.
    for number in range(12):
        anna.say(f"number {number}")
        if number == 5:
            server.kill_9()
            server.start()
    anna.until_here()
    reader = IrcClient(server.port, "reader2", ["batch", "message-tags", "draft/chathistory"])
    reader.join("#piazza")
    until(lambda: "number 11" in said(), said, 40)
    assert [text for text in said() if text.startswith("number")] == [f"number {number}" for number in range(12)]
    # What waits for its answer stands below what has come, until the page knows that they are the same.
    until(lambda: not anna.browser.evaluate("!!document.querySelector('.pending')"), anna.text)
    assert [text for text in anna.messages() if text.startswith("number")] == [f"number {number}" for number in range(12)]


def test_a_page_that_is_reloaded_goes_on(server, web, irc):
    carla = irc("carla")
    carla.join("#piazza")
    anna = web(server, "anna")
    for text in ("one", "two", "three"):
        anna.say(text)
        carla.expect("PRIVMSG", text)
        until(lambda: not anna.browser.evaluate("!!document.querySelector('.pending')"), anna.text)
        anna.open(f"http://127.0.0.1:{server.port}/")
        anna.until_here()
    until(lambda: anna.messages() == ["one", "two", "three"], anna.messages)


def test_to_the_first_new_message_however_much_was_missed(server, web, irc):
    carla = irc("carla")
    carla.join("#piazza")
    anna = web(server, "anna")
    begun = anna.browser.evaluate("Date.now()")
    carla.say("#piazza", "before the holidays")
    anna.sees("before the holidays")
    read = "JSON.parse(localStorage.getItem('loggia.preferences'))?.read?.['#piazza'] ?? 0"
    until(lambda: anna.browser.evaluate(read) >= begun, "this device to know that it is read")
    anna.open("about:blank")
    carla.expect("QUIT")
    # More than a page of history holds.
    carla.send(*[f"PRIVMSG #piazza :missed {number}" for number in range(150)])
    carla.sync()
    anna.open(f"http://127.0.0.1:{server.port}/")
    anna.until_here()
    anna.sees("missed 149")
    anna.click("To the first new message")
    anna.sees("missed 0\n")
    lines = anna.text().split("\n")
    assert lines.index("before the holidays") < lines.index("New") < lines.index("missed 0") < lines.index("missed 1")
    until(lambda: not anna.is_there("To the first new message"), anna.text)
    anna.browser.evaluate("document.querySelector('.list').focus()")
    anna.browser.press("End")
    anna.sees("missed 149")
    assert not anna.is_there("To the first new message"), "it was seen"


def test_history_loads_upwards_and_keeps_its_place(server, web, irc):
    carla = irc("carla")
    carla.join("#piazza")
    for number in range(400):
        carla.send(f"PRIVMSG #piazza :message {number}")
    carla.sync()
    anna = web(server, "anna")
    anna.sees("message 399")
    top = "(list => { const edge = list.getBoundingClientRect().top; return [...list.querySelectorAll('.row')].map(row => [row.querySelector('.body')?.innerText, row.getBoundingClientRect().top - edge]).find(([text, top]) => text && top >= 0); })(document.querySelector('.list'))"
    for _ in range(60):
        anna.browser.evaluate("document.querySelector('.list').scrollTop -= 700")
        before = anna.browser.evaluate(top)
        until(lambda: anna.browser.evaluate("document.querySelector('.list').getAttribute('aria-busy')") != "true", anna.text)
        after = dict([anna.browser.evaluate(top)])
        if before[0] in after:
            assert abs(after[before[0]] - before[1]) < 3, (before, after)
        if "message 0" in anna.messages():
            break
    anna.sees("This is where it begins.")
    assert anna.browser.evaluate("document.querySelectorAll('.row').length") < 120, "only what is near is drawn"
    anna.browser.evaluate("document.querySelector('.list').focus()")
    anna.browser.press("End")
    anna.sees("message 399")


def test_signing_up_and_logging_in_keep_the_conversation(make_server, web):
    server = make_server(tables={"accounts": {"password_hash": "test"}})
    anna = web(server, "anna")
    anna.say("still here")
    anna.sees("still here")
    anna.click("Log in")
    anna.click("I have no account yet")
    anna.fill("Password", "correct horse battery")
    anna.browser.press("Enter")
    anna.sees("logged in as anna", 30)
    assert "still here" in anna.messages()
    until(lambda: '"clientKey"' in anna.browser.evaluate("localStorage['loggia.preferences'] ?? ''"), "the keys")
    assert "correct horse" not in anna.browser.evaluate("JSON.stringify({...localStorage, ...sessionStorage})")
    # The next visit begins logged in.
    anna.browser.open(f"http://127.0.0.1:{server.port}/")
    anna.sees("logged in as anna", 30)
    anna.click("anna", ".rooms-foot")
    anna.click("Log out")
    anna.click("Close")
    anna.sees("guest", 30)
    bruno = web(server, "bruno")
    bruno.click("Log in")
    bruno.fill("Account", "anna")
    bruno.fill("Password", "wrong horse")
    bruno.browser.press("Enter")
    bruno.sees("Name or password are not right.", 30)
    assert bruno.violations() == []
    bruno.fill("Password", "correct horse battery")
    bruno.browser.press("Enter")
    bruno.sees("logged in as anna", 30)


HOSTILE = [
    "<img src=x onerror=window.hurt=1>",
    "<script>window.hurt=1</script>",
    "javascript:window.hurt=1 https://x.example/\"onmouseover=\"window.hurt=1",
    "https://x.example/<svg/onload=window.hurt=1>",
    "**<b onclick=window.hurt=1>x</b>** `</code><script>window.hurt=1</script>`",
    "```</pre><script>window.hurt=1</script>```",
    "{{constructor.constructor('window.hurt=1')()}} ${window.hurt=1}",
    "\x02\x1d\x0399,99\x0fx\u202egnp.exe\u202c __proto__ constructor",
    "+" * 400,
    "\u0301" * 150,
]


def test_hostile_words_do_nothing(server, web, irc):
    eve = irc("eve[]^`|{}", ["message-tags", "batch", "draft/metadata-2"])
    eve.join("#piazza")
    eve.send("METADATA * SET display-name :<img src=x onerror=window.hurt=1>")
    eve.join("#<svg/onload=hurt=1>")
    eve.send("TOPIC #<svg/onload=hurt=1> :<img src=x onerror=window.hurt=1> javascript:window.hurt=1")
    anna = web(server, "anna", link="#join?room=%23%3Csvg%2Fonload%3Dhurt%3D1%3E")
    anna.sees("javascript:window.hurt=1")
    for text in HOSTILE:
        eve.say("#<svg/onload=hurt=1>", text)
    eve.send("@+draft/react=<script>window.hurt=1</script>;+draft/reply=x TAGMSG #<svg/onload=hurt=1>")
    eve.send("PRIVMSG anna :<iframe src=javascript:parent.hurt=1>", "PART #<svg/onload=hurt=1> :<script>hurt=1</script>")
    anna.sees("{{constructor.constructor('window.hurt=1')()}}")
    until(lambda: anna.is_there("Write to #<svg/onload=hurt=1>"), anna.text)
    assert anna.browser.evaluate("window.hurt") is None
    found = anna.browser.evaluate("[...document.querySelectorAll('main img, main iframe, main script, main [onerror], main [onclick], main [onmouseover]')].length")
    assert found == 0
    links = anna.browser.evaluate("[...document.querySelectorAll('.body a')].map(a => [a.protocol, a.rel, a.target])")
    assert links and all(link == ["https:", "noopener noreferrer", "_blank"] for link in links), links
    anna.say("/whois eve[]^`|{}")
    anna.sees("User")
    assert anna.browser.evaluate("window.hurt") is None


def test_rooms_people_and_moderation(server, web, irc):
    anna = web(server, "anna")
    anna.click("Enter or make a room")
    anna.fill("Name of the room", "kitchen")
    assert anna.violations() == []
    anna.browser.press("Enter")
    until(lambda: anna.is_there("Write to #kitchen"), anna.text)
    eve = irc("eve", ["message-tags"])
    eve.join("#kitchen")
    eve.send("@+typing=active TAGMSG #kitchen")
    anna.sees("eve is writing")
    anna.click("About this conversation")
    anna.fill("Topic", "What is for dinner")
    anna.browser.press("Enter")
    eve.expect("TOPIC", "What is for dinner")
    assert anna.violations() == []
    anna.browser.press("Escape")
    anna.click("eve", ".members")
    assert anna.violations() == []
    anna.click("Write a message")
    until(lambda: anna.is_there("Write to eve"), anna.text)
    anna.say("just you")
    eve.expect("PRIVMSG", "just you")
    anna.click("kitchen")
    anna.click("eve", ".members")
    anna.click("Put out")
    anna.fill("Reason", "Dinner is over")
    assert anna.violations() == []
    anna.browser.press("Enter")
    eve.expect("KICK", "Dinner is over")
    anna.sees("anna put eve out")
    eve.send("PRIVMSG anna :sorry")
    until(lambda: "mention" in anna.browser.evaluate("document.querySelector('.rooms').textContent"), anna.text)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_a_phone_in_italian(server, web, irc, tmp_path, dark):
    carla = irc("carla")
    carla.join("#piazza")
    carla.say("#piazza", "benvenuta")
    anna = web(server, "anna", phone=True, language="it", dark=dark)
    anna.sees("benvenuta")
    anna.say("grazie! 😊")
    carla.expect("PRIVMSG", "grazie! 😊")
    assert anna.browser.evaluate("document.documentElement.lang") == "it"
    assert anna.browser.evaluate("document.documentElement.scrollWidth") <= 390, "nothing is wider than the screen"
    assert anna.violations() == []
    anna.browser.screenshot(tmp_path / "phone.png")
    anna.click("Mostra le stanze")
    until(lambda: anna.is_there("anna", ".rooms-foot"), anna.text)
    assert anna.violations() == []
    anna.click("anna", ".rooms-foot")
    anna.sees("Impostazioni")
    assert anna.violations() == []


def test_the_way_in_has_no_barriers(server, web):
    page = web(server, "nobody", enters=False)
    until(lambda: page.is_there("Your name"), page.text)
    assert page.violations() == []
    # The name is filled in: Return is enough. No mouse is needed.
    page.browser.press("Enter")
    page.until_here()
    page.say("by keyboard only")
    page.sees("by keyboard only")
    until(lambda: not page.browser.evaluate("!!document.querySelector('.pending')"), "it to be kept")
    page.browser.press("ArrowUp")
    page.sees("You are editing a message.")
    page.browser.press("Escape")
    page.sees_no_more("You are editing a message.")
    page.click("Bring somebody here")
    link = until(lambda: page.browser.evaluate("document.querySelector('.share-link')?.value"), page.text)
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/#join\?room=%23piazza", link)
    until(lambda: page.browser.evaluate("document.querySelector('.code').naturalWidth > 100"), "the code")
    assert page.violations() == []
