/** EDIT and REDACT: what was said says something else now, or nothing. Spec: docs/protocol/edit.md; IRCv3 message-redaction. */

import { type Message, nickOf } from "../../irc/message.ts";
import * as history from "../history.ts";
import * as outbox from "../outbox.ts";
import type { ChatMessage } from "../state.ts";
import type { Turn } from "../turn.ts";
import * as message from "./message.ts";

export function edit(turn: Turn, line: Message): void {
  const id = line.tags.get("draft/target-msgid") ?? "";
  const text = line.tags.get("draft/edit-text") ?? "";
  change(turn, line, id, (known, nick) => {
    // Only the author: another client may be on a server that does not check it.
    const isAuthor =
      turn.fold(known.nick) === turn.fold(nick) || (known.account !== "" && known.account === line.tags.get("account"));
    if (!isAuthor || text === "" || known.deleted) return known;
    return { ...known, text, edited: true, before: known.before || known.text };
  });
}

export function redact(turn: Turn, line: Message): void {
  change(turn, line, line.params[1] ?? "", (known, nick) => ({
    ...known,
    text: "",
    before: "",
    mention: false,
    reactions: new Map(),
    deleted: { by: nick, reason: line.params[2] ?? "" },
  }));
}

function change(turn: Turn, line: Message, id: string, how: (known: ChatMessage, nick: string) => ChatMessage): void {
  const nick = nickOf(line.source);
  const entry = turn.isMe(nick) ? outbox.entryOf(turn, line) : undefined;
  if (entry) outbox.arrived(turn, entry);
  const room = turn.roomNamed(message.conversationOf(turn, line));
  const index = room ? history.indexOf(room.messages, id) : -1;
  if (!room || index < 0) return;
  const writable = turn.editRoom(room.key);
  const messages = turn.editMessages(writable);
  messages[index] = how(messages[index] as ChatMessage, nick);
  message.countUnread(turn, writable);
}
