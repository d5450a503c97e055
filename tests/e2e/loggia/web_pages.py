"""A web server of somebody else's, for tests: pages, and what is worse."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A picture of two by two pixels.
PICTURE = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000002000000020802000000fdd49a73"
    "0000001049444154789c63686060002206080500100e02012362cd220000000049"
    "454e44ae426082"
)


class WebPages:
    """Answers `paths[path]`, which is (status, headers, body), and 404 elsewhere; `ENDLESS` after a body never ends."""

    ENDLESS = object()

    def __init__(self, host="127.0.0.1"):
        self.paths, self.asked, self.agents, self.left = {}, [], [], threading.Event()
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                pages.asked.append(self.path)
                pages.agents.append(self.headers.get("User-Agent"))
                status, headers, *body = pages.paths.get(self.path, (404, {}, b""))
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                if pages.ENDLESS not in body:
                    self.send_header("Content-Length", str(sum(map(len, body))))
                self.end_headers()
                try:
                    for part in body:
                        if part is not pages.ENDLESS:
                            self.wfile.write(part)
                        while part is pages.ENDLESS:
                            self.wfile.write(b"<p>and so on</p>" * 1000)
                except OSError:
                    pages.left.set()
                self.close_connection = True

            def log_message(self, *_):
                pass

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self.address = f"http://{host}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, path, html, status=200, **headers):
        self.paths[path] = (status, {"Content-Type": "text/html; charset=utf-8", **headers}, html.encode())
        return self.address + path

    def leads(self, path, to):
        self.paths[path] = (302, {"Location": to}, b"")
        return self.address + path

    def close(self):
        self._server.shutdown()
        self._server.server_close()
