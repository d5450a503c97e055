/** MARKREAD: how far one has read, the same on all devices. Spec: IRCv3 read-marker. */

import type { Message } from "../../irc/message.ts";
import type { Key } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as message from "./message.ts";

const REMEMBERED_MAX = 500;

export function markread(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[0] ?? "");
  const time = Date.parse(/^timestamp=(.+)$/.exec(line.params[1] ?? "")?.[1] ?? "");
  if (!room || Number.isNaN(time)) return;
  // What was read on another device before anything is shown on this one is not new here.
  const isShown = room.oldest !== "" && isLookedAt(turn, room.key);
  move(turn, room.key, time, isShown);
}

/** The person has seen everything up to a time. */
export function seen(turn: Turn, key: Key, time: number): void {
  const room = turn.room(key);
  if (!room || time <= room.readUpTo) return;
  move(turn, key, time, isLookedAt(turn, key));
  if (room.kind !== "server" && turn.has("draft/read-marker") && turn.state.stage.kind === "ready") {
    turn.send({ command: "MARKREAD", params: [room.name, `timestamp=${new Date(time).toISOString()}`] });
  }
}

function isLookedAt(turn: Turn, key: Key): boolean {
  return turn.state.active === key && turn.state.visible;
}

/** The line “new” stays where it is while one looks at it. */
function move(turn: Turn, key: Key, time: number, isShown: boolean): void {
  const room = turn.editRoom(key);
  const wasBehind = room.newSince === room.readUpTo && !isShown;
  if (time <= room.readUpTo && turn.state.preferences.read[key] !== undefined) return;
  room.readUpTo = time;
  if (wasBehind) room.newSince = time;
  message.countUnread(turn, room);
  const read = Object.entries({ ...turn.state.preferences.read, [key]: time });
  turn.prefer({ read: Object.fromEntries(read.slice(-REMEMBERED_MAX)) });
}
