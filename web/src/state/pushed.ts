/**
 * What one pushed line means: the service worker asks while there may be no page. Pure; what is notified at all is the
 * server's business (docs/protocol/webpush.md).
 */

import { fold } from "../irc/casemap.ts";
import { isChannel, withoutStatus } from "../irc/isupport.ts";
import { type Message, nickOf, parse } from "../irc/message.ts";
import { parseCtcp } from "../irc/text.ts";
import * as notification from "../text/notification.ts";
import type { Key, State } from "./state.ts";

/** What the page tells the service worker in time. */
export interface Told {
  /** Of the server's 005, what names depend on. */
  readonly tokens: Readonly<Record<string, string>>;
  /** Folded nicks that one does not want to hear. */
  readonly ignored: readonly Key[];
  /** Conversations that one wants to be told nothing about. */
  readonly muted: readonly Key[];
  /** The sentence of an invitation in the person's language, with `{by}` and `{room}`. */
  readonly invited: string;
}

export type Pushed =
  | {
      readonly kind: "show";
      readonly room: Key;
      /** As it is written. */
      readonly name: string;
      readonly title: string;
      readonly text: string;
      /** In milliseconds. */
      readonly time: number;
    }
  /** What is shown of a conversation up to a time was read elsewhere. */
  | { readonly kind: "read"; readonly room: Key; readonly until: number };

const TOKENS = ["CASEMAPPING", "CHANTYPES", "STATUSMSG"];
const NOTHING_TOLD: Told = { tokens: {}, ignored: [], muted: [], invited: "{by}: {room}" };

export function told(state: State, invited: string): Told {
  const { notify, ignored } = state.preferences;
  const tokens = TOKENS.flatMap((name) => {
    const value = state.server.isupport.get(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const muted = Object.keys(notify).filter((key) => notify[key] === "nothing");
  return { tokens: Object.fromEntries(tokens), ignored, muted, invited };
}

/** Reads what was kept: another version may have written it. */
export function readTold(kept: unknown): Told {
  if (typeof kept !== "object" || kept === null) return NOTHING_TOLD;
  const given = kept as Readonly<Record<string, unknown>>;
  const texts = (value: unknown): string[] =>
    Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
  const tokens = Object.entries(given.tokens ?? {}).filter((token) => typeof token[1] === "string");
  return {
    tokens: Object.fromEntries(tokens),
    ignored: texts(given.ignored),
    muted: texts(given.muted),
    invited: typeof given.invited === "string" ? given.invited : NOTHING_TOLD.invited,
  };
}

/** Reads a line; `undefined` for what shows nothing. */
export function read(line: string, known: Told, now: number): Pushed | undefined {
  const message = parse(line.replace(/\r?\n$/, ""));
  if (!message) return undefined;
  const tokens = new Map(Object.entries(known.tokens));
  const folded = (name: string): Key => fold(tokens.get("CASEMAPPING") ?? "rfc1459", name);
  const nick = nickOf(message.source);
  const [target = "", second = ""] = message.params;
  if (message.command === "MARKREAD") {
    const until = Date.parse(/^timestamp=(.+)$/.exec(second)?.[1] ?? "");
    return target === "" || Number.isNaN(until) ? undefined : { kind: "read", room: folded(target), until };
  }
  if (nick === "" || known.ignored.includes(folded(nick))) return undefined;
  const shown = (name: string, title: string, text: string): Pushed | undefined => {
    const room = folded(name);
    if (known.muted.includes(room)) return undefined;
    return { kind: "show", room, name, title, text, time: timeOf(message, now) };
  };
  switch (message.command) {
    case "PRIVMSG": {
      const ctcp = parseCtcp(second);
      if (ctcp && ctcp.command !== "ACTION") return undefined;
      const text = notification.body(ctcp ? ctcp.text : second);
      const place = withoutStatus(tokens, target);
      return isChannel(tokens, place)
        ? shown(place, notification.title(nick, place), text)
        : shown(nick, notification.title(nick, ""), text);
    }
    case "INVITE": {
      const words: Readonly<Record<string, string>> = { by: nick, room: second };
      const sentence = known.invited.replace(/\{(by|room)\}/g, (_, word: string) => words[word] ?? "");
      return second === "" ? undefined : shown(second, second, sentence);
    }
    default:
      return undefined;
  }
}

function timeOf(message: Message, now: number): number {
  const time = Date.parse(message.tags.get("time") ?? "");
  return Number.isNaN(time) ? now : time;
}
