/** Where files are sent, and the tokens to send them with. Spec: soju's filehost; IRCv3 pull request 602, "authtoken". */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

const SERVICE = "FILEHOST";

/** The address that files are sent to, as the server tells it; "" when it takes none. */
export function address(isupport: ReadonlyMap<string, string>): string {
  return isupport.get("soju.im/FILEHOST") ?? isupport.get("draft/FILEHOST") ?? "";
}

/** Where it is asked what stands behind links, on the file host's site; "" when the server does not look at them. */
export function previewPath(isupport: ReadonlyMap<string, string>): string {
  return address(isupport) === "" ? "" : (isupport.get("loggia.chat/PREVIEW") ?? "");
}

/** Asks for a token. Without one there would be nothing to show who sends a file. */
export function ask(turn: Turn): void {
  if (turn.state.stage.kind === "ready" && turn.state.server.isupport.has("draft/AUTHTOKEN"))
    turn.send({ command: "TOKEN", params: ["GENERATE", SERVICE] });
  else turn.outputs.push({ kind: "token", token: "", code: "OFFLINE" });
}

export function token(turn: Turn, line: Message): void {
  const [subcommand = "", service = ""] = line.params;
  if (subcommand.toUpperCase() !== "GENERATE" || service.toUpperCase() !== SERVICE) return;
  turn.outputs.push({ kind: "token", token: line.params.at(-1) ?? "", code: "" });
}

/** Takes the no to a question for a token. */
export function refused(turn: Turn, line: Message): boolean {
  if (line.params[0] !== "TOKEN") return false;
  turn.outputs.push({ kind: "token", token: "", code: line.params[1] ?? "" });
  return true;
}
