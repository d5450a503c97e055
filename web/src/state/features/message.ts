/** PRIVMSG and NOTICE, of one line or several, and what hangs on messages: reactions. */

import { nickOf, type Message } from "../../irc/message.ts";
import { withoutStatus } from "../../irc/isupport.ts";
import { parseCtcp, stripFormatting } from "../../irc/text.ts";
import * as notification from "../../text/notification.ts";
import * as history from "../history.ts";
import * as outbox from "../outbox.ts";
import { type Batch, type ChatMessage, newMessage, type Room, SERVER } from "../state.ts";
import type { Turn, Writable } from "../turn.ts";

/** Reactions of different kinds on one message that are shown, and people of one kind. */
const REACTIONS_MAX = 50;
const REACTING_MAX = 1_000;
/** The longest emoji or word that counts as a reaction, in UTF-16 units. */
const REACTION_LENGTH_MAX = 64;

/** When a line was said. */
export function timeOf(turn: Turn, line: Message): number {
  const time = Date.parse(line.tags.get("time") ?? "");
  return Number.isNaN(time) ? turn.now : time;
}

/** The name of the conversation that a line belongs to, as this person sees it; empty for the server's. */
export function conversationOf(turn: Turn, line: Message): string {
  const target = withoutStatus(turn.state.server.isupport, line.params[0] ?? "");
  if (turn.isChannel(target)) return target;
  const nick = nickOf(line.source);
  if (turn.isMe(nick)) return turn.isMe(target) ? nick : target;
  const isPerson = line.source.includes("!") || (nick !== "" && !nick.includes("."));
  return isPerson && turn.state.stage.kind === "ready" ? nick : "";
}

/** Makes a message of a line; `undefined` for CTCP that is not to be read. */
export function read(turn: Turn, line: Message, text = line.params[1] ?? ""): ChatMessage | undefined {
  const ctcp = parseCtcp(text);
  if (ctcp && ctcp.command !== "ACTION") return undefined;
  const nick = nickOf(line.source);
  const own = turn.isMe(nick);
  const body = ctcp ? ctcp.text : text;
  const target = line.params[0] ?? "";
  const id = line.tags.get("msgid") ?? "";
  return newMessage({
    key: id !== "" ? id : `l${turn.number()}`,
    id,
    time: timeOf(turn, line),
    nick: nick === "" ? turn.state.server.name : nick,
    account: line.tags.get("account") ?? "",
    kind: ctcp ? "action" : line.command === "NOTICE" ? "notice" : "message",
    text: body,
    replyTo: line.tags.get("+draft/reply") ?? line.tags.get("+reply") ?? "",
    edited: line.tags.has("loggia.chat/edited"),
    own,
    mention: !own && line.command !== "NOTICE" && (!turn.isChannel(target) || mentions(turn, body)),
    cursor: line.tags.get("loggia.chat/cursor") ?? "",
    relayedBy: line.tags.get("draft/relaymsg") ?? "",
    bot: line.tags.has("bot"),
  });
}

/** The text of a batch `draft/multiline`. Spec: IRCv3 multiline, "Batch types". */
export function textOf(batch: Batch): string {
  let text = "";
  let isFirst = true;
  for (const item of batch.items) {
    if (!("command" in item)) continue;
    const isContinued = item.tags.has("draft/multiline-concat");
    text += isFirst || isContinued ? (item.params[1] ?? "") : `\n${item.params[1] ?? ""}`;
    isFirst = false;
  }
  return text;
}

/** Reads a batch of lines as the one message it is. */
export function readBatch(turn: Turn, batch: Batch, closing?: Message): ChatMessage | undefined {
  const inner = batch.items.find((item): item is Message => "command" in item);
  if (!inner) return undefined;
  const cursor = closing?.tags.get("loggia.chat/cursor") ?? batch.opening.tags.get("loggia.chat/cursor") ?? "";
  const tags = new Map(batch.opening.tags);
  if (cursor !== "") tags.set("loggia.chat/cursor", cursor);
  const line = { ...inner, tags, source: batch.opening.source || inner.source, params: [batch.params[0] ?? ""] };
  return read(turn, line, textOf(batch));
}

/** A line has come. */
export function said(turn: Turn, line: Message): void {
  const text = line.params[1] ?? "";
  answerCtcp(turn, line, text);
  receive(turn, line, read(turn, line));
}

/** A batch of lines has come. */
export function saidInLines(turn: Turn, batch: Batch, closing: Message): void {
  const inner = batch.items.find((item): item is Message => "command" in item);
  if (!inner) return;
  const line = { ...inner, tags: batch.opening.tags, source: batch.opening.source || inner.source };
  receive(turn, line, readBatch(turn, batch, closing));
}

function receive(turn: Turn, line: Message, message: ChatMessage | undefined): void {
  if (!message) return;
  const name = conversationOf(turn, line);
  const isEcho = message.own;
  const entry = isEcho
    ? (outbox.entryOf(turn, line) ?? outbox.entryEchoed(turn, line.params[0] ?? "", message.text))
    : undefined;
  if (entry) outbox.arrived(turn, entry);
  const room = name === "" ? turn.editRoom(SERVER) : turn.openRoom(name, message.time - 1);
  show(turn, room, entry ? { ...message, key: outbox.keyOf(entry) } : message);
  if (isEcho && !entry) outbox.shown(turn, room);
  noteSender(turn, line, message);
}

