/** The connection from its first line to its end, and the next one: it comes back by itself. */

import type { Message } from "../irc/message.ts";
import * as authenticate from "./features/authenticate.ts";
import type { Input } from "./input.ts";
import * as operator from "./features/operator.ts";
import * as webpush from "./features/webpush.ts";
import * as outbox from "./outbox.ts";
import { initial, type Refusal } from "./state.ts";
import type { Turn } from "./turn.ts";

/** Waiting before a new attempt: doubled each time, up to a bound. */
const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** Silence after which the server is asked for a sign of life, and after which the connection is given up. */
const SILENCE_MS = 45_000;
const NO_ANSWER_MS = 20_000;
/** How often a nick that was taken is asked for again. */
const REGAIN_EVERY_MS = 20_000;

export function start(turn: Turn, input: Extract<Input, { kind: "started" }>): void {
  turn.state.stream = input.stream;
  turn.state.firstRoom = input.firstRoom;
  turn.state.firstPerson = input.firstPerson ?? "";
  turn.state.invitation = input.invitation;
  // The person may have said their name before the device had said what is still to be sent.
  if (turn.state.preferences.nick !== "") connect(turn);
}

/** The person has said what they are called. */
export function name(turn: Turn, nick: string, password: string, signUp: string): void {
  turn.prefer({ nick });
  turn.state.password = password;
  turn.state.signUp = signUp;
  turn.state.attempt = 0;
  connect(turn);
}

/** Now, whatever stood in the way before. */
export function reconnect(turn: Turn): void {
  if (turn.state.stage.kind === "ready" || turn.state.preferences.nick === "") return;
  turn.state.attempt = 0;
  connect(turn);
}

/** The device has a network again. */
export function online(turn: Turn): void {
  if (turn.state.stage.kind === "waiting") reconnect(turn);
  else if (turn.state.stage.kind === "ready") ping(turn);
}

export function opened(turn: Turn, random: string): void {
  turn.state.stage = { kind: "registering", step: "capabilities", requests: 0 };
  turn.state.heardAt = turn.now;
  turn.state.pingedAt = 0;
  turn.setServer({ offered: new Map(), enabled: new Set(), isupport: new Map() });
  turn.setMe({ account: "", modes: "", nick: "", stays: undefined });
  authenticate.prepare(turn, random);
  webpush.connected(turn);
  const nick = turn.state.preferences.nick;
  if (turn.state.password !== "") turn.send({ command: "PASS", params: [turn.state.password], trailing: true });
  turn.send({ command: "CAP", params: ["LS", "302"] });
  turn.send({ command: "NICK", params: [nick] });
  const user = nick.replace(/[^A-Za-z0-9]/g, "").slice(0, 10) || "guest";
  turn.send({ command: "USER", params: [user, "0", "*", nick], trailing: true });
}

export function closed(turn: Turn, reason: string): void {
  const { stage } = turn.state;
  if (stage.kind === "unnamed" || stage.kind === "refused") return;
  outbox.disconnected(turn);
  operator.disconnected(turn);
  turn.state.batches = new Map();
  turn.state.resume = { ...turn.state.resume, asked: false };
  for (const room of turn.state.rooms.values()) {
    const writable = turn.editRoom(room.key);
    writable.loading = undefined;
    writable.typing = new Map();
    writable.toldTyping = 0;
    if (room.kind === "channel" && room.membership !== "out") writable.membership = "joining";
  }
  wait(turn, reason);
}

/** The person leaves for good: the next one begins anew. */
export function leave(turn: Turn): void {
  webpush.turnOff(turn);
  if (turn.state.stage.kind === "ready") turn.send({ command: "QUIT" });
  turn.outputs.push({ kind: "disconnect" });
  for (const entry of turn.state.outbox)
    turn.outputs.push({ kind: "forget", stream: entry.stream, number: entry.number });
  const { language, theme } = turn.state.preferences;
  const fresh = initial({ ...initial().preferences, language, theme });
  Object.assign(turn.state, fresh, {
    stream: turn.state.stream,
    nextNumber: turn.state.nextNumber,
    firstRoom: turn.state.firstRoom,
    visible: turn.state.visible,
    counter: turn.state.counter,
  });
}

