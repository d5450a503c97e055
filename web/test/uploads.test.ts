/** Files on their way: a token for each, one after the other, and why some are not taken. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { Tokens } from "../src/edge/tokens.ts";
import { type Send, type Sent, Uploads } from "../src/edge/uploads.ts";
import type { Input } from "../src/state/input.ts";
import type { State } from "../src/state/state.ts";
import { size, thumbnail } from "../src/text/attachment.ts";
import { CATALOGUES } from "../src/texts/texts.ts";
import { Client } from "./server.ts";

const TOKENS = "CASEMAPPING=ascii CHANTYPES=# draft/AUTHTOKEN soju.im/FILEHOST=http://192.168.1.5:53000/upload";
const NAME = "0123456789abcdefghjkmnpqrs.jpg";

/** A client in #tea, and its files; what `send` is asked, the test answers. */
function begin(site = "http://localhost:53000"): {
  client: Client;
  uploads: Uploads;
  tokens: Tokens;
  asked: {
    address: string;
    token: string;
    name: string;
    answer: (sent: Sent) => void;
    progress: (done: number) => void;
  }[];
} {
  const client = new Client();
  client.enter("anna", undefined, TOKENS);
  client.sent();
  const asked: ReturnType<typeof begin>["asked"] = [];
  const send: Send = (address, token, file, progress, stop) =>
    new Promise((answer, reject) => {
      stop.addEventListener("abort", () => reject(new Error("stopped")));
      asked.push({ address, token, name: file.name, answer, progress });
    });
  const state = signal<State>(client.state);
  const tell = (input: Input): void => {
    client.tell(input);
    state.value = client.state;
    for (const output of client.outputs.splice(0)) if (output.kind === "token") tokens.take(output);
  };
  const tokens = new Tokens(tell);
  const uploads = new Uploads(state, tell, tokens, site, "http://192.168.1.5:53000", send);
  return { client, uploads, tokens, asked };
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
}

function hears(client: Client, tokens: Tokens, line: string): void {
  client.hears(line);
  for (const output of client.outputs.splice(0)) if (output.kind === "token") tokens.take(output);
}

test("a file is sent with a token, and said where others find it", async () => {
  const { client, uploads, tokens, asked } = begin();
  uploads.add("#tea", [new File(["x"], "tè.jpg"), new File(["y"], "b.jpg")]);
  assert.deepEqual(client.sent(), ["TOKEN GENERATE FILEHOST"], "one at a time");
  hears(client, tokens, ":irc TOKEN GENERATE FILEHOST :abc.def");
  await settle();
  const [first] = asked;
  assert(first);
  assert.deepEqual([first.address, first.token, first.name], ["http://localhost:53000/upload", "abc.def", "tè.jpg"]);
  first.progress(0.5);
  assert.deepEqual(
    uploads.list.value.map((upload) => upload.done),
    [0.5, 0],
  );
  first.answer({ status: 201, location: `http://localhost:53000/uploads/${NAME}`, body: "" });
  await settle();
  const sent = client.sent();
  assert(
    sent.some((line) => line.includes(`PRIVMSG #tea :http://192.168.1.5:53000/uploads/${NAME}`)),
    sent.join("\n"),
  );
  assert(sent.includes("TOKEN GENERATE FILEHOST"), "now the other");
  assert.deepEqual(
    uploads.list.value.map((upload) => upload.name),
    ["b.jpg"],
  );
});

test("elsewhere than at its server, files go where the server says and are said as it says", async () => {
  const { client, uploads, tokens, asked } = begin("");
  uploads.add("#tea", [new File(["x"], "a.jpg")]);
  hears(client, tokens, ":irc TOKEN GENERATE FILEHOST :t");
  await settle();
  assert.equal(asked[0]?.address, "http://192.168.1.5:53000/upload");
  asked[0]?.answer({ status: 201, location: "/files/a.jpg", body: "" });
  await settle();
  assert(client.sent().some((line) => line.includes(":http://192.168.1.5:53000/files/a.jpg")));
});

