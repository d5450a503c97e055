/** BATCH: lines that belong together are taken when they are complete. Spec: IRCv3 batch, multiline, chathistory. */

import type { Message } from "../../irc/message.ts";
import { lineFromServer } from "../receive.ts";
import type { Batch, BatchItem } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as chathistory from "./chathistory.ts";
import * as message from "./message.ts";
import * as operator from "./operator.ts";
import * as resume from "./resume.ts";
import * as search from "./search.ts";

/** The most batches that are open at once, and the most lines of one; what is beyond is not understood. */
const BATCHES_MAX = 64;
const ITEMS_MAX = 10_000;

/** Takes a line that belongs to an open batch; tells whether it did. */
export function collect(turn: Turn, line: Message): boolean {
  const name = line.tags.get("batch");
  if (name === undefined || !turn.state.batches.has(name)) return false;
  // A batch within a batch is opened first, and put into the outer one when it is closed.
  if (line.command === "BATCH") return false;
  add(turn, name, line);
  return true;
}

export function batch(turn: Turn, line: Message): void {
  const [reference = "", type = "", ...params] = line.params;
  const name = reference.slice(1);
  if (reference.startsWith("+")) {
    if (turn.state.batches.size >= BATCHES_MAX) return;
    turn.openBatch(name, { type, params, opening: line, items: [] });
    return;
  }
  const closed = turn.state.batches.get(name);
  if (!reference.startsWith("-") || !closed) return;
  turn.closeBatch(name);
  const outer = closed.opening.tags.get("batch");
  if (outer !== undefined && turn.state.batches.has(outer)) return add(turn, outer, withCursor(closed, line));
  complete(turn, closed, line);
}

function add(turn: Turn, name: string, item: BatchItem): void {
  const items = turn.editBatch(name);
  if (items && items.length < ITEMS_MAX) items.push(item);
}

function complete(turn: Turn, closed: Batch, closing: Message): void {
  switch (closed.type) {
    case "chathistory":
      return chathistory.page(turn, closed);
    case "draft/chathistory-targets":
      return chathistory.targets(turn, closed);
    case "loggia.chat/resume":
      return resume.page(turn, closed);
    case "search":
    case "soju.im/search":
      return search.found(turn, closed);
    case "draft/multiline":
      message.saidInLines(turn, closed, closing);
      return resume.note(turn, closing);
    case "labeled-response": {
      const rest = operator.answeredInBatch(turn, closed.opening.tags.get("label") ?? "", closed.items);
      if (rest === undefined) return takeLines(turn, closed, closing);
      for (const line of rest) lineFromServer(turn, line);
      return;
    }
    default:
      // metadata, netsplit and what is not known: lines like others.
      return takeLines(turn, closed, closing);
  }
}

function takeLines(turn: Turn, closed: Batch, closing: Message): void {
  for (const item of closed.items) {
    if ("command" in item) lineFromServer(turn, inherit(item, closed.opening));
    else complete(turn, item, closing);
  }
}

/** The label of an answer stands on the batch; what is inside is about the same. */
function inherit(line: Message, opening: Message): Message {
  const label = opening.tags.get("label");
  const tags = new Map(line.tags);
  tags.delete("batch");
  if (label !== undefined) tags.set("label", label);
  return { ...line, tags };
}

/** The cursor of a message of several lines stands on the line that closes it. */
function withCursor(closed: Batch, closing: Message): Batch {
  const cursor = closing.tags.get("loggia.chat/cursor");
  if (cursor === undefined) return closed;
  return {
    ...closed,
    opening: { ...closed.opening, tags: new Map([...closed.opening.tags, ["loggia.chat/cursor", cursor]]) },
  };
}
