/** The service worker: makes the page an app that can be installed, and shows it also when the server is not there. */

/// <reference lib="webworker" />

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

interface Notified extends Lasting {
  readonly notification: Notification;
}
interface Page {
  readonly visibilityState: string;
  focus(): Promise<unknown>;
  postMessage(message: unknown): void;
}

self.addEventListener("notificationclick", (event) => {
  const { notification } = event as Notified;
  notification.close();
  (event as Lasting).waitUntil(openRoom(String(notification.data?.room ?? "")));
});

/** Shows the page that is there already, or a new one, and the room in it. */
async function openRoom(room: string): Promise<void> {
  const { clients } = self as unknown as {
    clients: { matchAll(which: object): Promise<readonly Page[]>; openWindow(address: string): Promise<unknown> };
  };
  const [page] = await clients.matchAll({ type: "window", includeUncontrolled: true });
  if (!page) {
    await clients.openWindow(/^[#&]/.test(room) ? `/#join?room=${encodeURIComponent(room)}` : "/");
    return;
  }
  page.postMessage({ open: room });
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
