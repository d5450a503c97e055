/** What every part of the page has at hand: the client, and what is open on the screen. */

import { type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { Previews } from "../edge/previews.ts";
import type { Uploads } from "../edge/uploads.ts";
import type { Input } from "../state/input.ts";
import type { Key, Room, State } from "../state/state.ts";

export type Dialog =
  | { readonly kind: "settings" }
  | { readonly kind: "account"; readonly tab: "login" | "register" }
  | { readonly kind: "rooms" }
  | { readonly kind: "room"; readonly room: Key }
  | { readonly kind: "share"; readonly room: Key }
  | { readonly kind: "admin" }
  | { readonly kind: "help" };

/** What is open on this screen. It is nobody's business but the page's, so it is not in the client's state. */
export interface View {
  readonly dialog: Signal<Dialog | undefined>;
  readonly sidebar: Signal<boolean>;
  readonly members: Signal<boolean>;
  readonly search: Signal<boolean>;
}

export function newView(isWide: boolean): View {
  return { dialog: signal(undefined), sidebar: signal(false), members: signal(isWide), search: signal(false) };
}

export interface Page {
  readonly state: Signal<State>;
  readonly tell: (input: Input) => void;
  readonly view: View;
  readonly uploads: Uploads;
  readonly previews: Previews;
  /** The names of the site that has the pictures people have sent; none where the page is not its server's. */
  readonly hosts: readonly string[];
  readonly network: string;
  readonly description: string;
  /** Where others find the server, as its links begin. */
  readonly address: string;
  /** All places where they may: the server can be on several networks. */
  readonly addresses: readonly string[];
  /** Of a certificate that the server has made itself; our other clients know the server by it. Empty where there is none. */
  readonly fingerprint: string;
  readonly isSecure: boolean;
  readonly suggestedName: string;
}

export const PageContext = createContext<Page | undefined>(undefined);

export function usePage(): Page {
  const page = useContext(PageContext);
  if (!page) throw new Error("a part stands outside of the page");
  return page;
}

/** The room that is shown. */
export function activeRoom(state: State): Room | undefined {
  return state.rooms.get(state.active);
}

/** The name by which somebody wants to be called; their nick where they have said nothing. */
export function shownName(state: State, nick: string, fold: (name: string) => string): string {
  return state.people.get(fold(nick))?.displayName || nick;
}
