"""The browser client as a person uses it: by what stands on the screen."""

import json
from pathlib import Path

from .browser import Browser
from .waiting import until

ROOT = Path(__file__).resolve().parents[3]

# Finds what a person would call by this name: its label, or what is written on it.
_FIND = """
((name, within) => {
    const all = [...(document.querySelector(within) ?? document).querySelectorAll("button, a, input, textarea, select, [role=feed], summary")];
    const isShown = element => element.checkVisibility({visibilityProperty: true});
    const read = element => {
        const copy = element.cloneNode(true);
        copy.querySelectorAll("[aria-hidden=true]").forEach(hidden => hidden.remove());
        return copy.textContent;
    };
    const called = element => element.getAttribute("aria-label") ?? element.labels?.[0]?.textContent ?? read(element);
    const over = document.querySelector("dialog[open]");
    const found = all.filter(element => isShown(element) && (!over || over.contains(element)));
    return found.find(element => called(element).trim() === name) ?? found.find(element => called(element).trim().startsWith(name));
})(%s, %s)
"""


def find(name, within="body"):
    return _FIND % (json.dumps(name), json.dumps(within))


class WebClient:
    """One person at one browser. The page's own rules hold, and nothing may break them."""

    def __init__(self, folder, language="en", phone=False, dark=False, arguments=()):
        self.browser = Browser(folder, strict=True, language=language, arguments=arguments)
        if phone:
            self.browser.command("Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True)
            self.browser.command("Emulation.setTouchEmulationEnabled", enabled=True)
        if dark:
            self.browser.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])

    def open(self, address):
        self.browser.open(address)
        return self

    def enter(self, address, name):
        """Opens the page, says a name, and is in."""
        self.open(address)
        until(lambda: self.is_there("Your name") or self.is_there("Il tuo nome"), "the form")
        label = "Your name" if self.is_there("Your name") else "Il tuo nome"
        self.fill(label, name)
        self.browser.press("Enter")
        self.until_here()
        return self

    def until_here(self):
        until(lambda: self.browser.evaluate("document.activeElement?.id === 'composer' || !!document.querySelector('#composer')"), self.text, 20)
        until(lambda: not self.browser.evaluate("!!document.querySelector('.connection')"), self.text, 20)

    def is_there(self, name, within="body"):
        return self.browser.evaluate(f"!!{find(name, within)}")

    def click(self, name, within="body"):
        until(lambda: self.is_there(name, within), lambda: f"{name!r} to click on; the page says {self.text()}")
        self.browser.evaluate(f"(element => {{ element.focus(); element.click(); }})({find(name, within)})")

    def focus(self, name):
        until(lambda: self.is_there(name), lambda: f"{name!r}; the page says {self.text()}")
        self.browser.evaluate(f"{find(name)}.focus()")

    def fill(self, name, text):
        self.focus(name)
        self.browser.evaluate("document.activeElement.select?.()")
        self.browser.type(text)

    def say(self, text):
        """Writes a message and sends it, as one types."""
        self.browser.evaluate("document.querySelector('#composer').focus()")
        self.browser.type(text)
        self.browser.press("Enter")

    def text(self):
        """Everything that can be read on the page."""
        return self.browser.evaluate("document.body.innerText")

    def messages(self):
        """What stands in the conversation, as drawn."""
        return self.browser.evaluate("[...document.querySelectorAll('.row .body, .row .deleted')].map(body => body.innerText.trim())")

    def sees(self, text, seconds=15):
        until(lambda: text in self.text(), lambda: f"{text!r} on the page, which says {self.text()}", seconds)

    def sees_no_more(self, text, seconds=15):
        until(lambda: text not in self.text(), lambda: f"{text!r} to go from the page, which says {self.text()}", seconds)

    def on(self, message, action):
        """Does something with the message that says this, by its own buttons."""
        row = f"""[...document.querySelectorAll('.row')].findLast(row => row.querySelector('.body')?.innerText.includes({json.dumps(message)}))"""
        until(lambda: self.browser.evaluate(f"!!{row}"), lambda: f"the message {message!r} among {self.messages()}")
        self.browser.evaluate(f"{row}.focus()")
        button = f"[...{row}.querySelectorAll('.actions button')].find(button => button.getAttribute('aria-label') === {json.dumps(action)})"
        until(lambda: self.browser.evaluate(f"!!{button}"), lambda: f"{action!r} at {message!r}")
        self.browser.evaluate(f"{button}.click()")

    def violations(self):
        """What axe finds wrong for people who see, hear or move otherwise."""
        if not self.browser.evaluate("'axe' in window"):
            self.browser.evaluate(axe())
        found = self.browser.evaluate(
            "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations.map(v => v.id + ': ' + v.nodes.map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message ?? '')).join(' | ')))"
        )
        return found

    def close(self):
        errors = self.browser.errors()
        self.browser.close()
        # A connection that a test breaks is no fault of the page.
        faults = [error for error in errors if "WebSocket connection" not in error and "ERR_CONNECTION" not in error]
        assert not faults, faults


def axe():
    """The source of axe-core, as `npm ci` in `web/` has it."""
    import os

    folder = Path(os.environ.get("LOGGIA_WEB", ROOT / "web"))
    source = folder / "node_modules" / "axe-core" / "axe.min.js"
    assert source.exists(), f"{source}: run npm ci in web/ (./test does)"
    return source.read_text(encoding="utf-8")
