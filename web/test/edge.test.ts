/** Where the client meets the browser: what is kept on the device. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { OutboxStore } from "../src/edge/outbox_store.ts";
import { load, read, save } from "../src/edge/preferences.ts";
import { address } from "../src/edge/socket.ts";
import type { Entry } from "../src/state/outbox.ts";
import { DEFAULT_PREFERENCES } from "../src/state/state.ts";

class MemoryStorage implements Storage {
  readonly #items = new Map<string, string>();
  get length(): number {
    return this.#items.size;
  }
  clear(): void {
    this.#items.clear();
  }
  getItem(key: string): string | null {
    return this.#items.get(key) ?? null;
  }
  key(index: number): string | null {
    return [...this.#items.keys()][index] ?? null;
  }
  removeItem(key: string): void {
    this.#items.delete(key);
  }
  setItem(key: string, value: string): void {
    this.#items.set(key, value);
  }
}

function entry(stream: string, number: number): Entry {
  const what = { kind: "message", text: `${number}`, action: false, notice: false, replyTo: "" } as const;
  return { stream, number, target: "#tea", what, at: number, state: "waiting", refusal: undefined };
}

test("what is kept is there for the next page, in order, once the page is gone", async () => {
  const [local, factory] = [new MemoryStorage(), new IDBFactory()];
  const first = new OutboxStore(local, "first", factory);
  await first.keep(entry("first", 3));
  await first.keep(entry("first", 2));
  await first.keep({ ...entry("first", 2), state: "failed" });
  const next = new OutboxStore(local, "next", factory);
  await next.keep(entry("next", 1));
  const taken = async (): Promise<string[]> =>
    (await next.take()).map((kept) => `${kept.stream} ${kept.number} ${kept.state}`);
  assert.deepEqual(await taken(), [], "the first page is there still");
  // What a page says when it goes; one that breaks off is silent.
  local.removeItem("loggia.alive.first");
  assert.deepEqual(await taken(), ["first 2 failed", "first 3 waiting"]);
  local.setItem("loggia.alive.first", String(Date.now() - 60_000));
  assert.deepEqual(await taken(), ["first 2 failed", "first 3 waiting"]);
  await next.forget("first", 2);
  assert.deepEqual(await taken(), ["first 3 waiting"]);
});

test("a browser that keeps nothing is no obstacle", async () => {
  const store = new OutboxStore(undefined, "x", undefined);
  await store.keep(entry("x", 1));
  assert.deepEqual(await store.take(), []);
});

test("preferences are what they were, and nothing else", () => {
  const storage = new MemoryStorage();
  assert.deepEqual(load(storage, ["it-IT"], "en"), { ...DEFAULT_PREFERENCES, language: "it" });
  assert.equal(load(storage, ["fr", "de"], "it").language, "it");
  const keys = { salt: "s", iterations: 4096, clientKey: "c", serverKey: "k" };
  const changed = {
    ...DEFAULT_PREFERENCES,
    nick: "anna",
    keys,
    rooms: ["#tea"],
    theme: "dark",
    push: "anna",
    notify: { "#tea": "all" },
    read: { "#tea": 5 },
    drafts: { "#tea": "x" },
  } as const;
  save(storage, changed);
  assert.deepEqual(load(storage, ["it"], "it"), changed);
  const hostile = {
    nick: 5,
    push: true,
    keys: { salt: 1 },
    rooms: [1, "#a", {}],
    theme: "purple",
    notify: { a: "sometimes", b: "nothing" },
    read: { a: "x" },
    ignored: "all",
    language: "xx",
    showEvents: "no",
  };
  assert.deepEqual(read(hostile, "en"), { ...DEFAULT_PREFERENCES, rooms: ["#a"], notify: { b: "nothing" } });
  for (const text of ["", "[]", "null", "{", "5"]) {
    storage.setItem("loggia.preferences", text);
    assert.deepEqual(load(storage, [], "en"), DEFAULT_PREFERENCES, text);
  }
});

test("where the server is", () => {
  const page = (text: string): Location => new URL(text) as unknown as Location;
  assert.equal(address("", page("http://chat.local:53000/x#join")), "ws://chat.local:53000/irc");
  assert.equal(address("", page("https://chat.example/")), "wss://chat.example/irc");
  assert.equal(address("wss://irc.example/", page("https://a.example/")), "wss://irc.example/");
});
