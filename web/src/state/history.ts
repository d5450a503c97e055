/** How what was said earlier finds its place among what is known: no message twice, none out of order, and gaps that are known as such. */

import type { ChatMessage } from "./state.ts";

/** Whether `one` comes before (negative), at the same time as (0), or after `other`. */
export function compare(one: ChatMessage, other: ChatMessage): number {
  if (one.cursor !== "" && other.cursor !== "") return compareCursors(one.cursor, other.cursor);
  return one.time - other.time;
}

/** Of two cursors the shorter is the earlier, and of two of one length the smaller one (docs/protocol/delivery.md). */
export function compareCursors(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

export interface Merged {
  readonly messages: ChatMessage[];
  /** Where the block's first and last messages stand now; -1 when it has none. */
  readonly first: number;
  readonly last: number;
  /** Whether some of it was known before, so that nothing can be missing between the two. */
  readonly overlaps: boolean;
}

/**
 * Puts a block, which is in order and without holes, among known messages. Where times are equal the block goes `before` what
 * is known, or `after` it.
 */
export function merge(known: readonly ChatMessage[], block: readonly ChatMessage[], ties: "before" | "after"): Merged {
  const first = block[0];
  const last = block.at(-1);
  if (!first || !last) return { messages: [...known], first: -1, last: -1, overlaps: false };
  const places = new Map<string, number>();
  known.forEach((message, index) => {
    if (message.time >= first.time && message.time <= last.time) places.set(identity(message), index);
  });
  const messages: ChatMessage[] = [];
  let next = 0;
  let overlaps = false;
  let firstPlace = -1;
  for (const message of block) {
    const place = places.get(identity(message));
    if (place !== undefined) {
      overlaps = true;
      while (next <= place) messages.push(known[next++] as ChatMessage);
      if (place === next - 1) messages[messages.length - 1] = newer(known[place] as ChatMessage, message);
    } else {
      while (next < known.length) {
        const order = compare(known[next] as ChatMessage, message);
        if (order > 0 || (order === 0 && ties === "before")) break;
        messages.push(known[next++] as ChatMessage);
      }
      messages.push(message);
    }
    if (firstPlace < 0) firstPlace = messages.length - 1;
  }
  const lastPlace = messages.length - 1;
  messages.push(...known.slice(next));
  return { messages, first: firstPlace, last: lastPlace, overlaps };
}

/** The same message, told once more: what it says now. */
function newer(known: ChatMessage, told: ChatMessage): ChatMessage {
  if (told.text === known.text || known.deleted) return known;
  return { ...known, text: told.text, edited: told.edited, before: known.before || known.text };
}

function identity(message: ChatMessage): string {
  return message.id !== ""
    ? `#${message.id}`
    : `${message.time} ${message.event ?? message.kind} ${message.nick} ${message.text}`;
}

/** Whether somebody else has said it after a time, in milliseconds. */
export function isNew(message: ChatMessage, since: number): boolean {
  return message.time > since && !message.own && message.kind !== "event";
}

/** Finds a message by its id; the newest are looked at first. */
export function indexOf(messages: readonly ChatMessage[], id: string): number {
  if (id === "") return -1;
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    if (messages[index]?.id === id) return index;
  }
  return -1;
}
