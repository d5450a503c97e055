/** AWAY, ACCOUNT, CHGHOST, SETNAME, MONITOR: what becomes of people while one looks on. */

import { type Message, nickOf } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

export function away(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  turn.setPerson(nick, { away: (line.params[0] ?? "") !== "" });
}

/** 305 and 306: one's own. */
export function ownAway(turn: Turn, line: Message): void {
  turn.setMe({ away: line.command === "306" });
}

/** 301: somebody one has written to is away. */
export function isAway(turn: Turn, line: Message): void {
  const nick = line.params[1] ?? "";
  if (turn.person(nick)) turn.setPerson(nick, { away: true });
}

export function account(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const name = line.params[0] === "*" ? "" : (line.params[0] ?? "");
  turn.setPerson(nick, { account: name });
  if (turn.isMe(nick)) turn.setMe({ account: name });
}

export function chghost(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  const [user = "", host = ""] = line.params;
  turn.setPerson(nick, { user, host });
  if (turn.isMe(nick)) turn.setMe({ user, host });
}

export function setname(turn: Turn, line: Message): void {
  const nick = nickOf(line.source);
  if (turn.isMe(nick) && line.source.includes("!")) {
    const [, user = "", host = ""] = /!([^@]*)@(.*)$/.exec(line.source) ?? [];
    turn.setMe({ user, host });
  }
  if (turn.person(nick)) turn.setPerson(nick, { realname: line.params[0] ?? "" });
}

/** 730 and 731: somebody that is watched has come or gone. */
export function monitored(turn: Turn, line: Message): void {
  for (const source of (line.params[1] ?? "").split(",")) {
    if (source !== "") turn.setPerson(nickOf(source), { online: line.command === "730" });
  }
}
