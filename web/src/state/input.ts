/** What can happen to the client: the connection, the clock, the device, and what the person does. */

import type { Keys } from "../irc/scram.ts";
import type { Entry } from "./outbox.ts";
import type { Deed, Key, Notify, Preferences, Question } from "./state.ts";

export type Input =
  // The device.
  | {
      readonly kind: "started";
      readonly stream: string;
      readonly firstRoom: string;
      readonly firstPerson?: string;
      readonly invitation: string;
    }
  | { readonly kind: "found"; readonly entries: readonly Entry[] }
  | { readonly kind: "kept"; readonly stream: string; readonly number: number }
  | { readonly kind: "visible"; readonly visible: boolean }
  | { readonly kind: "online" }
  | { readonly kind: "subscribed"; readonly endpoint: string; readonly keys: string }
  | { readonly kind: "notSubscribed"; readonly code: string }
  | { readonly kind: "tick" }
  // The connection. `random` is printable, and different each time.
  | { readonly kind: "opened"; readonly random: string }
  | { readonly kind: "closed"; readonly reason: string }
  | { readonly kind: "lines"; readonly lines: readonly string[] }
  | { readonly kind: "derived"; readonly keys: Keys }
  // The person.
  | { readonly kind: "name"; readonly nick: string; readonly password?: string; readonly signUp?: string }
  | { readonly kind: "reconnect" }
  | { readonly kind: "invited"; readonly word: string }
  | { readonly kind: "leave" }
  | { readonly kind: "open"; readonly room: Key }
  | { readonly kind: "openPerson"; readonly nick: string }
  | { readonly kind: "close"; readonly room: Key }
  | { readonly kind: "join"; readonly name: string; readonly password?: string }
  | { readonly kind: "say"; readonly room: Key; readonly text: string }
  | { readonly kind: "command"; readonly room: Key; readonly text: string }
  | { readonly kind: "react"; readonly room: Key; readonly id: string; readonly emoji: string }
  | { readonly kind: "redact"; readonly room: Key; readonly id: string }
  | { readonly kind: "reply"; readonly room: Key; readonly id: string }
  | { readonly kind: "edit"; readonly room: Key; readonly id: string }
  | { readonly kind: "draft"; readonly room: Key; readonly text: string }
  | { readonly kind: "retry"; readonly stream: string; readonly number: number }
  | { readonly kind: "discard"; readonly stream: string; readonly number: number }
  | { readonly kind: "seen"; readonly room: Key; readonly time: number }
  | { readonly kind: "loadOlder"; readonly room: Key }
  | { readonly kind: "loadGap"; readonly room: Key; readonly key: string }
  | { readonly kind: "jump"; readonly room: string; readonly id: string }
  | { readonly kind: "jumpToNew"; readonly room: Key; readonly since: number }
  | { readonly kind: "search"; readonly query: string; readonly room: string }
  | { readonly kind: "closeSearch" }
  | { readonly kind: "askToken" }
  | { readonly kind: "list" }
  | { readonly kind: "whois"; readonly nick: string }
  | { readonly kind: "closeWhois" }
  | {
      readonly kind: "login";
      readonly account: string;
      readonly password: string;
      readonly remember: boolean;
      readonly random: string;
    }
  | { readonly kind: "register"; readonly password: string; readonly invitation: string; readonly random: string }
  | { readonly kind: "logout" }
  | { readonly kind: "nick"; readonly nick: string }
  | { readonly kind: "away"; readonly reason: string }
  | { readonly kind: "displayName"; readonly name: string }
  | { readonly kind: "avatar"; readonly address: string }
  | { readonly kind: "topic"; readonly room: Key; readonly topic: string }
  | { readonly kind: "mode"; readonly room: Key; readonly change: string; readonly params: readonly string[] }
  | { readonly kind: "kick"; readonly room: Key; readonly nick: string; readonly reason: string; readonly ban: boolean }
  | { readonly kind: "bans"; readonly room: Key }
  | { readonly kind: "invite"; readonly room: Key; readonly nick: string }
  | { readonly kind: "ask"; readonly question: Question; readonly before?: string }
  | { readonly kind: "act"; readonly deed: Deed }
  | { readonly kind: "undo"; readonly number: number }
  | { readonly kind: "declineInvitation"; readonly room: string }
  | { readonly kind: "ignore"; readonly nick: string; readonly ignore: boolean }
  | { readonly kind: "notify"; readonly room: Key; readonly notify: Notify }
  | { readonly kind: "push"; readonly on: boolean }
  | { readonly kind: "stay"; readonly stays: boolean }
  | { readonly kind: "closePreview"; readonly link: string }
  | { readonly kind: "prefer"; readonly preferences: Partial<Preferences> }
  | { readonly kind: "dismiss"; readonly number: number };

/** What must be done because of it. */
export type Output =
  | { readonly kind: "connect" }
  | { readonly kind: "disconnect" }
  | { readonly kind: "send"; readonly line: string }
  | { readonly kind: "keep"; readonly entry: Entry }
  | { readonly kind: "forget"; readonly stream: string; readonly number: number }
  | { readonly kind: "derive"; readonly password: string; readonly salt: string; readonly iterations: number }
  | {
      readonly kind: "notify";
      readonly room: Key;
      readonly name: string;
      readonly title: string;
      readonly text: string;
    }
  /** At the browser's push service, with the server's key; and no longer. */
  | { readonly kind: "subscribe"; readonly key: string }
  | { readonly kind: "unsubscribe" }
  /** To send one file with; without one, a word that says why not. */
  | { readonly kind: "token"; readonly token: string; readonly code: string };
