/** The service worker as the page sees it (`worker.ts` is what runs there). */

import type { Key } from "../state/state.ts";

let registering: Promise<unknown> = Promise.resolve();

/** Starts it where the browser lets pages have one. */
export function register(): void {
  registering = navigator.serviceWorker.register("/worker.js").catch(() => undefined);
}

/** The worker once it runs; none where the browser has refused it, as it does with a certificate that it does not believe. */
export async function registered(): Promise<ServiceWorkerRegistration | undefined> {
  await registering;
  if (!(await navigator.serviceWorker?.getRegistration())) return undefined;
  return navigator.serviceWorker.ready;
}

export interface Answers {
  /** A notification was pressed. `name` is the conversation as it is written. */
  readonly open: (room: Key, name: string) => void;
  /** Whether the person is looking at a conversation: of what they see they are not notified. */
  readonly looksAt: (room: Key) => boolean;
}

/** Hears what the worker tells and asks. */
export function listen({ open, looksAt }: Answers): void {
  navigator.serviceWorker?.addEventListener("message", ({ data, ports }: MessageEvent<unknown>) => {
    if (typeof data !== "object" || data === null) return;
    const told = data as Readonly<Record<string, unknown>>;
    if (typeof told.open === "string") open(told.open, typeof told.name === "string" ? told.name : told.open);
    if (typeof told.looksAt === "string") ports[0]?.postMessage(looksAt(told.looksAt));
  });
}
