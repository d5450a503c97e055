/** What the page tells the service worker, kept where both can read: the worker wakes up when there is no page to ask. */

import { readTold, type Told } from "../state/pushed.ts";

const CACHE = "loggia-told";
/** No file of the server's: this cache is never asked for what a page loads. */
const PLACE = "/told";

/** What was kept last: most of what a person chooses is no business of the worker's. */
let last = "";

export async function keep(told: Told): Promise<void> {
  const text = JSON.stringify(told);
  if (text === last || !("caches" in globalThis)) return;
  last = text;
  await (await caches.open(CACHE)).put(PLACE, new Response(text));
}

export async function forget(): Promise<void> {
  last = "";
  if ("caches" in globalThis) await caches.delete(CACHE);
}

export async function recall(): Promise<Told> {
  const kept = await (await caches.open(CACHE)).match(PLACE);
  return readTold(await kept?.json().catch(() => undefined));
}
