/** CHATHISTORY: what was said earlier, in pages. Spec: IRCv3 chathistory, event-playback. */

import { number } from "../../irc/isupport.ts";
import { type Message, nickOf } from "../../irc/message.ts";
import * as history from "../history.ts";
import * as outbox from "../outbox.ts";
import type { Batch, BatchItem, ChatMessage, EventKind, Key, Loading } from "../state.ts";
import { newMessage } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as edit from "./edit.ts";
import * as message from "./message.ts";

const PAGE_ENTRIES = 60;
const CONVERSATIONS_MAX = 50;
const CONVERSATIONS_BACK_MS = 30 * 24 * 3600 * 1000;

function limitOf(turn: Turn): number {
  const most = number(turn.state.server.isupport, "CHATHISTORY", PAGE_ENTRIES);
  return most === 0 ? PAGE_ENTRIES : Math.min(most, PAGE_ENTRIES);
}

/** Asks for the newest of a conversation, or for what is newer than what is known. */
export function latest(turn: Turn, key: Key): void {
  const room = turn.room(key);
  if (!room || room.kind === "server") return;
  if (!turn.has("draft/chathistory") || !turn.has("batch")) {
    turn.editRoom(key).reachedBeginning = true;
    return outbox.lookedUp(turn, room);
  }
  const newest = room.oldest === "" ? undefined : room.messages.findLast((other) => other.id !== "");
  // What was missed is told by RESUME, where there is a cursor.
  if (newest && turn.has("loggia.chat/delivery") && turn.state.resume.cursor !== "") return outbox.lookedUp(turn, room);
  ask(turn, key, { kind: "latest", limit: limitOf(turn), after: newest?.id ?? "" });
}

/** Asks for what was said before all that is known. */
export function older(turn: Turn, key: Key): void {
  const room = turn.room(key);
  if (!room || room.loading || room.reachedBeginning || room.oldest === "" || !turn.has("draft/chathistory")) return;
  ask(turn, key, { kind: "before", limit: limitOf(turn), ref: room.oldest, gapOf: "" });
}

/** Asks for what is missing before a message. */
export function gap(turn: Turn, key: Key, messageKey: string): void {
  const room = turn.room(key);
  const ref = room?.messages.find((other) => other.key === messageKey)?.gap;
  if (!room || room.loading || !ref || !turn.has("draft/chathistory")) return;
  ask(turn, key, { kind: "before", limit: limitOf(turn), ref, gapOf: messageKey });
}

/** Goes to a message, asking for it and what stands around it when it is not known. */
export function jump(turn: Turn, name: string, id: string): void {
  const room = turn.openRoom(name);
  turn.state.active = room.key;
  if (history.indexOf(room.messages, id) >= 0) room.jump = { id, turn: turn.number() };
  else if (turn.has("draft/chathistory")) {
    room.loading = undefined;
    ask(turn, room.key, { kind: "around", limit: limitOf(turn), ref: id });
  }
}

/** Goes to the first message after a time, asking for what stands around it: it is older than what is known. */
export function jumpToNew(turn: Turn, key: Key, since: number): void {
  const room = turn.room(key);
  if (!room || room.loading || !turn.has("draft/chathistory")) return;
  ask(turn, key, { kind: "aroundTime", limit: limitOf(turn), since });
}

/** Asks which people one has talked with. */
export function conversations(turn: Turn): void {
  if (!turn.has("draft/chathistory") || turn.state.me.account === "") return;
  const from = new Date(turn.now + 60_000).toISOString();
  const to = new Date(turn.now - CONVERSATIONS_BACK_MS).toISOString();
  turn.send({
    command: "CHATHISTORY",
    params: ["TARGETS", `timestamp=${from}`, `timestamp=${to}`, String(CONVERSATIONS_MAX)],
  });
}

/** The answer: a conversation with each person is opened. */
export function targets(turn: Turn, batch: Batch): void {
  for (const item of batch.items) {
    if (!("command" in item) || item.params[0] !== "TARGETS") continue;
    const name = item.params[1] ?? "";
    if (name === "" || turn.isChannel(name) || turn.roomNamed(name)) continue;
    const last = Date.parse(item.params[2] ?? "");
    const room = turn.openRoom(name, unreadSince(turn, Number.isNaN(last) ? turn.now : last));
    if (turn.has("draft/read-marker")) turn.send({ command: "MARKREAD", params: [name] });
    latest(turn, room.key);
  }
}

/**
 * Up to when a conversation is read that this device has not seen yet, and whose last message is from `last`. Whatever came after
 * the person has read anything here is news. A device that has never been used asks the server, whose answer comes later;
 * where it keeps no such thing, nothing is known, and nothing is called new.
 */
function unreadSince(turn: Turn, last: number): number {
  const read = Object.values(turn.state.preferences.read);
  if (read.length > 0) return Math.max(...read);
  return turn.has("draft/read-marker") ? 0 : last;
}

