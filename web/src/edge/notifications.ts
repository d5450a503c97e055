/** Notifications of the device: shown by the service worker where there is one (phones know no others), else by the page. */

import type { Key } from "../state/state.ts";

/** Why this browser shows none, if it does not: pages that are not encrypted may not, and some browsers cannot. */
export function unavailable(isSecure: boolean): "insecure" | "unknown" | undefined {
  if (!isSecure) return "insecure";
  return "Notification" in window ? undefined : "unknown";
}

/** Asks the person; tells whether notifications may be shown. */
export async function allow(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** Shows one, in the place of an older one about the same room. `open` is called when it is pressed. */
export async function show(room: Key, title: string, text: string, open: (room: Key) => void): Promise<void> {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active) return worker.showNotification(title, { body: text, tag: room, data: { room } });
  const shown = new Notification(title, { body: text, tag: room });
  shown.onclick = () => {
    focus();
    open(room);
    shown.close();
  };
}

/** Hears which room the service worker was told to open. */
export function listen(open: (room: Key) => void): void {
  navigator.serviceWorker?.addEventListener("message", (event: MessageEvent<unknown>) => {
    const told = event.data;
    if (typeof told === "object" && told !== null && "open" in told && typeof told.open === "string") open(told.open);
  });
}
