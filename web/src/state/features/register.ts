/** REGISTER: an account for the nick that one has. Spec: IRCv3 account-registration; docs/protocol/invite.md. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";
import * as authenticate from "./authenticate.ts";
import * as cap from "./cap.ts";

/** While coming in: makes the account at once where the server lets one; tells whether it was asked to. */
export function onComingIn(turn: Turn): boolean {
  const { signUp, invitation, login, preferences, server } = turn.state;
  const words = server.offered.get("draft/account-registration")?.split(",") ?? [];
  if (signUp === "" || !words.includes("before-connect")) return false;
  turn.setMe({ nick: preferences.nick });
  ask(turn, signUp, invitation, login?.nonce ?? "");
  return true;
}

/** In: logs in, which gives the keys for the next time; or makes the account now, where it could not be made before. */
export function afterComingIn(turn: Turn, random: string): void {
  const { signUp, me, invitation } = turn.state;
  if (signUp === "") return;
  turn.state.signUp = "";
  if (me.account !== "") authenticate.logIn(turn, me.account, signUp, true, random);
  else ask(turn, signUp, invitation, random);
}

export function ask(turn: Turn, password: string, invitation: string, random: string): void {
  turn.state.login = {
    account: turn.state.me.nick,
    step: "registering",
    password,
    keys: undefined,
    nonce: random,
    challenge: undefined,
    pieces: "",
    remember: true,
    refusal: undefined,
  };
  if (invitation !== "") turn.send({ command: "INVITATION", params: ["USE", invitation.trim().replace(/ /g, "")] });
  turn.send({ command: "REGISTER", params: ["*", "*", password], trailing: true });
}

/** The account is made. Logging in once gives the keys by which the next connection begins. */
export function answered(turn: Turn, line: Message): void {
  const login = turn.state.login;
  if (login?.step !== "registering" || login.password === undefined) return;
  const account = line.params[1] ?? login.account;
  if (line.params[0] === "SUCCESS") {
    turn.tell("REGISTERED", account);
    turn.state.invitation = "";
    // The keys come later: as long as one is not in, there is nothing but this.
    if (turn.state.stage.kind === "registering") return cap.end(turn);
    authenticate.logIn(turn, account, login.password, true, login.nonce);
  } else {
    // VERIFICATION_REQUIRED: what to do now is in the server's words.
    turn.state.login = {
      ...login,
      step: "failed",
      password: undefined,
      refusal: { code: line.params[0] ?? "", text: line.params.at(-1) ?? "" },
    };
  }
}

/** FAIL REGISTER, INVITATION: told where the password was asked for. */
export function refused(turn: Turn, line: Message): boolean {
  const login = turn.state.login;
  if (login?.step !== "registering" || !["REGISTER", "INVITATION"].includes(line.params[0] ?? "")) return false;
  const refusal = { code: line.params[1] ?? "", text: line.params.at(-1) ?? "" };
  turn.state.login = { ...login, step: "failed", password: undefined, refusal };
  if (turn.state.stage.kind !== "registering") return true;
  // Whoever is not in yet may choose: another name or password, or to come in as a guest.
  turn.outputs.push({ kind: "disconnect" });
  turn.state.signUp = "";
  turn.state.stage = { kind: "unnamed", refusal };
  return true;
}
