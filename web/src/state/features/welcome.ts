/** 001 to 005, the message of the day, and what follows from being let in: rooms are entered, what was missed is asked for. */

import type { Message } from "../../irc/message.ts";
import { merge } from "../../irc/isupport.ts";
import * as outbox from "../outbox.ts";
import { SERVER, newRoom } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";
import * as join from "./join.ts";
import * as metadata from "./metadata.ts";
import * as register from "./register.ts";
import * as resume from "./resume.ts";

const MOTD_LINES_MAX = 500;

export function welcome(turn: Turn, line: Message): void {
  turn.setServer({ name: line.source, motd: [] });
  turn.setMe({ nick: line.params[0] ?? turn.state.me.nick });
  turn.state.attempt = 0;
}

export function isupport(turn: Turn, line: Message): void {
  const tokens = merge(turn.state.server.isupport, line.params);
  turn.setServer({ isupport: tokens, network: tokens.get("NETWORK") ?? turn.state.server.network });
}

export function motd(turn: Turn, line: Message): void {
  if (line.command === "375") turn.setServer({ motd: [] });
  else if (turn.state.server.motd.length < MOTD_LINES_MAX)
    turn.setServer({ motd: [...turn.state.server.motd, line.params.at(-1) ?? ""] });
}

/** 376 or 422: the welcome is complete. */
export function ready(turn: Turn): void {
  if (turn.state.stage.kind !== "registering") return;
  turn.state.stage = { kind: "ready" };
  rekey(turn);
  const nonce = turn.state.login?.nonce ?? "";
  if (turn.state.login?.refusal === undefined) turn.state.login = undefined;
  const wanted = turn.state.preferences.rooms;
  const names = wanted.length > 0 || turn.state.firstRoom === "" ? [...wanted] : [turn.state.firstRoom];
  if (turn.state.firstRoom !== "" && !names.some((name) => turn.fold(name) === turn.fold(turn.state.firstRoom))) {
    names.push(turn.state.firstRoom);
  }
  join.enter(turn, names);
  for (const room of turn.state.rooms.values()) {
    if (room.kind === "person") turn.watch(room.name);
  }
  openFirstPerson(turn);
  const { firstRoom, firstPerson } = turn.state;
  const first = turn.room(turn.fold(firstPerson || firstRoom || (names[0] ?? "")));
  if (turn.state.active === SERVER && first) turn.state.active = first.key;
  // Once: when the connection comes back, what was put away stays away.
  turn.state.firstPerson = "";
  register.afterComingIn(turn, nonce);
  metadata.subscribe(turn);
  resume.ask(turn);
  chathistory.conversations(turn);
  if (!turn.has("loggia.chat/delivery")) {
    for (const room of turn.state.rooms.values()) if (room.kind === "person") chathistory.latest(turn, room.key);
  }
  outbox.settle(turn);
  if (turn.state.me.away) turn.send({ command: "AWAY", params: ["away"] });
}

/** A notification of what somebody has said was pressed. */
function openFirstPerson(turn: Turn): void {
  const { firstPerson } = turn.state;
  if (firstPerson === "" || turn.isChannel(firstPerson)) return;
  // What was said while nobody was here is not read yet; the server may know of more that is.
  const room = turn.openRoom(firstPerson, 0);
  if (turn.has("draft/read-marker")) turn.send({ command: "MARKREAD", params: [room.name] });
  chathistory.latest(turn, room.key);
}

/** Names are folded as this server does it: what was known before is moved to where it is looked for. */
function rekey(turn: Turn): void {
  for (const room of [...turn.state.rooms.values()]) {
    if (room.kind !== "server" && turn.fold(room.name) !== room.key) turn.renameRoom(room.key, room.name);
  }
  if (!turn.state.rooms.has(SERVER))
    turn.state.rooms = new Map([...turn.state.rooms, [SERVER, newRoom(SERVER, "", "server")]]);
}
