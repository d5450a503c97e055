/** RESUME: what was missed while one was away, over all conversations. Spec: docs/protocol/delivery.md, "Coming back". */

import type { Message } from "../../irc/message.ts";
import * as history from "../history.ts";
import type { Batch } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";

/** Begins, or goes on where one was. Channels have been asked for before: the server answers in order. */
export function ask(turn: Turn): void {
  if (!turn.has("loggia.chat/delivery") || !turn.has("batch")) return;
  const cursor = turn.state.resume.cursor;
  turn.state.resume = { cursor, asked: true };
  turn.send({ command: "RESUME", params: [cursor === "" ? "*" : cursor] });
}

/** A line that was told live: everything until there is known, unless pages of what was missed are still to come. */
export function note(turn: Turn, line: Message): void {
  const cursor = line.tags.get("loggia.chat/cursor");
  const { asked, cursor: before } = turn.state.resume;
  if (cursor === undefined || asked || before === "") return;
  if (history.compareCursors(cursor, before) > 0) turn.state.resume = { cursor, asked };
}

/** A page. Live lines have been shown meanwhile; each message here finds its place before them. */
export function page(turn: Turn, batch: Batch): void {
  const [next = "", more = ""] = batch.params;
  chathistory.insert(turn, batch.items, batch.opening.tags.has("loggia.chat/gap"));
  const isEnd = more === "end";
  turn.state.resume = { cursor: isEnd ? later(turn, next) : next, asked: !isEnd };
  if (!isEnd) turn.send({ command: "RESUME", params: [next] });
}

/** FAIL RESUME: the past of this log is another one, or cannot be read now; tells whether it was that. */
export function refused(turn: Turn, line: Message): boolean {
  if (line.params[0] !== "RESUME") return false;
  if (line.params[1] === "CURSOR_UNKNOWN") {
    turn.state.resume = { cursor: "", asked: true };
    turn.send({ command: "RESUME", params: ["*"] });
    for (const room of turn.state.rooms.values()) chathistory.latest(turn, room.key);
  } else {
    // The next connection asks again.
    turn.state.resume = { ...turn.state.resume, asked: false };
  }
  return true;
}

/** The newest of what the pages have led to and what came live meanwhile. */
function later(turn: Turn, cursor: string): string {
  let newest = cursor;
  for (const room of turn.state.rooms.values()) {
    const last = room.messages.findLast((message) => message.cursor !== "")?.cursor ?? "";
    if (last !== "" && history.compareCursors(last, newest) > 0) newest = last;
  }
  return newest;
}