function ask(turn: Turn, key: Key, loading: Loading): void {
  const room = turn.editRoom(key);
  if (turn.state.stage.kind !== "ready" || room.loading) return;
  room.loading = loading;
  const [subcommand, where] = selection(loading);
  turn.send({ command: "CHATHISTORY", params: [subcommand, room.name, where, String(loading.limit)] });
}

/** How a page is asked for: the subcommand, and from where. */
function selection(loading: Loading): [string, string] {
  switch (loading.kind) {
    case "latest":
      return ["LATEST", loading.after === "" ? "*" : `msgid=${loading.after}`];
    case "before":
      return ["BEFORE", `msgid=${loading.ref}`];
    case "around":
      return ["AROUND", `msgid=${loading.ref}`];
    case "aroundTime":
      return ["AROUND", `timestamp=${new Date(loading.since).toISOString()}`];
  }
}

/** A page has come. */
export function page(turn: Turn, batch: Batch): void {
  const room = turn.roomNamed(batch.params[0] ?? "");
  if (!room) return;
  const writable = turn.editRoom(room.key);
  const loading = writable.loading;
  writable.loading = undefined;
  const items = readItems(turn, batch.items);
  const block = items.flatMap((item) => (item.message ? [item.message] : []));
  const oldestRef = firstId(batch.items);
  const isEnd =
    batch.opening.tags.has("draft/chathistory-end") || (loading !== undefined && batch.items.length < loading.limit);
  // Many may be said in one millisecond: what was asked for because it is older stands first.
  const isOlder = loading?.kind === "before" || loading?.kind === "aroundTime";
  const merged = history.merge(writable.messages, block, isOlder ? "before" : "after");
  writable.messages = merged.messages;
  placeGaps(merged, loading, isEnd, oldestRef);
  // The page stands in front of everything that is known: the next one begins before it.
  const isFront =
    loading === undefined ||
    (loading.kind === "before" ? loading.gapOf === "" : merged.first === 0 || writable.oldest === "");
  const isAround = loading?.kind === "around" || loading?.kind === "aroundTime";
  if (isFront && !isAround) {
    if (oldestRef !== "" && !(loading?.kind === "latest" && loading.after !== "")) writable.oldest = oldestRef;
    if (isEnd && !(loading?.kind === "latest" && loading.after !== "")) writable.reachedBeginning = true;
  } else if (isAround && merged.first === 0 && oldestRef !== "") {
    writable.oldest = oldestRef;
    writable.reachedBeginning = false;
  }
  for (const item of items) item.apply?.();
  message.countUnread(turn, turn.editRoom(room.key));
  const goTo = loading?.kind === "around" ? loading.ref : loading?.kind === "aroundTime" ? firstNew(turn, room.key, loading.since) : "";
  if (goTo !== "") turn.editRoom(room.key).jump = { id: goTo, turn: turn.number() };
  if (loading?.kind === "latest") outbox.lookedUp(turn, turn.editRoom(room.key));
}

/** Returns the id of the first message after a time that somebody else has said; empty: there is none. */
function firstNew(turn: Turn, key: Key, since: number): string {
  const { ignored } = turn.state.preferences;
  const isShown = (other: ChatMessage): boolean =>
    other.id !== "" && history.isNew(other, since) && !ignored.includes(turn.fold(other.nick));
  return turn.room(key)?.messages.find(isShown)?.id ?? "";
}

/** Notes where something may be missing before the page, or behind it. */
function placeGaps(merged: history.Merged, loading: Loading | undefined, isEnd: boolean, oldestRef: string): void {
  const { messages, first, last, overlaps } = merged;
  const set = (index: number, gapRef: string): void => {
    const known = messages[index];
    if (known && known.gap !== gapRef) messages[index] = { ...known, gap: gapRef };
  };
  if (loading?.kind === "before" && loading.gapOf !== "") {
    const behind = messages.findIndex((other) => other.key === loading.gapOf);
    // A page of nothing that is shown leads further back.
    set(behind, first < 0 && !isEnd ? oldestRef : "");
    if (first > 0 && !isEnd && !overlaps) set(first, oldestRef);
  } else if (loading?.kind === "latest" && loading.after !== "" && first > 0 && !isEnd && !overlaps) {
    set(first, oldestRef);
  } else if ((loading?.kind === "around" || loading?.kind === "aroundTime") && !overlaps) {
    if (first > 0) set(first, oldestRef);
    const behind = messages[last + 1];
    if (behind && behind.id !== "") set(last + 1, behind.id);
  }
}

