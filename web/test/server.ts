/** A server that says what a test makes it say, and the client's side of it: state, and the lines that were sent. */

import assert from "node:assert/strict";
import type { Input, Output } from "../src/state/input.ts";
import { type Entry, preview } from "../src/state/outbox.ts";
import { reduce } from "../src/state/reduce.ts";
import { DEFAULT_PREFERENCES, initial, type Preferences, type Room, type State } from "../src/state/state.ts";

export const ALL_CAPS =
  "account-notify account-tag away-notify batch cap-notify draft/chathistory draft/event-playback draft/message-redaction draft/multiline draft/read-marker draft/search echo-message extended-join labeled-response loggia.chat/delivery loggia.chat/edit message-tags sasl server-time standard-replies";

export class Client {
  state: State;
  now = 1_800_000_000_000;
  /** What was sent since it was last looked at. */
  #sent: string[] = [];
  outputs: Output[] = [];
  readonly kept = new Map<string, Entry>();

  constructor(preferences: Partial<Preferences> = {}, stream = "stream-of-the-first-page") {
    this.state = initial({ ...DEFAULT_PREFERENCES, ...preferences });
    this.tell({ kind: "started", stream, firstRoom: "#tea", invitation: "" });
  }

  /** Takes an input; what was before must not have been touched. The device keeps what it is given at once. */
  tell(input: Input): void {
    const before = this.state;
    const copy = structuredClone(before);
    const { state, outputs } = reduce(before, input, this.now);
    assert.deepEqual(before, copy, "a state never changes");
    this.state = state;
    this.outputs.push(...outputs);
    for (const output of outputs) {
      if (output.kind === "send") this.#sent.push(output.line);
      else if (output.kind === "forget") this.kept.delete(`${output.stream}.${output.number}`);
      else if (output.kind === "keep") {
        const { stream, number } = output.entry;
        this.kept.set(`${stream}.${number}`, output.entry);
        if (output.entry.state === "keeping") this.tell({ kind: "kept", stream, number });
      }
    }
  }

  hears(...lines: string[]): void {
    this.tell({ kind: "lines", lines });
  }

  sent(): string[] {
    return this.#sent.splice(0);
  }

  /** Comes in as `nick` with these capabilities, and enters #tea. */
  enter(
    nick = "anna",
    caps = ALL_CAPS,
    tokens = "CASEMAPPING=ascii CHANTYPES=# PREFIX=(qaohv)~&@%+ CHANMODES=beI,k,l,imnst STATUSMSG=~&@%+ SAFERATE",
  ): void {
    if (this.state.stage.kind === "unnamed") this.tell({ kind: "name", nick });
    this.tell({ kind: "opened", random: "nonce" });
    this.hears(`:irc CAP * LS :${caps}`);
    const requests = this.sent().filter((line) => line.startsWith("CAP REQ"));
    for (const request of requests) this.hears(`:irc CAP * ACK ${request.slice("CAP REQ ".length)}`);
    this.hears(`:irc 001 ${nick} :Welcome`, `:irc 005 ${nick} ${tokens} :are supported`, `:irc 376 ${nick} :end`);
    this.joins("#tea", nick);
    this.sent();
  }

  joins(room: string, nick = this.state.me.nick): void {
    this.hears(
      `:${nick}!~${nick}@host JOIN ${room}`,
      `:irc 353 ${nick} = ${room} :@op ${nick}`,
      `:irc 366 ${nick} ${room} :end`,
    );
  }

  room(name = "#tea"): Room {
    const room = this.state.rooms.get(name);
    assert.ok(room, `there is a room ${name}`);
    return room;
  }

  texts(name = "#tea"): string[] {
    return this.room(name)
      .messages.filter((message) => message.kind !== "event")
      .map((message) => (message.deleted ? "(deleted)" : message.text));
  }

  /** What is shown of a room, with what is still to be said behind it, marked by `…`. */
  rows(name = "#tea"): string[] {
    const pending = this.state.outbox.flatMap((entry) => preview(entry, this.state.me.nick) ?? []);
    return [...this.texts(name), ...pending.map((message) => `${message.text}…`)];
  }

  get entries(): readonly string[] {
    return this.state.outbox.map((entry) => `${entry.number} ${entry.state}`);
  }
}