test("a no is said plainly, and taken away", async () => {
  const { client, uploads, tokens, asked } = begin();
  const refusals = async (line: string, sent?: Sent): Promise<[string, number]> => {
    uploads.add("#tea", [new File(["x"], "a.jpg")]);
    hears(client, tokens, line);
    await settle();
    if (sent) asked.at(-1)?.answer(sent);
    await settle();
    const last = uploads.list.value.at(-1);
    assert(last);
    uploads.cancel(last.number);
    return [last.refusal, last.limit];
  };
  const token = ":irc TOKEN GENERATE FILEHOST :t";
  const body = JSON.stringify({ code: "TOO_LARGE", limit: 7, text: "…" });
  assert.deepEqual(await refusals(token, { status: 413, location: "", body }), ["TOO_LARGE", 7]);
  assert.deepEqual(await refusals(token, { status: 415, location: "", body: "<html>" }), ["TYPE", 0]);
  assert.deepEqual(await refusals(token, { status: 500, location: "", body: "" }), ["FAILED", 0]);
  assert.deepEqual(await refusals(":irc FAIL TOKEN ACCOUNT_REQUIRED :An account is required"), ["ACCOUNT_REQUIRED", 0]);
  assert.deepEqual(uploads.list.value, []);
  client.tell({ kind: "closed", reason: "" });
  uploads.add("#tea", [new File(["x"], "a.jpg")]);
  await settle();
});

test("who stops a file sends the next one", async () => {
  const { client, uploads, tokens, asked } = begin();
  uploads.add("#tea", [new File(["x"], "a.jpg"), new File(["y"], "b.jpg")]);
  hears(client, tokens, ":irc TOKEN GENERATE FILEHOST :one");
  await settle();
  const [first] = uploads.list.value;
  assert(first);
  uploads.cancel(first.number);
  await settle();
  client.sent();
  hears(client, tokens, ":irc TOKEN GENERATE FILEHOST :two");
  await settle();
  assert.deepEqual(
    asked.map((one) => [one.name, one.token]),
    [
      ["a.jpg", "one"],
      ["b.jpg", "two"],
    ],
  );
  uploads.add(
    "#tea",
    Array.from({ length: 30 }, () => new File(["z"], "z")),
  );
  assert(uploads.list.value.some((upload) => upload.refusal === "TOO_MANY_AT_ONCE"));
});

test("only pictures of this site are shown", () => {
  const hosts = ["192.168.1.5:53000", "localhost:53000"];
  assert.equal(thumbnail(`http://192.168.1.5:53000/uploads/${NAME}`, hosts), `/thumbnails/${NAME}`);
  for (const href of [
    `http://evil.example/uploads/${NAME}`,
    `http://192.168.1.5:53000/uploads/${NAME}?x`,
    `http://a@192.168.1.5:53000/uploads/${NAME}`,
    `ftp://192.168.1.5:53000/uploads/${NAME}`,
    `http://192.168.1.5:53000/uploads/../${NAME}`,
    `http://192.168.1.5:53000/uploads/${NAME.replace("jpg", "svg")}`,
    "not an address",
  ]) {
    assert.equal(thumbnail(href, hosts), "", href);
  }
});

test("sizes in words, and a sentence for each refusal", () => {
  assert.equal(size(0, "en"), "0 byte");
  assert.equal(size(26_214_400, "en"), "25 MB");
  assert.match(size(1536, "it"), /^1,5\skB$/);
  for (const catalogue of Object.values(CATALOGUES)) {
    for (const code of ["TOO_LARGE", "OVER_QUOTA", "NO_ROOM", "TYPE", "UNKNOWN_PICTURE", "BROKEN_PICTURE", "OFFLINE"]) {
      assert.ok(catalogue[`upload.refused.${code}`], code);
    }
  }
});
