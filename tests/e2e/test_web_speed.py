"""The browser client with much to show, as Chromium's own trace has it. The times are printed (docs/browser.md has them), not judged: what they are on a busy machine is nobody's fault."""

import time

import pytest

from loggia.server import Server
from loggia.trace import LONG_MS, Trace, told
from loggia.waiting import until
from loggia.web_client import WebClient

MANY = 100_000


def steps(what, count):
    """Does something to the list of messages in each of so many frames."""
    return (
        f"new Promise(done => {{ let left = {count}; const list = document.querySelector('.list');"
        f" (function step() {{ {what}; if (--left > 0) requestAnimationFrame(step); else done(); }})(); }})"
    )


@pytest.fixture
def anna(server, tmp_path, closing):
    return closing(WebClient(tmp_path / "browser")).enter(f"http://127.0.0.1:{server.port}/", "anna")


@pytest.mark.timeout(420)
def test_a_hundred_thousand_messages_scroll_and_a_hundred_a_second_arrive(server, anna, irc):
    carla = irc("carla")
    carla.join("#piazza")
    begun = time.monotonic()
    for first in range(0, MANY, 2000):
        carla.send(*[f"PRIVMSG #piazza :message {number} of a very long conversation" for number in range(first, first + 2000)])
        carla.sync()
    anna.sees(f"message {MANY - 1} ", 300)
    print(f"{MANY} messages shown {time.monotonic() - begun:.1f} s after the first was sent")
    assert anna.browser.evaluate("document.querySelectorAll('.row').length") < 120
    with Trace(anna.browser.debugger) as scrolling:
        anna.browser.evaluate(steps("list.scrollTop -= 300", 200))
    told("frames while scrolling 60,000 pixels up", scrolling.frames_ms())
    told("tasks while scrolling", scrolling.tasks_ms())
    told("processor's time of these", scrolling.tasks_ms("tdur"))
    drawn = anna.messages()
    assert drawn and f"message {MANY - 1} of a very long conversation" not in drawn, "it has moved"
    with Trace(anna.browser.debugger) as jumping:
        anna.browser.evaluate(steps("list.scrollTop = list.scrollHeight * (left % 7) / 7", 20))
    told("frames while jumping through the whole of it", jumping.frames_ms())
    told("processor's time of its tasks", jumping.tasks_ms("tdur"))
    assert 0 < anna.browser.evaluate("document.querySelectorAll('.row').length") < 120
    anna.browser.evaluate("document.querySelector('.list').focus()")
    anna.browser.press("End")
    with Trace(anna.browser.debugger) as arriving:
        for number in range(500):
            carla.send(f"PRIVMSG #piazza :one of many, {number}")
            time.sleep(0.01)  # the load that is measured: a hundred a second
        anna.sees("one of many, 499")
    told("frames at a hundred messages a second", arriving.frames_ms())
    told("tasks at a hundred messages a second", arriving.tasks_ms())
    told("processor's time of these", arriving.tasks_ms("tdur"))
    print(f"the main thread is busy for {arriving.load() * 100:.0f} % of the time")
    long = [task for task in arriving.tasks_ms() if task >= LONG_MS]
    print(f"tasks of {LONG_MS} ms and more: {len(long)}, together {sum(long):.0f} ms")
    last = [text for text in anna.messages() if text.startswith("one of many")]
    assert last == [f"one of many, {number}" for number in range(500 - len(last), 500)], "all of them, in order"
    started = time.monotonic()
    anna.say("and I can still write")
    anna.sees("and I can still write")
    print(f"written and shown after {(time.monotonic() - started) * 1000:.0f} ms")


def test_ten_seconds_to_a_chat(tmp_path, closing):
    """From starting the program to the first message of somebody at a telephone, on the other one's screen."""
    server = closing(Server(tmp_path / "server"))
    anna = closing(WebClient(tmp_path / "anna"))
    bruno = closing(WebClient(tmp_path / "bruno", phone=True))
    begun = time.monotonic()
    server.start()
    address = f"http://127.0.0.1:{server.port}/"
    started = time.monotonic()
    anna.open(address)
    until(lambda: anna.is_there("Your name"), anna.text)
    anna.browser.press("Enter")
    bruno.open(address + "#join?room=%23piazza")
    until(lambda: bruno.is_there("Your name"), bruno.text)
    bruno.browser.press("Enter")
    bruno.until_here()
    bruno.say("I am in")
    anna.sees("I am in")
    ended = time.monotonic()
    print(f"ready after {started - begun:.2f} s; the first message from the telephone after {ended - begun:.2f} s")


def test_the_first_load_is_small(server):
    import urllib.request

    total = 0
    page = urllib.request.urlopen(f"http://127.0.0.1:{server.port}/").read()
    total += len(page)
    script = page.decode("utf-8").split('src="')[1].split('"')[0]
    request = urllib.request.Request(f"http://127.0.0.1:{server.port}{script}", headers={"Accept-Encoding": "gzip"})
    total += len(urllib.request.urlopen(request).read())
    print(f"first load: {total} bytes")
    assert total < 150_000
