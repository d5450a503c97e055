"""The service worker of a page in Chromium, as a push service and a device see it: by Chromium's DevTools protocol."""

import contextlib
import itertools
import json
import urllib.request

from websockets.sync.client import connect

# What stands on the device, from a page of the same site.
_SHOWN = """navigator.serviceWorker.getRegistration()
    .then(worker => worker.getNotifications())
    .then(all => all.map(one => [one.title, one.body, one.tag]))"""


class ServiceWorker:
    """The worker of `origin` in `browser`. It is there for as long as the browser is, whatever page is open."""

    def __init__(self, browser, origin):
        self.browser, self.origin = browser, origin
        with urllib.request.urlopen(f"http://{browser.debugger}/json/list", timeout=10) as answer:
            page = next(target for target in json.load(answer) if target["type"] == "page")
        self.closing = contextlib.ExitStack()
        self.connection = self.closing.enter_context(
            connect(page["webSocketDebuggerUrl"], max_size=None, open_timeout=20, compression=None)
        )
        self.numbers = itertools.count(1)
        self.registration = None
        self._ask("ServiceWorker.enable")
        while self.registration is None:
            self._take(json.loads(self.connection.recv(20)))

    def _ask(self, method, **parameters):
        number = next(self.numbers)
        self.connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.connection.recv(20))
            self._take(told)
            if told.get("id") == number:
                assert "error" not in told, told
                return

    def _take(self, told):
        if told.get("method") == "ServiceWorker.workerRegistrationUpdated":
            for registration in told["params"]["registrations"]:
                if registration["scopeURL"].startswith(self.origin) and not registration["isDeleted"]:
                    self.registration = registration["registrationId"]

    def is_pushed(self, text):
        """Delivers a push, as the browser does once it has decrypted it."""
        self._ask("ServiceWorker.deliverPushMessage", origin=self.origin, registrationId=self.registration, data=text)

    def shown(self):
        """Title, text and tag of each notification on the device."""
        return self.browser.evaluate(_SHOWN)

    def close(self):
        self.closing.close()
