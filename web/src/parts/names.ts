/** Names as the page needs them: folded, coloured, ranked. */

import { thumbnail } from "../text/attachment.ts";
import { fold } from "../irc/casemap.ts";
import { ranks } from "../irc/isupport.ts";
import type { Key, Member, State } from "../state/state.ts";

/** The colours of names; each is a class in the style sheet. */
const COLORS = 12;

export function foldIn(state: State, name: string): Key {
  return fold(state.server.isupport.get("CASEMAPPING") ?? "rfc1459", name);
}

/** Always the same colour for the same name. */
export function colorOf(name: string): string {
  // FNV-1a, its halves mixed: similar names get different colours.
  let hash = 0x811c9dc5;
  for (const character of name.toLowerCase()) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return `n${((hash ^ (hash >>> 15)) >>> 0) % COLORS}`;
}

/** The address of a picture that may be shown: only of those that lie on this server, so that looking at somebody tells nobody else. */
export function picture(address: string, hosts: readonly string[]): string | undefined {
  const sent = thumbnail(address, hosts);
  if (sent !== "") return sent;
  if (!URL.canParse(address, location.origin)) return undefined;
  const found = new URL(address.replaceAll("{size}", "128"), location.origin);
  return found.origin === location.origin ? found.href : undefined;
}

/** One or two letters for somebody without a picture. */
export function initialsOf(name: string): string {
  const letters = name.match(/[\p{L}\p{N}]/gu) ?? [];
  return (letters[0] ?? name.charAt(0) ?? "?").toUpperCase();
}

export type Rank = "owner" | "admin" | "operator" | "halfop" | "voice" | "none";

const RANKS: Readonly<Record<string, Rank>> = { q: "owner", a: "admin", o: "operator", h: "halfop", v: "voice" };

export function rankOf(member: Member | undefined): Rank {
  return RANKS[member?.ranks.charAt(0) ?? ""] ?? "none";
}

/** Whether somebody ranks as a channel operator or above, so that kicking and the like is offered. */
export function isOperator(state: State, member: Member | undefined): boolean {
  const order = ranks(state.server.isupport).map((rank) => rank.mode);
  const place = order.indexOf(member?.ranks.charAt(0) ?? "");
  const operator = order.includes("h") ? order.indexOf("h") : order.indexOf("o");
  return place >= 0 && place <= operator;
}
