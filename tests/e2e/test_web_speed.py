"""The browser client with much to show: how long the browser's frames take. The numbers are printed; the bounds are for a busy machine."""

import time

import pytest

from loggia.server import Server
from loggia.waiting import until
from loggia.web_client import WebClient

MANY = 100_000

# Counts the time between frames while something goes on.
WATCH = """
window.frames_ms = []; window.last_frame = performance.now();
(function next() { requestAnimationFrame(now => { window.frames_ms.push(now - window.last_frame); window.last_frame = now; next(); }); })();
"""
FRAMES = "(frames => { const sorted = frames.slice(2).sort((a, b) => a - b); return [sorted.length, sorted[Math.floor(sorted.length / 2)], sorted[Math.floor(sorted.length * 0.95)], sorted.at(-1)]; })(window.frames_ms.splice(0))"


@pytest.fixture
def anna(server, tmp_path, closing):
    return closing(WebClient(tmp_path / "browser")).enter(f"http://127.0.0.1:{server.port}/", "anna")


def told(what, frames):
    count, median, late, worst = frames
    print(f"{what}: {count} frames, median {median:.1f} ms, 95 % within {late:.1f} ms, worst {worst:.1f} ms")
    return late


@pytest.mark.timeout(240)
def test_a_hundred_thousand_messages_scroll_and_a_hundred_a_second_arrive(server, anna, irc):
    carla = irc("carla")
    carla.join("#piazza")
    begun = time.monotonic()
    for first in range(0, MANY, 2000):
        carla.send(*[f"PRIVMSG #piazza :message {number} of a very long conversation" for number in range(first, first + 2000)])
        carla.sync()
    anna.sees(f"message {MANY - 1} ", 120)
    print(f"{MANY} messages shown {time.monotonic() - begun:.1f} s after the first was sent")
    assert anna.browser.evaluate("document.querySelectorAll('.row').length") < 120
    anna.browser.evaluate(WATCH)
    anna.browser.evaluate("new Promise(done => { let left = 200; const list = document.querySelector('.list'); (function step() { list.scrollTop -= 300; if (--left > 0) requestAnimationFrame(step); else done(); })(); })")
    assert told("scrolling 60,000 pixels up", anna.browser.evaluate(FRAMES)) < 250
    anna.browser.evaluate("new Promise(done => { let left = 60; const list = document.querySelector('.list'); (function step() { list.scrollTop = list.scrollHeight * (left % 7) / 7; if (--left > 0) requestAnimationFrame(step); else done(); })(); })")
    assert told("jumping through the whole of it", anna.browser.evaluate(FRAMES)) < 400
    anna.browser.evaluate("document.querySelector('.list').focus()")
    anna.browser.press("End")
    anna.browser.evaluate("window.frames_ms.splice(0)")
    for number in range(500):
        carla.send(f"PRIVMSG #piazza :one of many, {number}")
        time.sleep(0.01)  # the load that is measured: a hundred a second
    anna.sees("one of many, 499")
    assert told("a hundred messages a second", anna.browser.evaluate(FRAMES)) < 250
    started = time.monotonic()
    anna.say("and I can still write")
    anna.sees("and I can still write")
    print(f"written and shown after {(time.monotonic() - started) * 1000:.0f} ms")


def test_ten_seconds_to_a_chat(tmp_path, closing):
    """From starting the program to the second person's first message, at the first one's browser."""
    server = closing(Server(tmp_path / "server"))
    anna, bruno = (closing(WebClient(tmp_path / name)) for name in ("anna", "bruno"))
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
    print(f"ready after {started - begun:.2f} s; the second person's first message after {ended - begun:.2f} s")
    assert ended - begun < 10


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
