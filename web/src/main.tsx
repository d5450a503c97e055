/** The page begins: what the server says about itself, what the link says, and the client. */

import { render } from "preact";
import * as clients from "./edge/client.ts";
import * as notifications from "./edge/notifications.ts";
import { OutboxStore } from "./edge/outbox_store.ts";
import * as random from "./edge/random.ts";
import * as serviceWorker from "./edge/service_worker.ts";
import * as socket from "./edge/socket.ts";
import { parseLink } from "./edge/link.ts";
import { App } from "./parts/app.tsx";
import { newView } from "./parts/context.ts";
import type { Key } from "./state/state.ts";

/** The style sheet, put here when the bundle is built. */
declare const LOGGIA_STYLE: string;

const sheet = new CSSStyleSheet();
sheet.replaceSync(LOGGIA_STYLE);
document.adoptedStyleSheets = [sheet];

function told(name: string): string {
  return document.querySelector<HTMLMetaElement>(`meta[name="loggia-${name}"]`)?.content ?? "";
}

/** A place to keep things; some browsers forbid it. */
function storage(): Storage | undefined {
  try {
    return window.localStorage;
  } catch {
    return undefined;
  }
}

function open(room: Key, name: string): void {
  if (client.state.value.rooms.has(room)) client.tell({ kind: "open", room });
  else if (/^[#&]/.test(name)) client.tell({ kind: "join", name });
  else client.tell({ kind: "openPerson", nick: name });
}

function looksAt(room: Key): boolean {
  const { active, visible } = client.state.value;
  return visible && active === room;
}

function notify(room: Key, name: string, title: string, text: string): void {
  // A browser that changes its mind in between shows none.
  if (client.state.value.preferences.notifications)
    notifications.show(room, name, title, text, open).catch(() => undefined);
}

const isOwnServer = told("server") === "";
/** Where others find the server: not by the name that only its own machine has. */
const address = /^(localhost|127\.|\[::1\])/.test(location.hostname)
  ? told("address") || location.origin
  : location.origin;
const addresses = told("addresses")
  .split(" ")
  .filter((other) => URL.canParse(other));
const link = parseLink(location.hash);
const local = storage();
const outbox = new OutboxStore(local, random.word(144), window.indexedDB);
const client = clients.start({
  address: socket.address(told("server"), location),
  language: document.documentElement.lang,
  firstRoom: link.room !== "" ? link.room : told("room"),
  firstPerson: link.person,
  invitation: link.token,
  site: isOwnServer ? location.origin : "",
  publicAddress: address,
  local,
  outbox,
  notify,
});
outbox.begin(window);
serviceWorker.listen({ open, looksAt });
addEventListener("hashchange", () => {
  const { room, token, person } = parseLink(location.hash);
  if (token !== "") client.tell({ kind: "invited", word: token });
  if (room !== "") client.tell({ kind: "join", name: room });
  if (person !== "") client.tell({ kind: "openPerson", nick: person });
});

const root = document.querySelector("#app");
if (root) {
  const page = {
    state: client.state,
    tell: client.tell,
    view: newView(matchMedia("(min-width: 75rem)").matches),
    network: told("network") || "Loggia",
    description: told("description"),
    address,
    addresses,
    fingerprint: told("fingerprint"),
    uploads: client.uploads,
    previews: client.previews,
    hosts: isOwnServer ? [location.host, new URL(address).host, ...addresses.map((other) => new URL(other).host)] : [],
    isSecure: window.isSecureContext,
    suggestedName: random.name(),
  };
  render(<App page={page} />, root);
}
if ("serviceWorker" in navigator && window.isSecureContext) {
  // What makes an app of the page; elsewhere browsers would fetch the manifest for nothing.
  const manifest = document.createElement("link");
  manifest.rel = "manifest";
  manifest.href = "/manifest.webmanifest";
  document.head.append(manifest);
  serviceWorker.register();
}
