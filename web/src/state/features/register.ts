/** REGISTER: an account for the nick that one has. Spec: IRCv3 account-registration; docs/protocol/invite.md. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";
import * as authenticate from "./authenticate.ts";

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
  turn.state.login = {
    ...login,
    step: "failed",
    password: undefined,
    refusal: { code: line.params[1] ?? "", text: line.params.at(-1) ?? "" },
  };
  return true;
}
