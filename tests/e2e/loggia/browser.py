"""Chromium without a window, driven by its own `chromedriver` (W3C WebDriver): the page's script is the test's."""

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

_STARTED = re.compile(r"successfully on port (\d+)")


class Browser:
    """One browser with a profile of its own in `folder`, which accepts any certificate."""

    def __init__(self, folder):
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
            arguments = ["--headless=new", "--disable-gpu", "--disable-dev-shm-usage", f"--user-data-dir={folder / 'profile'}"]
            if os.geteuid() == 0:
                arguments.append("--no-sandbox")
            options = {"binary": chromium, "args": arguments}
            wanted = {"acceptInsecureCerts": True, "goog:chromeOptions": options, "timeouts": {"script": 20_000}}
            begun = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
            self.session = begun["sessionId"]
            # Pages forbid scripts that are not theirs, and so those of tests; where they come from stays as it is.
            self._ask("POST", "/goog/cdp/execute", {"cmd": "Page.setBypassCSP", "params": {"enabled": True}})
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
