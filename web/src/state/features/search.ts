/** SEARCH: what was said, by its words. Spec: IRCv3 pull request 496; docs/search.md. */

import { escapeTag, type Message } from "../../irc/message.ts";
import type { Batch } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";

const RESULTS_MAX = 50;

export function isOffered(enabled: ReadonlySet<string>): boolean {
  return enabled.has("draft/search") || enabled.has("soju.im/search");
}

export function ask(turn: Turn, query: string, room: string): void {
  const text = query.trim();
  if (text === "" || !isOffered(turn.state.server.enabled)) return;
  turn.state.search = { query: text, status: "asked", incomplete: false, results: [], refusal: undefined };
  const attributes = [
    `text=${escapeTag(text)}`,
    ...(room === "" ? [] : [`in=${escapeTag(room)}`]),
    `limit=${RESULTS_MAX}`,
  ];
  turn.send({ command: "SEARCH", params: [attributes.join(";")] });
}

/** The batch with what was found; the newest are shown first. */
export function found(turn: Turn, batch: Batch): void {
  const search = turn.state.search;
  if (!search) return;
  const results = chathistory
    .readItems(turn, batch.items)
    .flatMap(({ room, message }) => (message ? [{ room, message }] : []))
    .reverse();
  turn.state.search = { ...search, status: "done", results };
}

/** FAIL and WARN; tells whether it was about a search. */
export function refused(turn: Turn, line: Message): boolean {
  const search = turn.state.search;
  if (!search || line.params[0] !== "SEARCH") return false;
  if (line.command === "WARN") turn.state.search = { ...search, incomplete: true };
  else
    turn.state.search = {
      ...search,
      status: "failed",
      refusal: { code: line.params[1] ?? "", text: line.params.at(-1) ?? "" },
    };
  return true;
}
