/**
 * The service worker: makes the page an app that can be installed, shows it also when the server is not there, and shows
 * notifications when no page is open.
 */

/// <reference lib="webworker" />

import { linkTo } from "./edge/link.ts";
import * as told from "./edge/told.ts";
import { read } from "./state/pushed.ts";

interface Fetch extends Event {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Lasting extends Event {
  waitUntil(done: Promise<unknown>): void;
}

const CACHE = "loggia-page";

self.addEventListener("install", (event) => {
  (event as Lasting).waitUntil(caches.open(CACHE).then((cache) => cache.add("/")));
});

self.addEventListener("fetch", (event) => {
  const { request } = event as Fetch;
  const address = new URL(request.url);
  const isPage =
    request.method === "GET" &&
    address.origin === self.location.origin &&
    !address.pathname.startsWith("/.well-known/");
  if (isPage) (event as Fetch).respondWith(answer(request));
});

interface Push extends Lasting {
  readonly data: { text(): string } | null;
}
interface Notified extends Lasting {
  readonly notification: Notification;
}
interface Page {
  readonly focused: boolean;
  focus(): Promise<unknown>;
  postMessage(message: unknown, transfer?: readonly Transferable[]): void;
}
interface Pages {
  matchAll(which: object): Promise<readonly Page[]>;
  openWindow(address: string): Promise<unknown>;
}

const { clients, registration } = self as unknown as {
  readonly clients: Pages;
  readonly registration: ServiceWorkerRegistration;
};
const PAGES = { type: "window", includeUncontrolled: true };
/** How long a page may take to say what it shows; one that is busy for longer shows nothing new. */
const PAGE_ANSWERS_MS = 500;

/**
 * One push after the other: whoever asks the browser which notifications there are while it is about to show one makes it
 * forget that one (Chromium).
 */
let last: Promise<void> = Promise.resolve();

self.addEventListener("push", (event) => {
  const { data } = event as Push;
  if (!data) return;
  const text = data.text();
  last = last.catch(() => undefined).then(() => pushed(text));
  (event as Lasting).waitUntil(last);
});

self.addEventListener("notificationclick", (event) => {
  const { notification } = event as Notified;
  notification.close();
  const { room = "", name = room } = (notification.data ?? {}) as Readonly<Record<string, unknown>>;
  (event as Lasting).waitUntil(openRoom(String(room), String(name)));
});

/** Shows what was said, or takes away what was read. */
async function pushed(line: string): Promise<void> {
  const what = read(line, await told.recall(), Date.now());
  if (!what) return;
  const there = await registration.getNotifications({ tag: what.room });
  if (what.kind === "read") {
    for (const shown of there) if (Number(shown.data?.time ?? 0) <= what.until) shown.close();
    return;
  }
  const { room, name, title, text, time } = what;
  if (await isLookedAt(room)) return;
  await registration.showNotification(title, {
    body: text,
    tag: room,
    data: { room, name, time },
    // A page that is open but not looked at may have shown the same: once is enough to hear it.
    renotify: !there.some((shown) => shown.body === text),
    timestamp: time,
  } as NotificationOptions);
}

async function isLookedAt(room: string): Promise<boolean> {
  const pages = await clients.matchAll(PAGES);
  const answers = await Promise.all(pages.filter((page) => page.focused).map((page) => looksAt(page, room)));
  return answers.includes(true);
}

function looksAt(page: Page, room: string): Promise<boolean> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((answer) => {
    port1.onmessage = ({ data }) => answer(data === true);
    setTimeout(() => answer(false), PAGE_ANSWERS_MS);
    page.postMessage({ looksAt: room }, [port2]);
  });
}

/** Shows the page that is there already, or a new one, and the room in it. */
async function openRoom(room: string, name: string): Promise<void> {
  const [page] = await clients.matchAll(PAGES);
  if (!page) {
    await clients.openWindow(name === "" ? "/" : linkTo(name));
    return;
  }
  page.postMessage({ open: room, name });
  await page.focus();
}

/** What the server says; where it says nothing, what it said last. Whatever has a hash in its name never changes. */
async function answer(request: Request): Promise<Response> {
  const cache = await caches.open(CACHE);
  const isFixed = new URL(request.url).pathname.startsWith("/assets/");
  const known = await cache.match(request);
  if (isFixed && known) return known;
  try {
    const fresh = await fetch(request);
    if (fresh.ok) await cache.put(request, fresh.clone());
    return fresh;
  } catch (error) {
    if (known) return known;
    throw error;
  }
}
