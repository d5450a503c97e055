// For who works on the client: serves what is built anew at each request, and talks to a server that runs elsewhere.
//
//     node serve.mjs ws://127.0.0.1:53000/irc [port]        that server needs `websocket_origins = ["http://127.0.0.1:8080"]`
import { mkdtempSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const [server = "ws://127.0.0.1:53000/irc", port = "8080"] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const out = mkdtempSync(join(tmpdir(), "loggia-web-"));
const told = {
  network: "Loggia",
  description: "",
  room: "#piazza",
  language: "en",
  address: "",
  addresses: "",
  fingerprint: "",
  "main.js": "/main.js",

  join: "",
};
const KINDS = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".html": "text/html; charset=utf-8",
};

createServer((request, response) => {
  const name = new URL(request.url ?? "/", "http://x").pathname.slice(1) || "index.html";
  try {
    if (name === "index.html") execFileSync(process.execPath, [join(here, "build.mjs"), out], { stdio: "inherit" });
    let body = readFileSync(join(out, name.replace(/[^a-z.]/gi, "")));
    if (name === "index.html") {
      const html = Object.entries(told).reduce(
        (text, [key, value]) => text.replaceAll(`{{${key}}}`, value),
        body.toString(),
      );
      body = html.replace('name="loggia-server" content=""', `name="loggia-server" content="${server}"`);
    }
    response.writeHead(200, {
      "Content-Type": KINDS[/\.\w+$/.exec(name)?.[0] ?? ""] ?? "text/plain",
      "Cache-Control": "no-store",
    });
    response.end(body);
  } catch {
    response.writeHead(404).end("not here\n");
  }
}).listen(Number(port), "127.0.0.1", () => console.log(`http://127.0.0.1:${port}/ talks to ${server}`));
