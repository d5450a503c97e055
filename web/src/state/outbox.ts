/**
 * What is to be said, until it is known to be kept: exactly once where the server knows of ids (`loggia.chat/delivery`), at
 * least once elsewhere. Entries are sent in order, and only after the device has kept them.
 *
 * Spec: docs/protocol/delivery.md; IRCv3 labeled-response, echo-message. The Rust sibling is `client::outbox`.
 */

import * as isupport from "../irc/isupport.ts";
import type { Message } from "../irc/message.ts";
import { byteLength, split } from "../irc/text.ts";
import * as message from "./features/message.ts";
import { type ChatMessage, newMessage, type Refusal, type Room } from "./state.ts";
import type { Turn } from "./turn.ts";

export type What =
  | {
      readonly kind: "message";
      readonly text: string;
      readonly action: boolean;
      readonly notice: boolean;
      readonly replyTo: string;
    }
  | { readonly kind: "edit"; readonly id: string; readonly text: string }
  | { readonly kind: "redact"; readonly id: string }
  | { readonly kind: "react"; readonly id: string; readonly emoji: string; readonly on: boolean };

export interface Entry {
  readonly stream: string;
  readonly number: number;
  readonly target: string;
  readonly what: What;
  /** When it was written, in milliseconds. */
  readonly at: number;
  /**
   * `keeping`: the device is about to keep it · `waiting`: to be sent · `sent`: the outcome is to come · `unsure`: the
   * connection broke before the outcome came, and this server has to be asked for what was said · `failed`: the person decides.
   */
  readonly state: "keeping" | "waiting" | "sent" | "unsure" | "failed";
  readonly refusal: Refusal | undefined;
  /** An earlier connection may have brought it to the server. */
  readonly wasSent?: boolean;
  /** The message in the room that it most likely is: until its outcome says so, it is not shown a second time. */
  readonly shownAs?: string;
}

/** The most entries that are under way at once, where the server says that nobody is too fast; and elsewhere. */
const UNDER_WAY_MAX = 64;
const UNDER_WAY_CAREFUL_MAX = 4;
/** How long an entry may have waited and still be sent by itself (a server remembers ids for at least as long by default). */
const AGE_MAX_MS = 7 * 24 * 3600 * 1000;
/** A line with its CR LF, without tags. */
const LINE_BYTES_MAX = 512;
/** The longest user and host name that the server may put before a line, where they are not known. */
const MASK_BYTES = 12 + 64;
/** The tag of ids. */
const ID = "loggia.chat/id";
/** The clocks of device and server may differ by this much when a message is looked for in history. */
const CLOCKS_DIFFER_MS = 120_000;

/** Takes what is to be said. */
export function add(turn: Turn, target: string, what: What): void {
  const entry: Entry = {
    stream: turn.state.stream,
    number: turn.state.nextNumber,
    target,
    what,
    at: turn.now,
    state: "keeping",
    refusal: undefined,
  };
  turn.state.nextNumber += 1;
  turn.state.outbox = [...turn.state.outbox, entry];
  turn.outputs.push({ kind: "keep", entry });
}

/** Takes what an earlier page, or another one that is gone, had to say still. Goes before what is said now. */
export function found(turn: Turn, entries: readonly Entry[]): void {
  const isKnown = (entry: Entry): boolean => turn.state.outbox.some((other) => isSame(other, entry));
  const fresh = entries
    .filter((entry) => !isKnown(entry))
    .map((entry): Entry => {
      if (entry.state === "failed") return entry;
      if (turn.now - entry.at > AGE_MAX_MS)
        return { ...entry, state: "failed", refusal: { code: "TOO_OLD", text: "" } };
      return {
        ...entry,
        state: entry.state === "sent" ? "unsure" : entry.state === "keeping" ? "waiting" : entry.state,
        wasSent: entry.wasSent === true || entry.state === "sent",
        shownAs: "",
      };
    });
  turn.state.outbox = [...fresh, ...turn.state.outbox];
  const used = fresh.filter((entry) => entry.stream === turn.state.stream).map((entry) => entry.number + 1);
  turn.state.nextNumber = Math.max(turn.state.nextNumber, ...used);
  if (turn.state.stage.kind === "ready") settle(turn);
}

/** The device has kept an entry. */
export function kept(turn: Turn, stream: string, number: number): void {
  change(turn, { stream, number }, (entry) => (entry.state === "keeping" ? { ...entry, state: "waiting" } : entry));
}

/** The person wants it sent again. It gets a new number: its place is after what was said meanwhile. */
export function retry(turn: Turn, stream: string, number: number): void {
  const entry = turn.state.outbox.find((other) => isSame(other, { stream, number }));
  if (entry?.state !== "failed") return;
  discard(turn, stream, number);
  add(turn, entry.target, entry.what);
}