/** Shows a message at its place: nearly always the end. */
export function show(turn: Turn, room: Writable<Room>, message: ChatMessage): void {
  const messages = turn.editMessages(room);
  const last = messages.at(-1);
  if (message.id !== "" && isKnown(messages, message)) return;
  if (!last || history.compare(last, message) <= 0) messages.push(message);
  else room.messages = history.merge(messages, [message], "after").messages;
  const typing = turn.fold(message.nick);
  if (room.typing.has(typing)) turn.editTyping(room).delete(typing);
  if (message.own || message.kind === "event" || isIgnored(turn, message.nick)) return;
  if (message.time <= room.readUpTo) return;
  room.unread += 1;
  if (message.mention) room.mentions += 1;
  announce(turn, room, message);
}

/** Counts anew what is not read. */
export function countUnread(turn: Turn, room: Writable<Room>): void {
  let unread = 0;
  let mentions = 0;
  for (let index = room.messages.length - 1; index >= 0; index -= 1) {
    const message = room.messages[index] as ChatMessage;
    if (message.time <= room.readUpTo) break;
    if (message.own || message.kind === "event" || message.deleted || isIgnored(turn, message.nick)) continue;
    unread += 1;
    if (message.mention) mentions += 1;
  }
  room.unread = unread;
  room.mentions = mentions;
}

/** Puts a reaction on a message, or takes it back. */
export function react(turn: Turn, room: Writable<Room>, id: string, nick: string, emoji: string, on: boolean): void {
  const index = history.indexOf(room.messages, id);
  if (index < 0 || emoji === "" || emoji.length > REACTION_LENGTH_MAX) return;
  const message = room.messages[index] as ChatMessage;
  const reactions = new Map(message.reactions);
  const before = (reactions.get(emoji) ?? []).filter((other) => turn.fold(other) !== turn.fold(nick));
  const after = on ? [...before, nick].slice(0, REACTING_MAX) : before;
  if (after.length > 0 && (reactions.has(emoji) || reactions.size < REACTIONS_MAX)) reactions.set(emoji, after);
  else reactions.delete(emoji);
  turn.editMessages(room)[index] = { ...message, reactions };
}

/** TAGMSG, or a message with such tags: the reaction in it. */
export function reactionIn(line: Message): { id: string; emoji: string; on: boolean } | undefined {
  const id = line.tags.get("+draft/reply") ?? line.tags.get("+reply");
  const on = line.tags.get("+draft/react") ?? line.tags.get("+react");
  const off = line.tags.get("+draft/unreact") ?? line.tags.get("+unreact");
  const emoji = on ?? off;
  return id !== undefined && emoji !== undefined ? { id, emoji, on: on !== undefined } : undefined;
}

/** Whether a person is not to be heard. */
export function isIgnored(turn: Turn, nick: string): boolean {
  return turn.state.preferences.ignored.includes(turn.fold(nick));
}

/** Whether a text names this person, as a word of its own. */
function mentions(turn: Turn, text: string): boolean {
  const nick = turn.state.me.nick;
  if (nick === "") return false;
  const escaped = nick.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return new RegExp(`(?<![\\p{L}\\p{N}_-])${escaped}(?![\\p{L}\\p{N}_-])`, "iu").test(stripFormatting(text));
}

function isKnown(messages: readonly ChatMessage[], message: ChatMessage): boolean {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const other = messages[index] as ChatMessage;
    if (other.id === message.id) return true;
    if (other.time < message.time) return false;
  }
  return false;
}

function announce(turn: Turn, room: Room, message: ChatMessage): void {
  const wanted = turn.state.preferences.notify[room.key] ?? "mentions";
  if (wanted === "nothing" || (wanted === "mentions" && !message.mention)) return;
  if (turn.state.visible && turn.state.active === room.key) return;
  const title = notification.title(message.nick, room.kind === "person" ? "" : room.name);
  const text = notification.body(message.text);
  turn.outputs.push({ kind: "notify", room: room.key, name: room.name, title, text });
}

/** People on other devices ask programs for their name and their way of the line; in private only, once each time. */
function answerCtcp(turn: Turn, line: Message, text: string): void {
  const ctcp = line.command === "PRIVMSG" ? parseCtcp(text) : undefined;
  const nick = nickOf(line.source);
  if (!ctcp || line.tags.has("batch") || turn.isMe(nick) || !turn.isMe(line.params[0] ?? "")) return;
  const answer = ctcp.command === "VERSION" ? "VERSION Loggia web" : ctcp.command === "PING" ? `PING ${ctcp.text}` : "";
  if (answer !== "") turn.send({ command: "NOTICE", params: [nick, `\x01${answer}\x01`], trailing: true });
}

function noteSender(turn: Turn, line: Message, message: ChatMessage): void {
  if (message.own || !line.source.includes("!")) return;
  const known = turn.person(message.nick);
  if (known && known.account === message.account && known.bot === message.bot) return;
  if (known || message.account !== "") turn.setPerson(message.nick, { account: message.account, bot: message.bot });
}
