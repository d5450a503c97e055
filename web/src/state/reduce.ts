/** The one place where state changes: a state and an input give the next state, and what must be done. Pure. */

import { parse } from "../irc/message.ts";
import { lineFromServer } from "./receive.ts";
import * as connection from "./connection.ts";
import * as person from "./person.ts";
import * as outbox from "./outbox.ts";
import * as typing from "./features/typing.ts";
import * as authenticate from "./features/authenticate.ts";
import * as filehost from "./features/filehost.ts";
import * as webpush from "./features/webpush.ts";
import type { Input, Output } from "./input.ts";
import type { State } from "./state.ts";
import { Turn } from "./turn.ts";

export interface Reduced {
  readonly state: State;
  readonly outputs: readonly Output[];
}

/** Takes an input at the time `now`, in milliseconds. Never throws for what a server sends. */
export function reduce(before: State, input: Input, now: number): Reduced {
  const turn = new Turn(before, now);
  take(turn, input);
  outbox.sendWaiting(turn);
  webpush.settle(turn);
  return { state: turn.state, outputs: turn.outputs };
}

function take(turn: Turn, input: Input): void {
  switch (input.kind) {
    case "started":
      return connection.start(turn, input);
    case "found":
      return outbox.found(turn, input.entries);
    case "kept":
      return outbox.kept(turn, input.stream, input.number);
    case "visible":
      turn.state.visible = input.visible;
      return;
    case "online":
      return connection.online(turn);
    case "tick":
      connection.tick(turn);
      return typing.tick(turn);
    case "opened":
      return connection.opened(turn, input.random);
    case "closed":
      return connection.closed(turn, input.reason);
    case "lines":
      turn.state.heardAt = turn.now;
      turn.state.pingedAt = 0;
      for (const line of input.lines) {
        const message = parse(line.replace(/\r?\n$/, ""));
        if (message) lineFromServer(turn, message);
      }
      return;
    case "derived":
      return authenticate.derived(turn, input.keys);
    case "askToken":
      return filehost.ask(turn);
    case "subscribed":
      return webpush.subscribed(turn, input.endpoint, input.keys);
    case "notSubscribed":
      return webpush.notSubscribed(turn, input.code);
    case "retry":
      return outbox.retry(turn, input.stream, input.number);
    case "discard":
      return outbox.discard(turn, input.stream, input.number);
    default:
      return person.does(turn, input);
  }
}
