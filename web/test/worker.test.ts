/** The service worker, in a browser that is made for tests. In Chromium: `tests/e2e/test_web_push.py`. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

interface Shown {
  readonly title: string;
  readonly body: string;
  readonly tag: string;
  readonly renotify: boolean;
  readonly data: { readonly room: string; readonly name: string; readonly time: number };
  close(): void;
}
interface Page {
  readonly focused: boolean;
  /** What it shows; a page that shows nothing does not answer. */
  readonly room: string;
  heard: unknown[];
  focuses: number;
}

let shown: Shown[] = [];
let pages: Page[] = [];
let opened: string[] = [];
const listeners = new Map<string, (event: unknown) => void>();

const registration = {
  getNotifications: async ({ tag }: { tag: string }) => shown.filter((one) => one.tag === tag),
  showNotification: async (title: string, options: Omit<Shown, "title" | "close">) => {
    const one: Shown = {
      ...options,
      title,
      close: () => {
        shown = shown.filter((other) => other !== one);
      },
    };
    shown = [...shown.filter((other) => other.tag !== options.tag), one];
  },
};
const clients = {
  openWindow: async (address: string) => opened.push(address),
  matchAll: async () =>
    pages.map((page) => ({
      focused: page.focused,
      focus: async () => {
        page.focuses += 1;
      },
      postMessage: (message: { looksAt?: string }, [port]: [MessagePort?] = []) => {
        page.heard.push(message);
        if (page.room !== "") port?.postMessage(message.looksAt === page.room);
        port?.close();
      },
    })),
};
const kept = JSON.stringify({ tokens: { CASEMAPPING: "ascii", CHANTYPES: "#" }, ignored: ["eve"] });
Object.assign(globalThis, {
  caches: { open: async () => ({ match: async () => new Response(kept) }) },
  self: {
    addEventListener: (name: string, listener: (event: unknown) => void) => listeners.set(name, listener),
    registration,
    clients,
    location: new URL("https://chat.example/worker.js"),
  },
});
await import("../src/worker.ts");

async function happens(name: string, event: object): Promise<void> {
  let done: Promise<unknown> = Promise.resolve();
  listeners.get(name)?.({
    ...event,
    waitUntil: (what: Promise<unknown>) => {
      done = what;
    },
  });
  await done;
}

const pushed = (line: string): Promise<void> => happens("push", { data: { text: () => line } });
const titles = (): string[] => shown.map((one) => `${one.title}: ${one.body}`);

beforeEach(() => {
  shown = [];
  pages = [];
  opened = [];
});

test("a push is shown, one for each conversation, and heard once", async () => {
  await happens("push", { data: null });
  await pushed("nonsense");
  await pushed(":eve!e@c PRIVMSG anna :ignored");
  assert.deepEqual(titles(), []);
  await pushed(":bob!b@c PRIVMSG anna :one");
  await pushed(":bob!b@c PRIVMSG anna :two");
  await pushed(":bob!b@c PRIVMSG #tea :anna!");
  assert.deepEqual(titles(), ["bob: two", "bob · #tea: anna!"]);
  assert.deepEqual(
    shown.map((one) => one.renotify),
    [true, true],
  );
  await pushed(":bob!b@c PRIVMSG #tea :anna!");
  assert.equal(shown.at(-1)?.renotify, false, "the page has shown it already");
});

test("what the person is looking at is not shown", async () => {
  const page = (room: string, focused: boolean): Page => ({ room, focused, heard: [], focuses: 0 });
  pages = [page("bob", true)];
  await pushed(":bob!b@c PRIVMSG anna :seen");
  assert.deepEqual(titles(), []);
  await pushed(":bob!b@c PRIVMSG #tea :anna!");
  pages = [page("bob", false)];
  await pushed(":bob!b@c PRIVMSG anna :behind another window");
  assert.deepEqual(pages[0]?.heard, [], "it is not even asked");
  assert.deepEqual(titles(), ["bob · #tea: anna!", "bob: behind another window"]);
  pages = [page("", true)];
  await pushed(":carl!c@c PRIVMSG anna :to a page that hangs");
  assert.equal(titles().at(-1), "carl: to a page that hangs");
});

test("what was read elsewhere is taken away, what came later stays", async () => {
  await pushed("@time=2026-11-30T08:00:00.000Z :bob!b@c PRIVMSG anna :one");
  await pushed("@time=2026-11-30T08:00:00.000Z :carl!c@c PRIVMSG anna :another");
  await pushed(":irc MARKREAD bob timestamp=2026-11-30T07:59:59.999Z");
  assert.deepEqual(titles(), ["bob: one", "carl: another"]);
  await pushed(":irc MARKREAD BOB timestamp=2026-11-30T08:00:00.000Z");
  assert.deepEqual(titles(), ["carl: another"]);
});

test("pressed, it opens the conversation in the page that is there, or in a new one", async () => {
  await pushed(":Bob!b@c PRIVMSG anna :one");
  await pushed(":Bob!b@c PRIVMSG #Tea :anna");
  const [first, second] = shown;
  await happens("notificationclick", { notification: first });
  await happens("notificationclick", { notification: second });
  assert.deepEqual(opened, ["/#talk?with=Bob", "/#join?room=%23Tea"]);
  assert.deepEqual(titles(), []);
  const page: Page = { room: "#x", focused: false, heard: [], focuses: 0 };
  pages = [page];
  await happens("notificationclick", { notification: first });
  assert.deepEqual([page.heard, page.focuses], [[{ open: "bob", name: "Bob" }], 1]);
  assert.equal(opened.length, 2);
});
