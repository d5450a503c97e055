/** `/commands`: what the person can type. Each is explained in the catalogues under `help.NAME`. */

import { type Key, SERVER } from "./state.ts";
import * as connection from "./connection.ts";
import * as join from "./features/join.ts";
import * as list from "./features/list.ts";
import * as search from "./features/search.ts";
import * as outbox from "./outbox.ts";
import type { Turn } from "./turn.ts";

type Command = (turn: Turn, room: Key, rest: string) => void;

const words = (rest: string): string[] => rest.split(" ").filter((word) => word !== "");

/** The first word and what follows. */
function first(rest: string): [string, string] {
  const match = /^\s*(\S*)\s*([\s\S]*)$/.exec(rest);
  return [match?.[1] ?? "", match?.[2] ?? ""];
}

function inRoom(how: (turn: Turn, name: string, rest: string) => void): Command {
  return (turn, room, rest) => {
    const name = turn.room(room)?.name ?? "";
    if (room === SERVER || !turn.isChannel(name)) turn.tell("NEEDS_ROOM", "");
    else how(turn, name, rest);
  };
}

function rank(change: string): Command {
  return inRoom((turn, name, rest) => {
    const nicks = words(rest);
    const sign = change.charAt(0);
    if (nicks.length > 0)
      turn.send({ command: "MODE", params: [name, sign + change.slice(1).repeat(nicks.length), ...nicks] });
  });
}

const COMMANDS: Readonly<Record<string, Command>> = {
  away: (turn, _, rest) => turn.send({ command: "AWAY", params: [rest === "" ? "away" : rest], trailing: true }),
  back: (turn) => turn.send({ command: "AWAY" }),
  ban: inRoom((turn, name, rest) =>
    turn.send({ command: "MODE", params: [name, "+b", ...words(rest).slice(0, 1).map(maskOf)] }),
  ),
  invite: inRoom((turn, name, rest) => {
    for (const nick of words(rest)) turn.send({ command: "INVITE", params: [nick, name] });
  }),
  ignore: (turn, _, rest) => ignore(turn, words(rest), true),
  join: (turn, _, rest) => {
    const [names, key] = first(rest);
    joinAndOpen(turn, names, key.trim());
  },
  kick: inRoom((turn, name, rest) => {
    const [nick, reason] = first(rest);
    if (nick !== "")
      turn.send({
        command: "KICK",
        params: reason === "" ? [name, nick] : [name, nick, reason],
        trailing: reason !== "",
      });
  }),
  list: (turn) => list.askList(turn),
  me: (turn, room, rest) => say(turn, room, rest, true),
  mode: inRoom((turn, name, rest) => turn.send({ command: "MODE", params: [name, ...words(rest)] })),
  msg: (turn, _, rest) => {
    const [nick, text] = first(rest);
    if (nick === "") return;
    turn.state.active = turn.openRoom(nick).key;
    if (text !== "") outbox.add(turn, nick, { kind: "message", text, action: false, notice: false, replyTo: "" });
  },
  nick: (turn, _, rest) => {
    const [nick] = first(rest);
    if (nick !== "") turn.send({ command: "NICK", params: [nick] });
  },
  notice: (turn, _, rest) => {
    const [target, text] = first(rest);
    if (text !== "") outbox.add(turn, target, { kind: "message", text, action: false, notice: true, replyTo: "" });
  },
  op: rank("+o"),
  deop: rank("-o"),
  oper: (turn, _, rest) => turn.send({ command: "OPER", params: words(rest) }),
  part: inRoom((turn, name) => turn.send({ command: "PART", params: [name] })),
  quit: (turn) => connection.leave(turn),
  raw: (turn, _, rest) => {
    if (rest !== "") turn.outputs.push({ kind: "send", line: rest.replace(/[\0\r\n]/g, " ") });
  },
  search: (turn, _, rest) => search.ask(turn, rest, ""),
  topic: inRoom((turn, name, rest) =>
    turn.send({ command: "TOPIC", params: rest === "" ? [name] : [name, rest], trailing: rest !== "" }),
  ),
  unban: inRoom((turn, name, rest) =>
    turn.send({ command: "MODE", params: [name, "-b", ...words(rest).slice(0, 1).map(maskOf)] }),
  ),
  unignore: (turn, _, rest) => ignore(turn, words(rest), false),
  unvoice: rank("-v"),
  voice: rank("+v"),
  whois: (turn, _, rest) => {
    const [nick] = first(rest);
    if (nick !== "") list.askWhois(turn, nick);
  },
};

/** Their names, for completion and help; without those that only people with a reason know. */
export const NAMES: readonly string[] = Object.keys(COMMANDS).sort();

/** Carries out `/name rest`. */
export function run(turn: Turn, room: Key, text: string): void {
  const match = /^\/(\S*)\s?([\s\S]*)$/.exec(text);
  const name = (match?.[1] ?? "").toLowerCase();
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (turn.state.stage.kind !== "ready" && name !== "quit" && name !== "me") return turn.tell("NOT_CONNECTED", "");
  if (command) command(turn, room, match?.[2] ?? "");
  else turn.tell("NO_SUCH_COMMAND", `/${name}`);
}

/** Says something in a room. */
export function say(turn: Turn, key: Key, text: string, action = false): void {
  const room = turn.room(key);
  if (!room || room.kind === "server" || text.trim() === "") return;
  if (room.editing !== "") {
    outbox.add(turn, room.name, { kind: "edit", id: room.editing, text: text.replace(/\s*\n\s*/g, " ") });
  } else {
    outbox.add(turn, room.name, { kind: "message", text, action, notice: false, replyTo: room.replyTo });
  }
  const writable = turn.editRoom(key);
  writable.replyTo = "";
  writable.editing = "";
  writable.toldTyping = 0;
}

/** Enters channels and shows the last one. */
export function joinAndOpen(turn: Turn, names: string, key: string): void {
  const channels = names
    .split(",")
    .filter((name) => name !== "")
    .map((name) => (turn.isChannel(name) ? name : `#${name}`));
  if (key === "") join.enter(turn, channels);
  else {
    for (const name of channels) {
      turn.openRoom(name).membership = "joining";
      turn.send({ command: "JOIN", params: [name, key] });
    }
  }
  const last = turn.roomNamed(channels.at(-1) ?? "");
  if (last) turn.state.active = last.key;
}

/** The mask that a word means: a nick is everybody with that nick. */
export function maskOf(word: string): string {
  return /[!@*:]/.test(word) ? word : `${word}!*@*`;
}

export function ignore(turn: Turn, nicks: readonly string[], isOn: boolean): void {
  const keys = nicks.map((nick) => turn.fold(nick));
  const rest = turn.state.preferences.ignored.filter((key) => !keys.includes(key));
  turn.prefer({ ignored: isOn ? [...rest, ...keys] : rest });
}