/** The person does not want it said any more. */
export function discard(turn: Turn, stream: string, number: number): void {
  turn.state.outbox = turn.state.outbox.filter((entry) => !isSame(entry, { stream, number }));
  turn.outputs.push({ kind: "forget", stream, number });
}

/** The connection is gone: what was under way has no outcome. */
export function disconnected(turn: Turn): void {
  const hasIds = turn.has("loggia.chat/delivery");
  changeAll(turn, (entry) => {
    if (entry.state !== "sent") return entry;
    return { ...entry, state: hasIds || entry.what.kind !== "message" ? "waiting" : "unsure", wasSent: true };
  });
}

/** A new connection stands: what was unsure can be sent again under its id, or is looked for in what was said. */
export function settle(turn: Turn): void {
  const hasIds = turn.has("loggia.chat/delivery");
  const canLook = turn.has("draft/chathistory");
  changeAll(turn, (entry) => {
    if (entry.state !== "unsure") return entry;
    // What is done to a message can be done twice.
    if (hasIds || entry.what.kind !== "message") return { ...entry, state: "waiting" };
    return canLook ? entry : { ...entry, state: "failed", refusal: { code: "UNSURE", text: "" } };
  });
}

/** What was said in a room up to now is known: an unsure entry is there, or was never kept. */
export function lookedUp(turn: Turn, room: Room): void {
  const taken = new Set<string>();
  for (const entry of turn.state.outbox) {
    if (entry.state !== "unsure" || entry.what.kind !== "message" || turn.fold(entry.target) !== room.key) continue;
    const said = likely(room, entry, entry.what.text, taken);
    if (said) {
      taken.add(said.key);
      discard(turn, entry.stream, entry.number);
    } else {
      change(turn, entry, (same) => ({ ...same, state: "waiting" }));
    }
  }
  shown(turn, room);
}

/**
 * Own messages have come without being an outcome: of what is sent once more because its outcome was lost, some may be there
 * already. It goes on, for its id alone tells; but it is not shown twice until then.
 */
export function shown(turn: Turn, room: Room): void {
  const taken = new Set(turn.state.outbox.flatMap((entry) => entry.shownAs ?? []));
  for (const entry of turn.state.outbox) {
    if (!entry.wasSent || entry.shownAs || entry.state === "failed" || entry.what.kind !== "message") continue;
    if (turn.fold(entry.target) !== room.key) continue;
    const said = likely(room, entry, entry.what.text, taken);
    if (!said) continue;
    taken.add(said.key);
    change(turn, entry, (same) => ({ ...same, shownAs: said.key }));
  }
}

/** The own message in a room that an entry most likely is; not one that stands under the key of an entry whose outcome it is. */
function likely(room: Room, entry: Entry, text: string, taken: ReadonlySet<string>): ChatMessage | undefined {
  return room.messages.find(
    (other) =>
      other.own &&
      other.text === text &&
      (other.key === other.id || !other.key.startsWith("o")) &&
      other.time >= entry.at - CLOCKS_DIFFER_MS &&
      !taken.has(other.key),
  );
}

/** A room cannot be entered: what was to be said there is not sent. */
export function refuseRoom(turn: Turn, target: string, refusal: Refusal): void {
  const key = turn.fold(target);
  changeAll(turn, (entry) =>
    turn.fold(entry.target) === key && entry.state !== "failed" ? { ...entry, state: "failed", refusal } : entry,
  );
}

/** Sends what waits, in order, as far as it may be sent now. */
export function sendWaiting(turn: Turn): void {
  if (turn.state.stage.kind !== "ready" || turn.state.outbox.length === 0) return;
  const isCareful = !turn.state.server.isupport.has("SAFERATE") && !turn.state.server.isupport.has("soju.im/SAFERATE");
  const most = isCareful ? UNDER_WAY_CAREFUL_MAX : UNDER_WAY_MAX;
  let underWay = turn.state.outbox.filter((entry) => entry.state === "sent").length;
  for (const entry of turn.state.outbox) {
    if (entry.state === "failed" || entry.state === "sent") continue;
    if (entry.state !== "waiting" || underWay >= most) return;
    const room = turn.roomNamed(entry.target);
    if (turn.isChannel(entry.target) && room?.membership !== "in") {
      if (room?.membership === "joining") return;
      change(turn, entry, (same) => ({ ...same, state: "failed", refusal: { code: "NOT_IN_ROOM", text: "" } }));
      continue;
    }
    if (!isSupported(turn, entry.what)) {
      change(turn, entry, (same) => ({ ...same, state: "failed", refusal: { code: "NOT_SUPPORTED", text: "" } }));
      continue;
    }
    change(turn, entry, (same) => ({ ...same, state: "sent" }));
    write(turn, entry);
    underWay += 1;
    if (!hasOutcome(turn, entry)) done(turn, entry);
  }
}

