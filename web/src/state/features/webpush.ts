/**
 * WEBPUSH: this device is notified while the page is closed.
 *
 * The browser subscribes at its own push service with the key of the server's; the server is told the address at each
 * connection, which costs nothing and mends whatever it has forgotten. Spec: IRCv3 pull request 471, "draft/webpush";
 * docs/protocol/webpush.md. What is notified is read in `state/pushed.ts`.
 */

import type { Message } from "../../irc/message.ts";
import type { State, WebPush } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as persistence from "./persistence.ts";

/** The names of the capability; phones use the second today. */
export const CAPABILITIES: readonly string[] = ["draft/webpush", "soju.im/webpush"];

const OFF: WebPush = { step: "off", key: "", endpoint: "", refusal: undefined };

/** Why it cannot be had here and now, as far as the server is concerned. */
export function unavailable(state: State): "offline" | "server" | "account" | undefined {
  if (state.stage.kind !== "ready") return "offline";
  if (keyOf(state) === "" || !CAPABILITIES.some((name) => state.server.enabled.has(name))) return "server";
  return state.me.account === "" ? "account" : undefined;
}

/** The person wants to be notified. Who is to be told anything has to stay while no page is open. */
export function turnOn(turn: Turn): void {
  if (unavailable(turn.state) !== undefined) return;
  turn.prefer({ push: turn.state.me.account });
  turn.state.webPush = OFF;
  persistence.stay(turn, true);
}

/** Neither the server nor the push service knows this browser any more. */
export function turnOff(turn: Turn): void {
  const { endpoint } = turn.state.webPush;
  if (turn.state.preferences.push === "") return;
  if (endpoint !== "" && turn.state.stage.kind === "ready")
    turn.send({ command: "WEBPUSH", params: ["UNREGISTER", endpoint] });
  turn.prefer({ push: "" });
  turn.state.webPush = OFF;
  // What the server could not be told now, the push service tells it: there is no such address.
  turn.outputs.push({ kind: "unsubscribe" });
}

/** Asks the browser, once for each connection and key, where this device is wanted to be notified. */
export function settle(turn: Turn): void {
  const { preferences, me, webPush } = turn.state;
  if (preferences.push === "" || unavailable(turn.state) !== undefined) return;
  // Somebody else is here now: what the other account is told is not for them.
  if (turn.fold(me.account) !== turn.fold(preferences.push)) return turnOff(turn);
  const key = keyOf(turn.state);
  if (webPush.key === key) return;
  turn.state.webPush = { ...webPush, step: "subscribing", key };
  turn.outputs.push({ kind: "subscribe", key });
}

/** The browser has an address. */
export function subscribed(turn: Turn, endpoint: string, keys: string): void {
  const { webPush, preferences, stage } = turn.state;
  if (preferences.push === "") turn.outputs.push({ kind: "unsubscribe" });
  if (preferences.push === "" || webPush.step !== "subscribing" || stage.kind !== "ready") return;
  turn.state.webPush = { ...webPush, step: "registering", endpoint };
  turn.send({ command: "WEBPUSH", params: ["REGISTER", endpoint, keys] });
}

/** The browser has none; `DENIED`: the person has forbidden it there. */
export function notSubscribed(turn: Turn, code: string): void {
  if (turn.state.webPush.step !== "subscribing") return;
  if (code === "DENIED") turn.prefer({ push: "" });
  fail(turn, code, "");
}

/** `WEBPUSH REGISTER <endpoint>`: the server's yes. */
export function webpush(turn: Turn, line: Message): void {
  const { webPush } = turn.state;
  const [subcommand = "", endpoint = ""] = line.params;
  if (subcommand.toUpperCase() !== "REGISTER" || endpoint !== webPush.endpoint || webPush.step !== "registering")
    return;
  turn.state.webPush = { ...webPush, step: "on", refusal: undefined };
}

/** Takes the server's no, unless it is about another device, which the person has registered by hand. */
export function refused(turn: Turn, line: Message): boolean {
  const { step, endpoint } = turn.state.webPush;
  if (line.params[0] !== "WEBPUSH" || (line.params[2] === "REGISTER" && line.params[3] !== endpoint)) return false;
  if (step === "registering") fail(turn, line.params[1] ?? "", line.params.at(-1) ?? "");
  return true;
}

/** A new connection: what the server knows of this device is said anew. */
export function connected(turn: Turn): void {
  turn.state.webPush = { ...OFF, refusal: turn.state.webPush.refusal };
}

/** Said where the switch is, and once to who does not look there: not at each connection. */
function fail(turn: Turn, word: string, text: string): void {
  const code = `WEBPUSH.${word}`;
  const { webPush } = turn.state;
  if (webPush.refusal?.code !== code) turn.tell(code, text);
  turn.state.webPush = { ...webPush, step: "failed", endpoint: "", refusal: { code, text } };
}

/** The server's public key (RFC 8292), in base64url; "" where it has none. */
function keyOf(state: State): string {
  return state.server.isupport.get("VAPID") ?? "";
}
