"""What Chromium itself records while something goes on: how long tasks of the page's main thread took, and when frames were drawn."""

import contextlib
import itertools
import json
import urllib.request

from websockets.sync.client import connect

CATEGORIES = ["devtools.timeline", "disabled-by-default-devtools.timeline", "disabled-by-default-devtools.timeline.frame", "__metadata"]
# From this on a task is felt (W3C Long Tasks).
LONG_MS = 50


class Trace:
    """Records between `with` and its end; `address` is the host and port of the browser's debugger."""

    def __init__(self, address):
        with urllib.request.urlopen(f"http://{address}/json/version", timeout=10) as answer:
            browser = json.load(answer)["webSocketDebuggerUrl"]
        self.closing = contextlib.ExitStack()
        self.connection = self.closing.enter_context(connect(browser, max_size=None, open_timeout=20, compression=None))
        self.numbers = itertools.count(1)
        self.events = []

    def _ask(self, method, **parameters):
        number = next(self.numbers)
        self.connection.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            told = json.loads(self.connection.recv(60))
            if told.get("id") == number:
                assert "error" not in told, told
                return

    def __enter__(self):
        self._ask("Tracing.start", transferMode="ReportEvents", traceConfig={"includedCategories": CATEGORIES, "excludedCategories": ["*"]})
        return self

    def __exit__(self, *_):
        try:
            self._ask("Tracing.end")
            while True:
                told = json.loads(self.connection.recv(60))
                if told.get("method") == "Tracing.dataCollected":
                    self.events += told["params"]["value"]
                elif told.get("method") == "Tracing.tracingComplete":
                    break
        finally:
            self.closing.close()

    def _main_threads(self):
        """Processes and threads that draw a page."""
        named = [event for event in self.events if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"]
        return {(event["pid"], event["tid"]) for event in named}

    def tasks_ms(self, of="dur"):
        """How long each task of the busiest page's main thread took, in milliseconds; `tdur`: of the processor's time, whatever else
        the machine did in between."""
        of_thread = {thread: [] for thread in self._main_threads()}
        for event in self.events:
            thread = (event["pid"], event["tid"])
            if event["ph"] == "X" and thread in of_thread and event["name"] == "RunTask":
                of_thread[thread].append(event.get(of, 0) / 1000)
        return max(of_thread.values(), key=sum)

    def load(self):
        """How much of the time the page's main thread had work for the processor, as a part of 1."""
        stamps = [event["ts"] for event in self.events if event["ph"] == "X"]
        return sum(self.tasks_ms("tdur")) / ((max(stamps) - min(stamps)) / 1000)

    def frames_ms(self):
        """The time from each drawn frame to the next, in milliseconds."""
        pages = {pid for pid, _ in self._main_threads()}
        of_page = {pid: [] for pid in pages}
        for event in self.events:
            if event["name"] == "DrawFrame" and event["pid"] in pages:
                of_page[event["pid"]].append(event["ts"])
        drawn = sorted(max(of_page.values(), key=len))
        return [(later - earlier) / 1000 for earlier, later in itertools.pairwise(drawn)]


def told(what, values_ms):
    """Prints the count, the median, the 95th and 99th hundredth, and the worst."""
    ordered = sorted(values_ms) or [0.0]
    at = lambda share: ordered[min(len(ordered) - 1, int(len(ordered) * share))]  # noqa: E731
    print(f"{what}: {len(ordered)}, median {at(0.5):.1f} ms, 95 % within {at(0.95):.1f} ms, 99 % within {at(0.99):.1f} ms, worst {ordered[-1]:.1f} ms")
