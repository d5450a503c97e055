/** TAGMSG: somebody writes, or has put a sign on a message. Spec: IRCv3 typing, react. */

import { type Message, nickOf } from "../../irc/message.ts";
import * as outbox from "../outbox.ts";
import type { Key } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as message from "./message.ts";

/** How long somebody is believed to write after they said so; and how often one says so (the specification's numbers). */
const ACTIVE_MS = 6_000;
const PAUSED_MS = 30_000;
const TELL_EVERY_MS = 3_000;
const TYPING_MAX = 100;

export function tagmsg(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const name = message.conversationOf(turn, line);
  const entry = turn.isMe(nick) ? outbox.entryOf(turn, line) : undefined;
  if (entry) outbox.arrived(turn, entry);
  const room = turn.roomNamed(name);
  if (!room) return;
  const reaction = message.reactionIn(line);
  if (reaction) message.react(turn, turn.editRoom(room.key), reaction.id, nick, reaction.emoji, reaction.on);
  const typing = line.tags.get("+typing") ?? line.tags.get("+draft/typing");
  if (typing !== undefined && !turn.isMe(nick) && !message.isIgnored(turn, nick)) note(turn, room.key, nick, typing);
}

function note(turn: Turn, key: Key, nick: string, typing: string): void {
  const all = turn.editTyping(turn.editRoom(key));
  const who = turn.fold(nick);
  if (typing === "active" || typing === "paused") {
    const until = turn.now + (typing === "active" ? ACTIVE_MS : PAUSED_MS);
    if (all.size < TYPING_MAX || all.has(who)) all.set(who, { nick, until });
  } else {
    all.delete(who);
  }
}

/** Whoever has not said anything for a while does not write any more. */
export function tick(turn: Turn): void {
  for (const room of turn.state.rooms.values()) {
    for (const [who, typing] of room.typing) {
      if (typing.until <= turn.now) turn.editTyping(turn.editRoom(room.key)).delete(who);
    }
  }
}

/** The person has changed what they are writing. */
export function write(turn: Turn, key: Key, isEmpty: boolean): void {
  const room = turn.room(key);
  const isPossible = turn.has("message-tags") && turn.state.stage.kind === "ready";
  if (!room || room.kind === "server" || room.membership !== "in" || !isPossible || !turn.state.preferences.sendTyping)
    return;
  if (isEmpty) {
    if (room.toldTyping === 0) return;
    turn.editRoom(key).toldTyping = 0;
    turn.send({ tags: { "+typing": "done" }, command: "TAGMSG", params: [room.name] });
  } else if (turn.now - room.toldTyping >= TELL_EVERY_MS) {
    turn.editRoom(key).toldTyping = turn.now;
    turn.send({ tags: { "+typing": "active" }, command: "TAGMSG", params: [room.name] });
  }
}
