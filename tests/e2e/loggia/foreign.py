"""InspIRCd, an IRC server that is none of ours, with its WebSocket; and a web server that serves our page for it."""

import shutil
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .program import Program
from .server import free_port
from .waiting import until

ROOT = Path(__file__).resolve().parents[3]
BUNDLE = ROOT / "crates" / "server" / "src" / "web" / "bundle"

CONFIG = """
<server name="irc.elsewhere.example" description="Elsewhere" network="Elsewhere" id="97K">
<admin name="a" nick="a" email="a@elsewhere.example">
<bind address="127.0.0.1" port="{irc}" type="clients">
<bind address="127.0.0.1" port="{websocket}" type="clients" hook="websocket">
<power diepass="x" restartpass="x">
<connect name="all" allow="*" timeout="30" pingfreq="120" commandrate="100000" fakelag="no" localmax="100" globalmax="100">
<class name="none">
<performance softlimit="100">
<options prefixquit="" casemapping="ascii">
<log method="file" type="*" level="default" target="{folder}/log">
<module name="sha1">
<module name="websocket">
<websocket sendastext="yes">
<wsorigin allow="http://127.0.0.1:*">
<dns timeout="1">
"""
MODULES = ("cap", "ircv3", "ircv3_servertime", "ircv3_echomessage", "ircv3_batch", "ircv3_msgid", "ircv3_ctctags")


class Foreign:
    """The server on free ports, and our page at `page`, made for it."""

    def __init__(self, folder, modules=()):
        program = shutil.which("inspircd", path="/usr/sbin:/usr/bin")
        assert program, "inspircd is not installed (./test installs it)"
        folder = Path(folder)
        folder.mkdir(parents=True)
        self.irc, self.websocket = free_port(), free_port()
        config = CONFIG.format(irc=self.irc, websocket=self.websocket, folder=folder)
        config += "".join(f'<module name="{name}">\n' for name in (*MODULES, *modules))
        (folder / "inspircd.conf").write_text(config)
        self.program = Program([program, f"--config={folder / 'inspircd.conf'}", "--nofork", "--nopid", "--runasroot"])
        self.site = ThreadingHTTPServer(("127.0.0.1", 0), self._page())
        threading.Thread(target=self.site.serve_forever, daemon=True).start()
        self.page = f"http://127.0.0.1:{self.site.server_port}/"
        until(lambda: "now running" in self.program.text.lower() or (folder / "log").exists(), lambda: self.program.text)

    def _page(self):
        server = f"ws://127.0.0.1:{self.websocket}/"
        told = {"network": "Elsewhere", "room": "#hall", "language": "en", "main.js": "/main.js", "description": "", "address": "", "join": ""}

        class Page(BaseHTTPRequestHandler):
            def do_GET(self):
                name = self.path.lstrip("/") or "index.html"
                file = BUNDLE / name
                if not file.is_file():
                    return self.send_error(404)
                body = file.read_text(encoding="utf-8")
                if name == "index.html":
                    for key, value in told.items():
                        body = body.replace("{{" + key + "}}", value)
                    body = body.replace('name="loggia-server" content=""', f'name="loggia-server" content="{server}"')
                self.send_response(200)
                self.send_header("Content-Type", "text/javascript" if name.endswith(".js") else "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write(body.encode("utf-8"))

            def log_message(self, *words):
                pass

        return Page

    def close(self):
        self.site.shutdown()
        self.site.server_close()
        self.program.close()
