/** Cards about links: asked for once, with a token each, the newest first; and what is made of the answers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { signal } from "@preact/signals";
import { read as readPreferences } from "../src/edge/preferences.ts";
import { type Get, Previews, read } from "../src/edge/previews.ts";
import { Tokens } from "../src/edge/tokens.ts";
import type { Input } from "../src/state/input.ts";
import { CLOSED_PREVIEWS_MAX, type State } from "../src/state/state.ts";
import { pageLinks } from "../src/text/attachment.ts";
import { blocks } from "../src/text/format.ts";
import { Client } from "./server.ts";

const TOKENS =
  "CASEMAPPING=ascii CHANTYPES=# draft/AUTHTOKEN soju.im/FILEHOST=http://irc.example/upload loggia.chat/PREVIEW=/preview";
const SAID = { url: "http://a.example/", title: "A", about: "b", site: "c", picture: "data:image/png;base64,AA==" };

function begin(site = "http://localhost:53000"): {
  client: Client;
  previews: Previews;
  tokens: Tokens;
  hears: (...lines: string[]) => Promise<void>;
  asked: { address: string; token: string; answer: (status: number, said: unknown) => void; fail: () => void }[];
} {
  const client = new Client();
  client.enter("anna", undefined, TOKENS);
  client.sent();
  const asked: ReturnType<typeof begin>["asked"] = [];
  const get: Get = (address, token) =>
    new Promise((resolve, reject) => {
      const answer = (status: number, said: unknown): void => resolve({ status, body: JSON.stringify(said) });
      asked.push({ address, token, answer, fail: () => reject(new Error("unreachable")) });
    });
  const state = signal<State>(client.state);
  const settle = (): void => {
    state.value = client.state;
    for (const output of client.outputs.splice(0)) if (output.kind === "token") tokens.take(output);
  };
  const tell = (input: Input): void => {
    client.tell(input);
    settle();
  };
  const tokens = new Tokens(tell);
  const hears = async (...lines: string[]): Promise<void> => {
    client.hears(...lines);
    settle();
    await turns();
  };
  return { client, previews: new Previews(state, tokens, site, get), tokens, hears, asked };
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
}

test("each link is asked for once, one after the other, the newest first", async () => {
  const { client, previews, hears, asked } = begin();
  const first = previews.of("http://a.example/?b=c&d#e");
  assert.equal(previews.of("http://a.example/?b=c&d#e"), first);
  const [second, third] = [previews.of("http://b.example/"), previews.of("http://c.example/")];
  assert.deepEqual(client.sent(), ["TOKEN GENERATE FILEHOST"]);
  await hears(":irc TOKEN GENERATE FILEHOST :one");
  assert.deepEqual(
    asked.map(({ address, token }) => [address, token]),
    [["http://localhost:53000/preview?url=http%3A%2F%2Fa.example%2F%3Fb%3Dc%26d%23e", "one"]],
  );
  asked[0]?.answer(200, SAID);
  await turns();
  const { url: _, ...shown } = SAID;
  assert.deepEqual(first.value, shown);
  await hears(":irc TOKEN GENERATE FILEHOST :two");
  assert.equal(asked[1]?.address, "http://localhost:53000/preview?url=http%3A%2F%2Fc.example%2F");
  asked[1]?.answer(204, "");
  await turns();
  assert.equal(third.value, undefined);
  await hears(":irc TOKEN GENERATE FILEHOST :three");
  asked[2]?.fail();
  await turns();
  assert.equal(previews.of("http://c.example/"), third, "it says nothing, and is not asked again");
  assert.notEqual(previews.of("http://b.example/"), second, "the server was not there: another time");
});

test("without a connection nothing is known, and the page may be elsewhere than its server", async () => {
  const { client, previews, tokens, hears, asked } = begin("");
  const link = previews.of("http://a.example/");
  tokens.disconnected();
  await turns();
  assert.notEqual(previews.of("http://a.example/"), link);
  client.sent();
  await hears(":irc TOKEN GENERATE FILEHOST :one");
  assert.equal(asked[0]?.address, "http://irc.example/preview?url=http%3A%2F%2Fa.example%2F");
});

test("there is an end to what waits", () => {
  const { previews } = begin();
  const first = previews.of("http://a.example/0");
  for (let number = 1; number <= 31; number += 1) previews.of(`http://a.example/${number}`);
  // The first is being asked for; of the others the oldest has given way.
  assert.equal(previews.of("http://a.example/0"), first);
});

test("the cards that were taken away last stay away, also when the page is loaded again", () => {
  const client = new Client();
  client.enter();
  const links = Array.from({ length: CLOSED_PREVIEWS_MAX + 1 }, (_, number) => `http://a.example/${number}`);
  for (const link of links) client.tell({ kind: "closePreview", link });
  const closed = (): readonly string[] => client.state.preferences.closedPreviews;
  assert.deepEqual(closed(), links.slice(1));
  // Said again, it is only once among them, and the last to come back.
  client.tell({ kind: "closePreview", link: "http://a.example/1" });
  assert.deepEqual(closed(), [...links.slice(2), "http://a.example/1"]);
  const kept = JSON.parse(JSON.stringify(client.state.preferences));
  assert.deepEqual(readPreferences(kept, "en").closedPreviews, closed());
  // Somebody else may have written there.
  assert.deepEqual(readPreferences({ closedPreviews: [5, ...links] }, "en").closedPreviews, links.slice(1));
  assert.deepEqual(readPreferences({ closedPreviews: "x" }, "en").closedPreviews, []);
});

test("an answer is taken for what it is", () => {
  assert.deepEqual(read('{"title":"<b>","about":5}'), { title: "<b>", about: "", site: "", picture: "" });
  for (const picture of [
    "https://a.example/x.png",
    "data:image/svg+xml;base64,AA==",
    "data:text/html,x",
    "javascript:x",
  ])
    assert.equal(read(JSON.stringify({ ...SAID, picture }))?.picture, "");
  for (const nothing of ["", "null", "[]", "5", "{}", '{"picture":"data:image/png;base64,AA=="}'])
    assert.equal(read(nothing), undefined, nothing);
});

test("cards are for pages elsewhere", () => {
  const of = (text: string): string[] => pageLinks(blocks(text, "anna"), ["chat.example"]);
  assert.deepEqual(of("see https://a.example/b and *http://c.example/*"), ["https://a.example/b", "http://c.example/"]);
  assert.deepEqual(of("https://chat.example/uploads/x irc://a.example/ mailto:a@b.example"), []);
  assert.deepEqual(of("> https://a.example/\n```\nhttps://b.example/\n```"), []);
});
