/** FAIL, WARN, NOTE and the numerics that say no. Spec: IRCv3 standard-replies; Modern IRC, "Numerics". */

import type { Message } from "../../irc/message.ts";
import * as outbox from "../outbox.ts";
import { SERVER } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";
import * as filehost from "./filehost.ts";
import * as register from "./register.ts";
import * as resume from "./resume.ts";
import * as search from "./search.ts";
import * as webpush from "./webpush.ts";

export function reply(turn: Turn, line: Message): void {
  const isTaken =
    (line.command === "FAIL" && outbox.refused(turn, line)) ||
    search.refused(turn, line) ||
    (line.command === "FAIL" &&
      (filehost.refused(turn, line) ||
        chathistory.refused(turn, line) ||
        resume.refused(turn, line) ||
        webpush.refused(turn, line) ||
        register.refused(turn, line)));
  if (!isTaken) turn.tell(line.params[1] ?? "", line.params.at(-1) ?? "");
}

/** A numeric from 400 that nobody else has taken. */
export function error(turn: Turn, line: Message): void {
  if (outbox.refused(turn, line)) return;
  const text = line.params.at(-1) ?? "";
  const room = turn.roomNamed(line.params[1] ?? "");
  if (room && room.kind !== "server") turn.event(room.key, "refused", "", line.command, text);
  else turn.tell(line.command, line.params.slice(1).join(" "));
}

/** Any other numeric: it stands in the conversation with the server. */
export function information(turn: Turn, line: Message): void {
  turn.event(SERVER, "info", turn.state.server.name, line.command, line.params.slice(1).join(" "));
}
