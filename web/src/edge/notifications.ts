/** Notifications of the device: shown by the service worker where there is one (phones know no others), else by the page. */

import type { Key } from "../state/state.ts";

/** Why this browser shows none, if it does not: pages that are not encrypted may not, and some browsers cannot. */
export function unavailable(isSecure: boolean): "insecure" | "unknown" | undefined {
  if (!isSecure) return "insecure";
  return "Notification" in window ? undefined : "unknown";
}

/** Whether the person has forbidden them, in the browser's settings for this page. */
export function isForbidden(): boolean {
  return "Notification" in window && Notification.permission === "denied";
}

/** Asks the person; tells whether notifications may be shown. */
export async function allow(): Promise<boolean> {
  return "Notification" in window && (await Notification.requestPermission()) === "granted";
}

/** Shows one, in the place of an older one about the same room. `open` is called when it is pressed. */
export async function show(
  room: Key,
  name: string,
  title: string,
  text: string,
  open: (room: Key, name: string) => void,
): Promise<void> {
  if (!("Notification" in window) || Notification.permission !== "granted") return;
  const worker = await navigator.serviceWorker?.getRegistration();
  if (worker?.active) return worker.showNotification(title, { body: text, tag: room, data: { room, name } });
  const shown = new Notification(title, { body: text, tag: room });
  shown.onclick = () => {
    focus();
    open(room, name);
    shown.close();
  };
}
