/** CAP: what the server can do beyond the basics. Spec: IRCv3 capability-negotiation. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";
import * as authenticate from "./authenticate.ts";
import * as register from "./register.ts";
import * as webpush from "./webpush.ts";

/** What is asked for where it is offered. Everything works without any of it, only less well. */
const WANTED: readonly string[] = [
  "account-notify",
  "account-tag",
  "away-notify",
  "batch",
  "cap-notify",
  "chghost",
  "draft/channel-rename",
  "draft/chathistory",
  "draft/event-playback",
  "draft/message-redaction",
  "draft/multiline",
  "draft/persistence",
  "draft/read-marker",
  "draft/whoami",
  "echo-message",
  "extended-join",
  "extended-monitor",
  "invite-notify",
  "labeled-response",
  "loggia.chat/delivery",
  "message-tags",
  "multi-prefix",
  "sasl",
  "server-time",
  "setname",
  "standard-replies",
  "userhost-in-names",
];
/** Of these the first that is offered: two names, or two versions, of one thing. */
const ALTERNATIVES: readonly (readonly string[])[] = [
  ["loggia.chat/edit", "draft/message-edit"],
  ["draft/search", "soju.im/search"],
  ["draft/metadata-2"],
  webpush.CAPABILITIES,
];
/** A CAP REQ is one line. */
const REQUEST_BYTES_MAX = 400;
/** More names than this no server has; the rest is not looked at. */
const OFFERED_MAX = 500;

export function cap(turn: Turn, line: Message): void {
  const subcommand = line.params[1]?.toUpperCase();
  const words = (line.params.at(-1) ?? "").split(" ").filter((word) => word !== "");
  const stage = turn.state.stage;
  switch (subcommand) {
    case "LS": {
      offer(turn, words);
      const isMore = line.params[2] === "*" && line.params.length > 3;
      if (!isMore && stage.kind === "registering" && stage.step === "capabilities") request(turn, choose(turn));
      return;
    }
    case "NEW":
      offer(turn, words);
      return request(turn, choose(turn));
    case "ACK":
      enable(turn, words);
      return answered(turn);
    case "NAK":
      // A request is granted whole or not at all: one by one, then.
      if (words.length > 1) request(turn, words, 1);
      return answered(turn);
    case "DEL": {
      const gone = new Set(words);
      const offered = new Map([...turn.state.server.offered].filter(([name]) => !gone.has(name)));
      const enabled = new Set([...turn.state.server.enabled].filter((name) => !gone.has(name)));
      return turn.setServer({ offered, enabled });
    }
  }
}

/** All is said; the welcome is to come. */
export function end(turn: Turn): void {
  if (turn.state.stage.kind !== "registering" || turn.state.stage.step === "welcome") return;
  turn.send({ command: "CAP", params: ["END"] });
  turn.state.stage = { kind: "registering", step: "welcome", requests: 0 };
}

function offer(turn: Turn, words: readonly string[]): void {
  const offered = new Map(turn.state.server.offered);
  for (const word of words.slice(0, OFFERED_MAX - offered.size)) {
    const equals = word.indexOf("=");
    offered.set(equals < 0 ? word : word.slice(0, equals), equals < 0 ? "" : word.slice(equals + 1));
  }
  turn.setServer({ offered });
}

function choose(turn: Turn): string[] {
  const { offered, enabled } = turn.state.server;
  const isWanted = (name: string): boolean => offered.has(name) && !enabled.has(name);
  const alternatives = ALTERNATIVES.filter((names) => !names.some((name) => enabled.has(name)))
    .map((names) => names.find((name) => offered.has(name)))
    .filter((name) => name !== undefined);
  return [...WANTED.filter(isWanted), ...alternatives];
}

function request(turn: Turn, names: readonly string[], perLine = Number.POSITIVE_INFINITY): void {
  const lines: string[][] = [];
  for (const name of names) {
    const line = lines.at(-1);
    if (line && line.length < perLine && [...line, name].join(" ").length <= REQUEST_BYTES_MAX) line.push(name);
    else lines.push([name]);
  }
  for (const line of lines) turn.send({ command: "CAP", params: ["REQ", line.join(" ")], trailing: true });
  const stage = turn.state.stage;
  if (stage.kind !== "registering" || stage.step !== "capabilities") return;
  turn.state.stage = { ...stage, requests: stage.requests + lines.length };
  if (turn.state.stage.requests === 0) end(turn);
}

function answered(turn: Turn): void {
  const stage = turn.state.stage;
  if (stage.kind !== "registering" || stage.step !== "capabilities") return;
  const requests = stage.requests - 1;
  turn.state.stage = { ...stage, requests };
  if (requests > 0) return;
  if (authenticate.resumeLogin(turn) || register.onComingIn(turn))
    turn.state.stage = { kind: "registering", step: "login", requests: 0 };
  else end(turn);
}

function enable(turn: Turn, words: readonly string[]): void {
  const enabled = new Set(turn.state.server.enabled);
  for (const word of words) {
    if (word.startsWith("-")) enabled.delete(word.slice(1));
    else enabled.add(word);
  }
  turn.setServer({ enabled });
}
