"""The service worker of a page in Chromium, as a push service and a device see it: by Chromium's DevTools protocol."""

import contextlib
import itertools
import json
import urllib.request

from websockets.sync.client import connect

from .waiting import until

# Notes what the worker shows: Chromium forgets a notification when it is asked which there are while it is about to show it.
_NOTED = """(() => {
    self.notified = [];
    const show = ServiceWorkerRegistration.prototype.showNotification;
    ServiceWorkerRegistration.prototype.showNotification = async function (title, how) {
        await show.call(this, title, how);
        self.notified.push([title, how.body, how.tag]);
    };
})()"""

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
        self._ask("ServiceWorker.startWorker", scopeURL=f"{origin}/")
        # While this is connected, the browser does not stop it.
        self.inside = self.closing.enter_context(
            connect(until(self._address, "the worker"), max_size=None, open_timeout=20, compression=None)
        )
        self._evaluate(_NOTED)

    def _address(self):
        with urllib.request.urlopen(f"http://{self.browser.debugger}/json/list", timeout=10) as answer:
            workers = [target for target in json.load(answer) if target["type"] == "service_worker"]
        return next((target["webSocketDebuggerUrl"] for target in workers if target["url"].startswith(self.origin)), None)

    def _evaluate(self, expression):
        """The value of an expression in the worker."""
        number = next(self.numbers)
        parameters = {"expression": expression, "returnByValue": True}
        self.inside.send(json.dumps({"id": number, "method": "Runtime.evaluate", "params": parameters}))
        while (told := json.loads(self.inside.recv(20))).get("id") != number:
            pass
        assert "error" not in told and "exceptionDetails" not in told["result"], told
        return told["result"]["result"].get("value")

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

    def notified(self):
        """Title, text and tag of each notification that it has shown."""
        return self._evaluate("self.notified")

    def shown(self):
        """Title, text and tag of each notification on the device. Asked for only once what is to be shown is `notified`."""
        return self.browser.evaluate(_SHOWN)

    def close(self):
        self.closing.close()
