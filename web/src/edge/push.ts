/** The browser's own push service: subscribing there, and no longer. */

import type { Input } from "../state/input.ts";
import * as serviceWorker from "./service_worker.ts";

/** Why this browser cannot, whatever the server offers. */
export function unavailable(isSecure: boolean): "insecure" | "unknown" | undefined {
  if (!isSecure) return "insecure";
  return "PushManager" in window && "Notification" in window && "serviceWorker" in navigator ? undefined : "unknown";
}

/** Subscribes with the server's key, or finds the subscription that there is; tells what came of it. */
export async function subscribe(key: string): Promise<Input> {
  try {
    const worker = await serviceWorker.registered();
    if (!worker) return { kind: "notSubscribed", code: "NO_WORKER" };
    const { endpoint, keys } = (await subscription(worker.pushManager, key)).toJSON();
    if (endpoint === undefined || keys?.p256dh === undefined || keys.auth === undefined)
      return { kind: "notSubscribed", code: "NO_SERVICE" };
    return { kind: "subscribed", endpoint, keys: `p256dh=${keys.p256dh};auth=${keys.auth}` };
  } catch (error) {
    return { kind: "notSubscribed", code: isNamed(error, "NotAllowedError") ? "DENIED" : "NO_SERVICE" };
  }
}

export async function unsubscribe(): Promise<void> {
  const worker = await serviceWorker.registered();
  await (await worker?.pushManager.getSubscription())?.unsubscribe();
}

async function subscription(manager: PushManager, key: string): Promise<PushSubscription> {
  const how = { userVisibleOnly: true, applicationServerKey: key };
  try {
    return await manager.subscribe(how);
  } catch (error) {
    if (!isNamed(error, "InvalidStateError")) throw error;
    // It is subscribed with the key that the server had before.
    await (await manager.getSubscription())?.unsubscribe();
    return manager.subscribe(how);
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof DOMException && error.name === name;
}
