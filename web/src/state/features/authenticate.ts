/**
 * AUTHENTICATE: logging in by SASL, on connecting and at any time later, without leaving the conversation.
 *
 * SCRAM-SHA-256 where the server has it. What is remembered are the keys derived from the password, never the password.
 * Spec: IRCv3 sasl-3.2; RFC 7677.
 */

import type { Message } from "../../irc/message.ts";
import { collect, pieces } from "../../irc/sasl.ts";
import * as scram from "../../irc/scram.ts";
import type { Login, Refusal } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as cap from "./cap.ts";
import * as persistence from "./persistence.ts";

/** Begins to log in with a password. */
export function logIn(turn: Turn, account: string, password: string, remember: boolean, random: string): void {
  const mechanisms = turn.state.server.offered.get("sasl");
  const base = { account, password, keys: undefined, challenge: undefined, pieces: "", remember, refusal: undefined };
  if (mechanisms === undefined || turn.state.stage.kind !== "ready") {
    turn.state.login = {
      ...base,
      step: "failed",
      nonce: random,
      password: undefined,
      refusal: { code: "NO_ACCOUNTS", text: "" },
    };
    return;
  }
  const hasScram = mechanisms === "" || mechanisms.toUpperCase().split(",").includes("SCRAM-SHA-256");
  turn.state.login = { ...base, step: hasScram ? "asked" : "plain", nonce: random };
  if (!turn.has("sasl")) turn.send({ command: "CAP", params: ["REQ", "sasl"] });
  turn.send({ command: "AUTHENTICATE", params: [hasScram ? "SCRAM-SHA-256" : "PLAIN"] });
}

/** On connecting: begins to log in with what is remembered, if anything is; tells whether it did. */
export function resumeLogin(turn: Turn): boolean {
  const { account, keys } = turn.state.preferences;
  const nonce = turn.state.login?.nonce ?? "";
  if (account === "" || !keys || !turn.has("sasl") || nonce === "") return false;
  turn.state.login = {
    account,
    step: "asked",
    password: undefined,
    keys,
    nonce,
    challenge: undefined,
    pieces: "",
    remember: true,
    refusal: undefined,
  };
  turn.send({ command: "AUTHENTICATE", params: ["SCRAM-SHA-256"] });
  return true;
}

/** Holds a nonce ready for the log-in that this connection may begin with. */
export function prepare(turn: Turn, random: string): void {
  turn.state.login = {
    account: "",
    step: "failed",
    password: undefined,
    keys: undefined,
    nonce: random,
    challenge: undefined,
    pieces: "",
    remember: false,
    refusal: undefined,
  };
}

/** The keys are derived from the password. */
export function derived(turn: Turn, keys: scram.Keys): void {
  const login = turn.state.login;
  if (login?.step !== "deriving" || !login.challenge || login.challenge.salt !== keys.salt) return;
  prove(turn, { ...login, keys, password: undefined });
}

export function authenticate(turn: Turn, line: Message): void {
  const login = turn.state.login;
  if (!login) return;
  const { rest, message } = collect(login.pieces, line.params[0] ?? "");
  if (message === undefined) {
    turn.state.login = { ...login, pieces: rest };
    return;
  }
  switch (login.step) {
    case "plain":
      if (login.password !== undefined) say(turn, `\0${login.account}\0${login.password}`);
      turn.state.login = { ...login, password: undefined, pieces: "" };
      return;
    case "asked":
      if (message === "") say(turn, scram.first(login.account, login.nonce));
      else challenged(turn, login, message);
      return;
    case "proving":
      if (!login.keys || !login.challenge) return;
      if (message.startsWith("e=")) turn.send({ command: "AUTHENTICATE", params: ["+"] });
      else if (scram.believes(login.keys, login.challenge, message))
        turn.send({ command: "AUTHENTICATE", params: ["+"] });
      // Who does not know the account is not the server that it was made on.
      else give(turn, { code: "SERVER_UNKNOWN", text: "" });
  }
}

function challenged(turn: Turn, login: Login, message: string): void {
  const challenge = scram.challenge(login.account, login.nonce, message);
  if (!challenge) return give(turn, { code: "MALFORMED", text: message });
  const next = { ...login, challenge, pieces: "" };
  if (login.keys && login.keys.salt === challenge.salt && login.keys.iterations === challenge.iterations) {
    return prove(turn, next);
  }
  // The password has been changed elsewhere since it was remembered.
  if (login.password === undefined) return give(turn, { code: "904", text: "" });
  turn.state.login = { ...next, step: "deriving" };
  turn.outputs.push({
    kind: "derive",
    password: login.password,
    salt: challenge.salt,
    iterations: challenge.iterations,
  });
}

function prove(turn: Turn, login: Login): void {
  if (!login.keys || !login.challenge) return;
  turn.state.login = { ...login, step: "proving" };
  say(turn, scram.proof(login.keys, login.challenge));
}

function say(turn: Turn, message: string): void {
  for (const piece of pieces(message)) turn.send({ command: "AUTHENTICATE", params: [piece] });
}

function give(turn: Turn, refusal: Refusal): void {
  turn.send({ command: "AUTHENTICATE", params: ["*"] });
  fail(turn, refusal);
}

/** 900 and 901: who one is logged in as now. */
export function loggedIn(turn: Turn, line: Message): void {
  turn.setMe({ account: line.command === "900" ? (line.params[2] ?? "") : "" });
  if (line.command === "900") persistence.ask(turn);
}

/** 903: it has worked. */
export function succeeded(turn: Turn): void {
  const login = turn.state.login;
  turn.state.login = undefined;
  if (login) {
    const remembered = login.remember && login.keys ? login.keys : undefined;
    turn.prefer({ account: remembered ? login.account : "", keys: remembered });
  }
  cap.end(turn);
}

/** 902, 904 to 908: it has not. */
export function failed(turn: Turn, line: Message): void {
  if (line.command === "908") return;
  fail(turn, { code: line.command, text: line.params.at(-1) ?? "" });
}

function fail(turn: Turn, refusal: Refusal): void {
  const login = turn.state.login;
  if (!login || login.step === "failed") return cap.end(turn);
  turn.state.login = { ...login, step: "failed", password: undefined, keys: undefined, refusal };
  if (turn.state.stage.kind === "registering") {
    // The conversation goes on without the account.
    turn.prefer({ keys: undefined });
    turn.tell("LOGIN_LOST", login.account);
  }
  cap.end(turn);
}
