/** METADATA: what people say of themselves. Spec: IRCv3 metadata-2. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

const VALUE_LENGTH_MAX = 300;

export function subscribe(turn: Turn): void {
  if (turn.has("draft/metadata-2")) turn.send({ command: "METADATA", params: ["*", "SUB", "display-name", "avatar"] });
}

/** Says something of oneself, or, with nothing, no longer. What is said already is not said again. */
export function set(turn: Turn, key: "display-name" | "avatar", said: string): void {
  if (!turn.has("draft/metadata-2")) return turn.tell("NOT_SUPPORTED", "");
  const me = turn.person(turn.state.me.nick);
  const value = said.trim();
  if (value === ((key === "avatar" ? me?.avatar : me?.displayName) ?? "")) return;
  turn.send({
    command: "METADATA",
    params: value === "" ? ["*", "SET", key] : ["*", "SET", key, value],
    trailing: value !== "",
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
