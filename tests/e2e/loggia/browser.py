"""Chromium without a window, driven by its own `chromedriver` (W3C WebDriver): the page's script is the test's."""

import base64
import json
import os
import re
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

from .program import Program
from .waiting import until

# WebDriver's names for keys that are no characters.
KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Backspace": "\ue003", "Space": "\ue00d", "Home": "\ue011", "Tab": "\ue004", "ArrowUp": "\ue013", "ArrowDown": "\ue015", "End": "\ue010"}

_STARTED = re.compile(r"successfully on port (\d+)")


class Browser:
    """One browser with a profile of its own in `folder`, which accepts any certificate.

    Without `strict` pages forbid nothing: the test's scripts run in them.
    """

    def __init__(self, folder, strict=False, language="en", arguments=()):
        driver, chromium = (shutil.which(name) for name in ("chromedriver", "chromium"))
        assert driver and chromium, "chromium and chromium-driver are not installed (./test installs them)"
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        # The driver takes a free port by itself and says which.
        environment = {**os.environ, "HOME": str(folder)}
        self.driver = Program([driver, "--port=0", f"--log-path={folder / 'driver.log'}"], env=environment)
        self.session = None
        try:
            port = until(lambda: _STARTED.search(self.driver.text), "the driver's port", 30).group(1)
            self.address = f"http://127.0.0.1:{port}"
            arguments = [*arguments, "--headless=new", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
            arguments += [f"--lang={language}", f"--accept-lang={language}", "--window-size=1280,800", "--hide-scrollbars"]
            if os.geteuid() == 0:
                arguments.append("--no-sandbox")
            options = {"binary": chromium, "args": arguments}
            logs = {"browser": "ALL"}
            wanted = {"acceptInsecureCerts": True, "goog:loggingPrefs": logs, "goog:chromeOptions": options, "timeouts": {"script": 20_000}}
            begun = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self.session = begun["sessionId"]
            self.debugger = begun["capabilities"]["goog:chromeOptions"]["debuggerAddress"]
            # Pages forbid scripts that are not theirs, and so those of tests; where they come from stays as it is.
            if not strict:
                self.command("Page.setBypassCSP", enabled=True)
        except BaseException:
            self.close()
            raise

    def _ask(self, method, path, body=None):
        if self.session is not None:
            path = f"/session/{self.session}{path}"
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(self.address + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode("utf-8")) from None

    def open(self, address):
        """Opens a page and waits until it is loaded."""
        self._ask("POST", "/url", {"url": address})

    def run(self, script, *arguments):
        """Runs the body of an asynchronous function in the page; returns what it returns."""
        called = f"const done = arguments[arguments.length - 1]; (async (...given) => {{ {script} }})(...arguments).then(done, error => done('failed: ' + error));"
        return self._ask("POST", "/execute/async", {"script": called, "args": list(arguments)})

    def command(self, name, **parameters):
        """One command of Chromium's DevTools protocol."""
        return self._ask("POST", "/goog/cdp/execute", {"cmd": name, "params": parameters})

    def evaluate(self, expression):
        """The value of an expression, looked at from outside: the page's rules are not in the way."""
        answer = self.command("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def errors(self):
        """What the page has complained of since this was asked last, violations of its own rules among it."""
        return [entry["message"] for entry in self._ask("POST", "/se/log", {"type": "browser"}) if entry["level"] == "SEVERE"]

    def press(self, *keys):
        """Presses keys one after the other, where the focus is: names as `Enter`, or characters."""
        actions = [{"type": kind, "value": KEYS.get(key, key)} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask("POST", "/actions", {"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})

    def type(self, text):
        """Types a text where the focus is."""
        self.command("Input.insertText", text=text)

    def hover(self, x, y):
        move = {"type": "pointerMove", "duration": 0, "x": round(x), "y": round(y)}
        self._ask("POST", "/actions", {"actions": [{"type": "pointer", "id": "mouse", "actions": [move]}]})

    def screenshot(self, file):
        """Takes a picture of the window."""
        Path(file).write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def close(self):
        if self.session is not None:
            try:
                self._ask("DELETE", "")
            except (AssertionError, OSError):
                pass
            self.session = None
        # The driver takes a browser that is left with it, but not when it is killed.
        self.driver.process.terminate()
        try:
            self.driver.wait_end()
        except subprocess.TimeoutExpired:
            self.driver.close()
