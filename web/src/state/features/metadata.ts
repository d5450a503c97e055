/** METADATA: what people say of themselves. Spec: IRCv3 metadata-2. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

const VALUE_LENGTH_MAX = 300;

export function subscribe(turn: Turn): void {
  if (turn.has("draft/metadata-2")) turn.send({ command: "METADATA", params: ["*", "SUB", "display-name", "avatar"] });
}

export function setDisplayName(turn: Turn, name: string): void {
  if (!turn.has("draft/metadata-2")) return turn.tell("NOT_SUPPORTED", "");
  const value = name.trim();
  turn.send({
    command: "METADATA",
    params: value === "" ? ["*", "SET", "display-name"] : ["*", "SET", "display-name", value],
  });
}

/** `METADATA target key visibility :value`; numerics 761 and 766 have the client's nick in front. */
export function metadata(turn: Turn, line: Message): void {
  const params = line.command === "METADATA" ? line.params : line.params.slice(1);
  const [target = "", key = ""] = params;
  const value = line.command === "766" ? "" : (params[3] ?? "").slice(0, VALUE_LENGTH_MAX);
  const nick = target === "*" ? turn.state.me.nick : target;
  if (turn.isChannel(nick) || nick === "") return;
  if (key === "display-name") turn.setPerson(nick, { displayName: value });
  else if (key === "avatar") turn.setPerson(nick, { avatar: value });
}
