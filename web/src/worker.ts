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