/** The entry that a line is the outcome of, if it is. */
export function entryOf(turn: Turn, line: Message): Entry | undefined {
  const id = line.tags.get(ID);
  if (id !== undefined) return turn.state.outbox.find((entry) => `${entry.stream}.${entry.number}` === id);
  const label = line.tags.get("label");
  if (label?.startsWith("o")) {
    return turn.state.outbox.find((entry) => entry.state === "sent" && labelOf(entry) === label);
  }
  return undefined;
}

/** The entry that an echo without id and label is most likely of. */
export function entryEchoed(turn: Turn, target: string, text: string): Entry | undefined {
  if (turn.has("loggia.chat/delivery") || turn.has("labeled-response")) return undefined;
  const key = turn.fold(target);
  return turn.state.outbox.find((entry) => {
    if (entry.state !== "sent" || entry.what.kind !== "message" || turn.fold(entry.target) !== key) return false;
    // Of what went as several lines, the last one's echo says that all of it is there.
    return entry.what.text === text || singleLines(turn, entry.what, entry.target).at(-1) === text;
  });
}

/** It is kept. */
export function arrived(turn: Turn, entry: Entry): void {
  discard(turn, entry.stream, entry.number);
}

/** Takes an error that names an entry; tells whether it did. */
export function refused(turn: Turn, line: Message): boolean {
  const entry = entryOf(turn, line);
  if (!entry) return false;
  const isFail = line.command === "FAIL";
  if (!isFail && !/^[4-9]\d\d$/.test(line.command)) return false;
  const code = isFail ? (line.params[1] ?? "") : line.command;
  // Not known right now: it is asked again with the next turn of the clock.
  if (code === "ID_UNREADABLE") change(turn, entry, (same) => ({ ...same, state: "unsure" }));
  else change(turn, entry, (same) => ({ ...same, state: "failed", refusal: { code, text: line.params.at(-1) ?? "" } }));
  return true;
}

/** `ACK`: it was taken, and there is nothing to show. */
export function acknowledged(turn: Turn, line: Message): void {
  const entry = entryOf(turn, line);
  if (entry) done(turn, entry);
}

/** How an own message is shown before it is kept. */
export function preview(entry: Entry, nick: string): ChatMessage | undefined {
  if (entry.what.kind !== "message" || (entry.shownAs && entry.state !== "failed")) return undefined;
  return newMessage({
    key: keyOf(entry),
    time: entry.at,
    nick,
    kind: entry.what.action ? "action" : entry.what.notice ? "notice" : "message",
    text: entry.what.text,
    replyTo: entry.what.replyTo,
    own: true,
  });
}

/** The key under which an own message is shown before and after it is kept. */
export function keyOf(entry: Pick<Entry, "stream" | "number">): string {
  return `o${entry.stream}.${entry.number}`;
}

function labelOf(entry: Entry): string {
  return `o${entry.number}.${entry.stream.slice(0, 8)}`;
}

function isSupported(turn: Turn, what: What): boolean {
  switch (what.kind) {
    case "message":
      return true;
    case "edit":
      return canEdit(turn.state.server.enabled);
    case "redact":
      return turn.has("draft/message-redaction");
    case "react":
      return turn.has("message-tags");
  }
}

/** Whether the server changes what was said. */
export function canEdit(enabled: ReadonlySet<string>): boolean {
  return enabled.has("loggia.chat/edit") || enabled.has("draft/message-edit");
}

function hasOutcome(turn: Turn, entry: Entry): boolean {
  if (turn.has("loggia.chat/delivery") || turn.has("labeled-response")) return true;
  return entry.what.kind === "message" ? turn.has("echo-message") : false;
}

/** It was taken without an echo: then it is shown as it was written. */
function done(turn: Turn, entry: Entry): void {
  arrived(turn, entry);
  const shown = preview(entry, turn.state.me.nick);
  const room = turn.openRoom(entry.target);
  if (shown) message.show(turn, room, { ...shown, time: turn.now });
  else if (entry.what.kind === "react") {
    message.react(turn, room, entry.what.id, turn.state.me.nick, entry.what.emoji, entry.what.on);
  }
}

function write(turn: Turn, entry: Entry): void {
  const tags = {
    [ID]: turn.has("loggia.chat/delivery") ? `${entry.stream}.${entry.number}` : undefined,
    label: !turn.has("loggia.chat/delivery") && turn.has("labeled-response") ? labelOf(entry) : undefined,
  };
  const { target, what } = entry;
  switch (what.kind) {
    case "message":
      return writeMessage(turn, target, what, tags);
    case "edit":
      return turn.send({
        tags: { ...tags, "draft/target-msgid": what.id, "draft/edit-text": what.text },
        command: "EDIT",
        params: [target],
      });
    case "redact":
      return turn.send({ tags, command: "REDACT", params: [target, what.id] });
    case "react": {
      const name = what.on ? "+draft/react" : "+draft/unreact";
      return turn.send({
        tags: { ...tags, "+draft/reply": what.id, [name]: what.emoji },
        command: "TAGMSG",
        params: [target],
      });
    }
  }
}