/** A second or so has passed. */
export function tick(turn: Turn): void {
  const { stage, heardAt, pingedAt } = turn.state;
  if (stage.kind === "waiting" && turn.now >= stage.until) connect(turn);
  if (stage.kind !== "ready" && stage.kind !== "registering") return;
  if (pingedAt !== 0 && turn.now - pingedAt >= NO_ANSWER_MS) {
    turn.outputs.push({ kind: "disconnect" });
    closed(turn, "");
  } else if (pingedAt === 0 && turn.now - heardAt >= SILENCE_MS) {
    ping(turn);
  }
  if (stage.kind === "ready") {
    outbox.settle(turn);
    regain(turn);
  }
}

export function error(turn: Turn, line: Message): void {
  const refusal = { code: "ERROR", text: line.params.at(-1) ?? "" };
  // Before the welcome it is an answer to the person; later only the end of this connection.
  if (turn.state.stage.kind === "registering") refuse(turn, refusal);
}

export function refused(turn: Turn, line: Message): void {
  if (turn.state.stage.kind === "registering") refuse(turn, { code: line.command, text: line.params.at(-1) ?? "" });
}

/** The nick cannot be had: at first the person chooses another one; who comes back takes a similar one for the time being. */
export function nickRefused(turn: Turn, line: Message): void {
  const refusal = { code: line.command, text: line.params.at(-1) ?? "" };
  if (turn.state.stage.kind !== "registering") {
    if (turn.state.me.nick === turn.state.preferences.nick || line.params[1] !== turn.state.preferences.nick)
      turn.tell(refusal.code, refusal.text);
    return;
  }
  const hasBeenHere = [...turn.state.rooms.values()].some((room) => room.kind !== "server");
  if (!hasBeenHere || line.command === "432") {
    turn.outputs.push({ kind: "disconnect" });
    turn.state.stage = { kind: "unnamed", refusal };
    return;
  }
  const taken = line.params[1] ?? turn.state.preferences.nick;
  turn.send({ command: "NICK", params: [taken.length >= 30 ? `${taken.slice(0, 20)}${turn.number()}` : `${taken}_`] });
}

function connect(turn: Turn): void {
  turn.state.stage = { kind: "connecting" };
  // Without a stream what is said would have no id: `start` connects.
  if (turn.state.stream !== "") turn.outputs.push({ kind: "connect" });
}

function wait(turn: Turn, reason: string): void {
  const attempt = turn.state.attempt + 1;
  turn.state.attempt = attempt;
  const delay = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempt - 1, 10), LONGEST_WAIT_MS);
  turn.state.stage = { kind: "waiting", until: turn.now + delay, attempt, reason };
}

function refuse(turn: Turn, refusal: Refusal): void {
  turn.outputs.push({ kind: "disconnect" });
  outbox.disconnected(turn);
  turn.state.stage = { kind: "refused", refusal };
}

function ping(turn: Turn): void {
  if (turn.state.pingedAt !== 0) return;
  turn.state.pingedAt = turn.now;
  turn.send({ command: "PING", params: ["loggia-web"] });
}

/** A connection that broke may hold the nick for some minutes still. */
function regain(turn: Turn): void {
  const { me, preferences } = turn.state;
  if (me.nick === "" || turn.fold(me.nick) === turn.fold(preferences.nick)) return;
  if (Math.floor(turn.now / REGAIN_EVERY_MS) === Math.floor((turn.now - 1_000) / REGAIN_EVERY_MS)) return;
  turn.send({ command: "NICK", params: [preferences.nick] });
}