/** Puts what was said, over several conversations, where it belongs. */
export function insert(turn: Turn, items: readonly BatchItem[], hasGap: boolean): void {
  const read = readItems(turn, items);
  const rooms = new Map<Key, ChatMessage[]>();
  for (const { room: name, message: shown } of read) {
    if (!shown || name === "") continue;
    const key = turn.openRoom(name, shown.time - 1).key;
    rooms.set(key, [...(rooms.get(key) ?? []), shown]);
  }
  for (const [key, block] of rooms) {
    const room = turn.editRoom(key);
    const merged = history.merge(room.messages, block, "after");
    room.messages = merged.messages;
    const first = merged.messages[merged.first];
    if (hasGap && first && first.id !== "" && merged.first > 0)
      merged.messages[merged.first] = { ...first, gap: first.id };
    if (room.oldest === "") room.oldest = first?.id ?? "";
  }
  for (const item of read) item.apply?.();
  for (const key of rooms.keys()) {
    const room = turn.editRoom(key);
    message.countUnread(turn, room);
    outbox.lookedUp(turn, room);
  }
}

interface Read {
  readonly room: string;
  readonly message?: ChatMessage | undefined;
  /** What it does to messages that are known then. */
  readonly apply?: () => void;
}

/** Reads lines of the past: what is to be shown, and what they change. */
export function readItems(turn: Turn, items: readonly BatchItem[]): Read[] {
  return items.map((item): Read => {
    if (!("command" in item)) {
      const inner = item.items.find((other): other is Message => "command" in other);
      const line = { ...(inner ?? item.opening), source: item.opening.source || (inner?.source ?? "") };
      const shown = mine(turn, item.opening, message.readBatch(turn, item));
      return { room: message.conversationOf(turn, { ...line, params: item.params }), message: shown };
    }
    const room = message.conversationOf(turn, item);
    switch (item.command) {
      case "PRIVMSG":
      case "NOTICE":
        return { room, message: mine(turn, item, message.read(turn, item)) };
      case "TAGMSG": {
        const reaction = message.reactionIn(item);
        if (!reaction) return { room };
        return { room, apply: () => reactLater(turn, room, reaction, nickOf(item.source)) };
      }
      case "EDIT":
        return { room, apply: () => edit.edit(turn, item) };
      case "REDACT":
        return { room, apply: () => edit.redact(turn, item) };
      default:
        return { room, message: eventOf(turn, item) };
    }
  });
}

/** An own message from an outbox stands under the key that it had before it was kept. */
function mine(turn: Turn, line: Message, shown: ChatMessage | undefined): ChatMessage | undefined {
  if (!shown?.own) return shown;
  const entry = outbox.entryOf(turn, line);
  if (!entry) return shown;
  outbox.arrived(turn, entry);
  return { ...shown, key: outbox.keyOf(entry) };
}

function reactLater(
  turn: Turn,
  name: string,
  reaction: { id: string; emoji: string; on: boolean },
  nick: string,
): void {
  const room = turn.roomNamed(name);
  if (room) message.react(turn, turn.editRoom(room.key), reaction.id, nick, reaction.emoji, reaction.on);
}

const EVENTS: ReadonlyMap<string, EventKind> = new Map([
  ["JOIN", "join"],
  ["PART", "part"],
  ["QUIT", "quit"],
  ["NICK", "nick"],
  ["KICK", "kick"],
  ["TOPIC", "topic"],
  ["MODE", "mode"],
]);

function eventOf(turn: Turn, line: Message): ChatMessage | undefined {
  const event = EVENTS.get(line.command);
  if (!event) return undefined;
  const id = line.tags.get("msgid") ?? "";
  const other = event === "kick" ? (line.params[1] ?? "") : event === "nick" ? (line.params[0] ?? "") : "";
  const text =
    event === "mode"
      ? line.params.slice(1).join(" ")
      : event === "nick" || event === "join"
        ? ""
        : (line.params.slice(event === "quit" ? 0 : 1).at(-1) ?? "");
  return newMessage({
    key: id !== "" ? id : `l${turn.number()}`,
    id,
    time: message.timeOf(turn, line),
    nick: nickOf(line.source),
    kind: "event",
    event,
    other,
    text,
    cursor: line.tags.get("loggia.chat/cursor") ?? "",
  });
}

function firstId(items: readonly BatchItem[]): string {
  for (const item of items) {
    const id = ("command" in item ? item : item.opening).tags.get("msgid");
    if (id) return id;
  }
  return "";
}

/** FAIL CHATHISTORY; tells whether it was that. */
export function refused(turn: Turn, line: Message): boolean {
  if (line.params[0] !== "CHATHISTORY") return false;
  for (const name of line.params.slice(2, -1)) {
    const room = turn.roomNamed(name);
    if (!room?.loading) continue;
    const writable = turn.editRoom(room.key);
    const loading = room.loading;
    writable.loading = undefined;
    // What cannot be had is not asked for again and again.
    if (loading.kind === "before" && loading.gapOf === "") writable.reachedBeginning = true;
    else if (loading.kind === "before") {
      writable.messages = room.messages.map((other) => (other.key === loading.gapOf ? { ...other, gap: "" } : other));
    } else if (loading.kind === "around") turn.tell("MESSAGE_GONE", "");
    else outbox.lookedUp(turn, writable);
  }
  return true;
}
