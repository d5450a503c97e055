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

test("a page that is reloaded goes on with its stream; a copy of it has its own", async () => {
  const [local, session, factory] = [new MemoryStorage(), new MemoryStorage(), new IDBFactory()];
  const names = ["one", "two", "three"];
  const next = (): string => names.shift() ?? "";
  const first = new OutboxStore(local, session, next, factory);
  assert.equal(first.stream, "one");
  const copied = new MemoryStorage();
  copied.setItem("loggia.stream", "one");
  assert.equal(new OutboxStore(local, copied, next, factory).stream, "two");
  // What the page says when it goes.
  local.removeItem("loggia.alive.one");
  assert.equal(new OutboxStore(local, session, next, factory).stream, "one");
});

test("what is kept is there for the next page, in order, and of pages that are gone", async () => {
  const [local, factory] = [new MemoryStorage(), new IDBFactory()];
  const mine = new OutboxStore(local, new MemoryStorage(), () => "mine", factory);
  const other = new OutboxStore(local, new MemoryStorage(), () => "other", factory);
  await mine.keep(entry("mine", 3));
  await mine.keep(entry("mine", 2));
  await mine.keep({ ...entry("mine", 2), state: "failed" });
  await other.keep(entry("other", 1));
  const numbers = async (which: "mine too" | "others"): Promise<string[]> =>
    (await mine.take(which)).map((kept) => `${kept.stream} ${kept.number} ${kept.state}`);
  assert.deepEqual(await numbers("mine too"), ["mine 2 failed", "mine 3 waiting"]);
  assert.deepEqual(await numbers("others"), []);
  local.setItem("loggia.alive.other", String(Date.now() - 60_000));
  assert.deepEqual(await numbers("others"), ["other 1 waiting"]);
  await mine.forget("other", 1);
  await mine.forget("mine", 2);
  assert.deepEqual(await numbers("mine too"), ["mine 3 waiting"]);
});

test("a browser that keeps nothing is no obstacle", async () => {
  const store = new OutboxStore(undefined, undefined, () => "x", undefined);
  await store.keep(entry("x", 1));
  assert.deepEqual(await store.take("mine too"), []);
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
