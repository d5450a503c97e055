/** NAMES, WHO, MODE, TOPIC: what a channel is like, and who is in it. */

import { ranks, takesParam } from "../../irc/isupport.ts";
import { type Message, nickOf, userHostOf } from "../../irc/message.ts";
import type { Member, Room } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as message from "./message.ts";

/** In larger channels nobody's absence is asked for: the answer would be longer than what it tells. */
const WHO_MEMBERS_MAX = 200;
/** Most bans of one channel that are held; servers bound them far below. */
const BANS_MAX = 1_000;
/** Most people of one channel that are held. */
const MEMBERS_MAX = 50_000;

export function names(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[2] ?? "");
  if (!room) return;
  const members = turn.editMembers(turn.editRoom(room.key));
  const known = ranks(turn.state.server.isupport);
  for (const word of (line.params[3] ?? "").split(" ")) {
    let start = 0;
    let letters = "";
    for (
      let rank = known.find((other) => other.sign === word[start]);
      rank;
      rank = known.find((other) => other.sign === word[start])
    ) {
      letters += rank.mode;
      start += 1;
    }
    const source = word.slice(start);
    const nick = nickOf(source);
    if (nick === "" || members.size >= MEMBERS_MAX) continue;
    members.set(turn.fold(nick), { nick, ranks: letters });
    if (source.includes("!")) turn.setPerson(nick, { ...userHostOf(source), online: true });
    else if (!turn.person(nick)) turn.setPerson(nick, { online: true });
  }
}

/** Asks who of a channel is away, a bot, logged in. */
export function askWho(turn: Turn, room: Room): void {
  if (!turn.state.server.isupport.has("WHOX") || room.members.size > WHO_MEMBERS_MAX) return;
  turn.send({ command: "WHO", params: [room.name, "%tnfar,1"] });
}

/** 354 with the fields asked for: token, nick, flags, account, real name. */
export function whox(turn: Turn, line: Message): void {
  const [, token, nick, flags = "", account = "0", realname = ""] = line.params;
  if (token !== "1" || nick === undefined) return;
  const botLetter = turn.state.server.isupport.get("BOT") ?? "";
  turn.setPerson(nick, {
    away: flags.startsWith("G"),
    bot: botLetter !== "" && flags.includes(botLetter),
    account: account === "0" ? "" : account,
    realname,
  });
}

export function topic(turn: Turn, line: Message): void {
  const isChange = line.command === "TOPIC";
  const room = turn.roomNamed(line.params[isChange ? 0 : 1] ?? "");
  if (!room) return;
  const text = line.command === "331" ? "" : (line.params.at(-1) ?? "");
  turn.editRoom(room.key).topic = text;
  if (isChange) turn.event(room.key, "topic", nickOf(line.source), "", text, message.timeOf(turn, line));
}

export function mode(turn: Turn, line: Message): void {
  const target = line.params[0] ?? "";
  const room = turn.roomNamed(target);
  const changes = line.params[1] ?? "";
  if (!turn.isChannel(target)) {
    if (turn.isMe(target)) turn.setMe({ modes: applyLetters(turn.state.me.modes, changes) });
    return;
  }
  if (!room) return;
  apply(turn, room, changes, line.params.slice(2));
  turn.event(room.key, "mode", nickOf(line.source), "", line.params.slice(1).join(" "), message.timeOf(turn, line));
}

/** 324: the modes of a channel. */
export function channelModes(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[1] ?? "");
  if (!room) return;
  turn.editRoom(room.key).modes = "";
  apply(turn, room, line.params[2] ?? "", line.params.slice(3));
}

/** Asks who may not enter a channel. */
export function askBans(turn: Turn, room: Room): void {
  turn.editRoom(room.key).bans = [];
  turn.send({ command: "MODE", params: [room.name, "b"] });
}

/** 367: an entry of the list. */
export function ban(turn: Turn, line: Message): void {
  const [, name = "", mask = "", by = ""] = line.params;
  const room = turn.roomNamed(name);
  if (!room?.bans || room.bans.length >= BANS_MAX || room.bans.some((known) => known.mask === mask)) return;
  turn.editRoom(room.key).bans = [...room.bans, { mask, by: nickOf(by) }];
}

/** 368: that was all. */
export function bansEnded(turn: Turn, line: Message): void {
  const room = turn.roomNamed(line.params[1] ?? "");
  if (room && room.bans === undefined) turn.editRoom(room.key).bans = [];
}

function apply(turn: Turn, before: Room, changes: string, params: readonly string[]): void {
  const tokens = turn.state.server.isupport;
  const order = ranks(tokens).map((rank) => rank.mode);
  const lists = (tokens.get("CHANMODES") ?? "beI").split(",")[0] ?? "";
  const rest = [...params];
  let isSet = true;
  for (const letter of changes) {
    if (letter === "+" || letter === "-") {
      isSet = letter === "+";
      continue;
    }
    const param = takesParam(tokens, letter, isSet) ? rest.shift() : undefined;
    const room = turn.editRoom(before.key);
    if (order.includes(letter)) {
      const member = room.members.get(turn.fold(param ?? ""));
      if (member) turn.editMembers(room).set(turn.fold(member.nick), ranked(member, letter, isSet, order));
    } else if (letter === "b" && lists.includes("b")) {
      if (room.bans !== undefined && param !== undefined) {
        const others = room.bans.filter((known) => known.mask !== param);
        room.bans = isSet ? [...others, { mask: param, by: "" }] : others;
      }
    } else if (!lists.includes(letter)) {
      room.modes = applyLetters(room.modes, `${isSet ? "+" : "-"}${letter}`);
    }
  }
}

function ranked(member: Member, letter: string, isSet: boolean, order: readonly string[]): Member {
  const letters = new Set(member.ranks);
  if (isSet) letters.add(letter);
  else letters.delete(letter);
  return { ...member, ranks: order.filter((mode) => letters.has(mode)).join("") };
}

/** Letters that are set after `+ab-c`, sorted. */
function applyLetters(before: string, changes: string): string {
  const letters = new Set(before);
  let isSet = true;
  for (const letter of changes) {
    if (letter === "+" || letter === "-") isSet = letter === "+";
    else if (isSet) letters.add(letter);
    else letters.delete(letter);
  }
  return [...letters].sort().join("");
}
