/** PERSISTENCE: whether one stays in one's rooms while no client is connected. Spec: IRCv3 pull request 503; docs/channels.md. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

const CAPABILITY = "draft/persistence";

/** Says what one wants. */
export function stay(turn: Turn, stays: boolean): void {
  if (turn.has(CAPABILITY)) turn.send({ command: "PERSISTENCE", params: ["SET", stays ? "ON" : "OFF"] });
}

/** Somebody has logged in after coming in: on coming in servers tell it by themselves. */
export function ask(turn: Turn): void {
  if (turn.has(CAPABILITY) && turn.state.stage.kind === "ready") turn.send({ command: "PERSISTENCE", params: ["GET"] });
}

/** `PERSISTENCE STATUS <wish> <effective>`. */
export function persistence(turn: Turn, line: Message): void {
  const [subcommand = "", wish = "", effective = ""] = line.params;
  if (subcommand.toUpperCase() !== "STATUS") return;
  turn.setMe({ stays: { wish: wish.toUpperCase() === "ON", effective: effective.toUpperCase() === "ON" } });
}
