/** The page begins: what the server says about itself, what the link says, and the client. */

import { render } from "preact";
import * as clients from "./edge/client.ts";
import { OutboxStore } from "./edge/outbox_store.ts";
import * as random from "./edge/random.ts";
import * as socket from "./edge/socket.ts";
import { parseLink } from "./edge/link.ts";
import { App } from "./parts/app.tsx";
import { newView } from "./parts/context.ts";
import type { Key } from "./state/state.ts";

function told(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="loggia-${name}"]`)?.content ?? "";
}

/** A place to keep things; some browsers forbid it. */
function storage(which: "localStorage" | "sessionStorage"): Storage | undefined {
  try {
    return window[which];
  } catch {
    return undefined;
  }
}

function notify(room: Key, title: string, text: string): void {
  if (
    !client.state.value.preferences.notifications ||
    !("Notification" in window) ||
    Notification.permission !== "granted"
  )
    return;
  try {
    const shown = new Notification(title, { body: text, tag: room });
    shown.onclick = () => {
      focus();
      client.tell({ kind: "open", room });
      shown.close();
    };
  } catch {
    // Phones show notifications of service workers only.
    void navigator.serviceWorker?.ready.then((worker) => worker.showNotification(title, { body: text, tag: room }));
  }
}

const link = parseLink(location.hash);
const local = storage("localStorage");
const outbox = new OutboxStore(local, storage("sessionStorage"), () => random.word(144), window.indexedDB);
const client = clients.start({
  address: socket.address(told("server"), location),
  language: document.documentElement.lang,
  firstRoom: link.room !== "" ? link.room : told("room"),
  invitation: link.token,
  local,
  outbox,
  notify,
});
outbox.begin(window);
addEventListener("hashchange", () => {
  const { room } = parseLink(location.hash);
  if (room !== "") client.tell({ kind: "join", name: room });
});

const root = document.querySelector("#app");
if (root) {
  const page = {
    state: client.state,
    tell: client.tell,
    view: newView(matchMedia("(min-width: 75rem)").matches),
    network: told("network") || "Loggia",
    description: told("description"),
    isSecure: window.isSecureContext,
    suggestedName: random.name(),
  };
  render(<App page={page} />, root);
}
if ("serviceWorker" in navigator && window.isSecureContext)
  void navigator.serviceWorker.register("/worker.js").catch(() => undefined);