type Outgoing = Extract<What, { kind: "message" }>;
type Tags = Record<string, string | undefined>;

function writeMessage(turn: Turn, target: string, what: Outgoing, ids: Tags): void {
  const command = what.notice ? "NOTICE" : "PRIVMSG";
  const reply = { "+draft/reply": what.replyTo !== "" && turn.has("message-tags") ? what.replyTo : undefined };
  const room = bytesFor(turn, command, target);
  if (what.action) {
    const text = split(what.text.replace(/\n/g, " "), room - "\x01ACTION \x01".length)[0] ?? "";
    return turn.send({
      tags: { ...ids, ...reply },
      command,
      params: [target, `\x01ACTION ${text}\x01`],
      trailing: true,
    });
  }
  const lines = what.text.split("\n").map((line) => split(line, room));
  if (lines.length === 1 && lines[0]?.length === 1) {
    return turn.send({ tags: { ...ids, ...reply }, command, params: [target, what.text], trailing: true });
  }
  if (turn.has("draft/multiline") && turn.has("batch") && fitsMultiline(turn, lines)) {
    const batch = `m${turn.number()}`;
    turn.send({ tags: { ...ids, ...reply }, command: "BATCH", params: [`+${batch}`, "draft/multiline", target] });
    for (const pieces of lines) {
      pieces.forEach((piece, index) => {
        const concat = index > 0 ? "" : undefined;
        const tags = { batch, "draft/multiline-concat": concat };
        turn.send({ tags, command, params: [target, piece], trailing: true });
      });
    }
    return turn.send({ command: "BATCH", params: [`-${batch}`] });
  }
  // Servers that know no such messages get one for each line; the last one tells the outcome.
  const all = singleLines(turn, what, target);
  all.forEach((line, index) => {
    const tags = { ...(index === all.length - 1 ? ids : {}), ...(index === 0 ? reply : {}) };
    turn.send({ tags, command, params: [target, line], trailing: true });
  });
}

/** A text as lines that servers without `draft/multiline` take. */
function singleLines(turn: Turn, what: Outgoing, target: string): string[] {
  const room = bytesFor(turn, what.notice ? "NOTICE" : "PRIVMSG", target);
  return what.text
    .split("\n")
    .flatMap((line) => split(line, room))
    .filter((line) => line.trim() !== "");
}

function fitsMultiline(turn: Turn, lines: readonly (readonly string[])[]): boolean {
  const limits = new Map(
    (turn.state.server.offered.get("draft/multiline") ?? "").split(",").map((limit) => {
      const [name = "", value = ""] = limit.split("=");
      return [name, Number(value)] as const;
    }),
  );
  const count = lines.reduce((sum, pieces) => sum + pieces.length, 0);
  const bytes = lines.reduce((sum, pieces) => sum + pieces.reduce((part, piece) => part + byteLength(piece), 1), -1);
  return count <= (limits.get("max-lines") ?? Number.POSITIVE_INFINITY) && bytes <= (limits.get("max-bytes") ?? 4096);
}

/** How many bytes of text fit one line to a target, from the sender as others see them. */
function bytesFor(turn: Turn, command: string, target: string): number {
  const { nick, user, host } = turn.state.me;
  const mask = user !== "" && host !== "" ? user.length + host.length + 2 : MASK_BYTES;
  const source = 1 + Math.max(byteLength(nick), isupport.number(turn.state.server.isupport, "NICKLEN", 9)) + mask + 1;
  return LINE_BYTES_MAX - 2 - source - byteLength(`${command} ${target} :`);
}

function isSame(entry: Pick<Entry, "stream" | "number">, other: Pick<Entry, "stream" | "number">): boolean {
  return entry.stream === other.stream && entry.number === other.number;
}

function change(turn: Turn, which: Pick<Entry, "stream" | "number">, how: (entry: Entry) => Entry): void {
  changeAll(turn, (entry) => (isSame(entry, which) ? how(entry) : entry));
}

/** Changes entries; the device keeps what has failed or waits, so that a new page shows the same. */
function changeAll(turn: Turn, how: (entry: Entry) => Entry): void {
  const changed = turn.state.outbox.map((entry) => {
    const now = how(entry);
    if (now !== entry && entry.state !== "keeping") turn.outputs.push({ kind: "keep", entry: now });
    return now;
  });
  if (changed.some((entry, index) => entry !== turn.state.outbox[index])) turn.state.outbox = changed;
}
