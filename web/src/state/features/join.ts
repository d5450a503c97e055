/** JOIN, PART, KICK, QUIT, NICK, INVITE, RENAME: who is where, and under which name. */

import { type Message, nickOf, userHostOf } from "../../irc/message.ts";
import * as outbox from "../outbox.ts";
import type { Key } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";
import * as message from "./message.ts";
import * as names from "./names.ts";

const JOIN_BYTES_MAX = 400;
const ROOMS_REMEMBERED_MAX = 200;

/** Asks to enter channels. */
export function enter(turn: Turn, channels: readonly string[]): void {
  let line: string[] = [];
  const flush = (): void => {
    if (line.length > 0) turn.send({ command: "JOIN", params: [line.join(",")] });
    line = [];
  };
  for (const name of channels) {
    if (!turn.isChannel(name) || /[ ,\x07]/.test(name)) continue;
    const room = turn.openRoom(name);
    if (room.membership === "in") continue;
    room.membership = "joining";
    if ([...line, name].join(",").length > JOIN_BYTES_MAX) flush();
    line.push(name);
  }
  flush();
}

export function join(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const name = line.params[0] ?? "";
  const room = turn.openRoom(name);
  const { user, host } = userHostOf(line.source);
  const account =
    line.params.length > 1 ? (line.params[1] === "*" ? "" : (line.params[1] ?? "")) : (line.tags.get("account") ?? "");
  const known = turn.person(nick);
  turn.setPerson(nick, {
    user,
    host,
    account,
    away: known?.away ?? false,
    realname: line.params[2] ?? "",
    online: true,
  });
  if (turn.isMe(nick)) {
    turn.setMe({ user, host });
    room.name = name;
    room.membership = "in";
    room.members = new Map();
    remember(turn, name);
    chathistory.latest(turn, room.key);
  } else {
    turn.event(room.key, "join", nick, "", "", message.timeOf(turn, line));
  }
  turn.editMembers(room).set(turn.fold(nick), { nick, ranks: "" });
}

export function part(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const room = turn.roomNamed(line.params[0] ?? "");
  if (!room) return;
  leave(turn, room.key, nick);
  if (turn.isMe(nick)) {
    forget(turn, room.name);
    turn.removeRoom(room.key);
  } else {
    turn.event(room.key, "part", nick, "", line.params[1] ?? "", message.timeOf(turn, line));
  }
}

export function kick(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[0] ?? "");
  const nick = line.params[1] ?? "";
  if (!room) return;
  leave(turn, room.key, nick);
  turn.event(room.key, "kick", nickOf(line.source), nick, line.params[2] ?? "", message.timeOf(turn, line));
  if (turn.isMe(nick)) {
    forget(turn, room.name);
    turn.editRoom(room.key).membership = "out";
  }
}

export function quit(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const key = turn.fold(nick);
  for (const room of turn.state.rooms.values()) {
    if (!room.members.has(key)) continue;
    leave(turn, room.key, nick);
    turn.event(room.key, "quit", nick, "", line.params[0] ?? "", message.timeOf(turn, line));
  }
  if (turn.person(nick)) turn.setPerson(nick, { online: false });
}

export function nick(turn: Turn, line: Message): void {
  const from = nickOf(line.source);
  const to = line.params[0] ?? "";
  if (to === "") return;
  const isMine = turn.isMe(from);
  const key = turn.fold(from);
  turn.movePerson(from, to);
  for (const room of turn.state.rooms.values()) {
    const member = room.members.get(key);
    if (!member) continue;
    const members = turn.editMembers(turn.editRoom(room.key));
    members.delete(key);
    members.set(turn.fold(to), { ...member, nick: to });
    turn.event(room.key, "nick", from, to, "", message.timeOf(turn, line));
  }
  const conversation = turn.roomNamed(from);
  if (conversation?.kind === "person" && !turn.roomNamed(to)) turn.renameRoom(conversation.key, to);
  if (isMine) {
    turn.setMe({ nick: to });
    turn.prefer({ nick: to });
  }
}

export function invite(turn: Turn, line: Message): void {
  const room = line.params[1] ?? "";
  if (!turn.isMe(line.params[0] ?? "")) {
    const known = turn.roomNamed(room);
    if (known) turn.event(known.key, "invite", nickOf(line.source), line.params[0] ?? "");
    return;
  }
  if (turn.roomNamed(room)?.membership === "in") return;
  const others = turn.state.invitations.filter((other) => turn.fold(other.room) !== turn.fold(room));
  turn.state.invitations = [...others, { room, by: nickOf(line.source) }].slice(-20);
}

/** Spec: IRCv3 channel-rename. */
export function rename(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[0] ?? "");
  const name = line.params[1] ?? "";
  if (!room || name === "") return;
  forget(turn, room.name);
  const renamed = turn.renameRoom(room.key, name);
  remember(turn, name);
  turn.event(renamed.key, "rename", nickOf(line.source), name, line.params[2] ?? "");
}

/** A numeric that says why a channel cannot be entered. */
export function refused(turn: Turn, line: Message): void {
  const name = line.params[1] ?? "";
  const room = turn.roomNamed(name);
  const refusal = { code: line.command, text: line.params.at(-1) ?? "" };
  if (!room || room.membership === "in") return turn.tell(refusal.code, `${name}: ${refusal.text}`);
  outbox.refuseRoom(turn, name, refusal);
  turn.editRoom(room.key).membership = "out";
  turn.event(room.key, "refused", "", line.command, refusal.text);
  forget(turn, name);
}

/** Remembers a channel, to enter it the next time. */
function remember(turn: Turn, name: string): void {
  const key = turn.fold(name);
  turn.state.invitations = turn.state.invitations.filter((other) => turn.fold(other.room) !== key);
  const rooms = turn.state.preferences.rooms;
  if (rooms.some((other) => turn.fold(other) === key)) return;
  turn.prefer({ rooms: [...rooms, name].slice(-ROOMS_REMEMBERED_MAX) });
}

function forget(turn: Turn, name: string): void {
  const key = turn.fold(name);
  const rooms = turn.state.preferences.rooms.filter((other) => turn.fold(other) !== key);
  if (rooms.length !== turn.state.preferences.rooms.length) turn.prefer({ rooms });
}

function leave(turn: Turn, key: Key, nick: string): void {
  const room = turn.editRoom(key);
  turn.editMembers(room).delete(turn.fold(nick));
  if (room.typing.has(turn.fold(nick))) turn.editTyping(room).delete(turn.fold(nick));
}

/** 366: all members are told. */
export function namesEnded(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[1] ?? "");
  if (room?.membership === "in") names.askWho(turn, room);
}
