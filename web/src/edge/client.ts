/** Where the pure client meets the browser: inputs become changes of one signal, outputs become deeds. */

import { type Signal, signal } from "@preact/signals";
import { derive } from "../irc/scram.ts";
import type { Input, Output } from "../state/input.ts";
import { reduce } from "../state/reduce.ts";
import { initial, type Key, type State } from "../state/state.ts";
import type { OutboxStore } from "./outbox_store.ts";
import { CATALOGUES } from "../texts/texts.ts";
import { told } from "../state/pushed.ts";
import * as preferences from "./preferences.ts";
import * as push from "./push.ts";
import * as random from "./random.ts";
import * as socket from "./socket.ts";
import * as tellings from "./told.ts";
import { Previews } from "./previews.ts";
import { Tokens } from "./tokens.ts";
import { Uploads } from "./uploads.ts";

const TICK_MS = 1_000;
const ADOPT_EVERY_MS = 15_000;
const SAVE_AFTER_MS = 300;

export interface Client {
  readonly state: Signal<State>;
  /** Something has happened, or the person has done something. */
  readonly tell: (input: Input) => void;
  readonly uploads: Uploads;
  readonly previews: Previews;
}

export interface Surroundings {
  readonly address: string;
  readonly language: string;
  readonly firstRoom: string;
  readonly firstPerson: string;
  readonly invitation: string;
  /** The page's own site, when its server is also that of the chat; "" elsewhere. */
  readonly site: string;
  /** Where others find the server, as its links begin. */
  readonly publicAddress: string;
  readonly local: Storage | undefined;
  readonly outbox: OutboxStore;
  readonly notify: (room: Key, name: string, title: string, text: string) => void;
}

export function start(around: Surroundings): Client {
  const known = preferences.load(around.local, navigator.languages, around.language);
  const state = signal(initial(known));
  const connect = socket.connector(around.address);
  let connection: socket.Connection | undefined;
  let saving: ReturnType<typeof setTimeout> | undefined;
  let telling: ReturnType<typeof setTimeout> | undefined;

  const tell = (input: Input): void => {
    const before = state.value;
    const { state: after, outputs } = reduce(before, input, Date.now());
    state.value = after;
    if (after.preferences !== before.preferences && input.kind !== "started") {
      clearTimeout(saving);
      saving = setTimeout(savePreferences, SAVE_AFTER_MS);
    }
    if (after.preferences !== before.preferences || after.stage !== before.stage) {
      clearTimeout(telling);
      telling = setTimeout(tellWorker, SAVE_AFTER_MS);
    }
    for (const output of outputs) perform(output);
  };
  const tellWorker = (): void => {
    const { preferences: chosen, stage } = state.value;
    // Of a server that is not there it is not known how it folds names.
    if (chosen.push === "" || stage.kind !== "ready") return;
    const { "rooms.invited": invited = "" } = CATALOGUES[chosen.language];
    void tellings.keep(told(state.value, invited)).catch(() => undefined);
  };
  const tokens = new Tokens(tell);
  const uploads = new Uploads(state, tell, tokens, around.site, around.publicAddress);
  const previews = new Previews(state, tokens, around.site);
  const savePreferences = (): void => preferences.save(around.local, state.value.preferences);

  const perform = (output: Output): void => {
    switch (output.kind) {
      case "connect":
        connection?.close();
        connection = connect({
          opened: () => tell({ kind: "opened", random: random.word(144) }),
          lines: (lines) => tell({ kind: "lines", lines }),
          closed: (reason) => {
            tell({ kind: "closed", reason });
            tokens.disconnected();
          },
        });
        return;
      case "disconnect":
        connection?.close();
        connection = undefined;
        return;
      case "send":
        connection?.send(output.line);
        return;
      case "keep": {
        const { entry } = output;
        void around.outbox.keep(entry).then(() => {
          if (entry.state === "keeping") tell({ kind: "kept", stream: entry.stream, number: entry.number });
        });
        return;
      }
      case "forget":
        void around.outbox.forget(output.stream, output.number);
        return;
      case "derive":
        void derive(output.password, output.salt, output.iterations).then((keys) => tell({ kind: "derived", keys }));
        return;
      case "notify":
        around.notify(output.room, output.name, output.title, output.text);
        return;
      case "subscribe":
        void push.subscribe(output.key).then(tell);
        return;
      case "unsubscribe":
        void push.unsubscribe().catch(() => undefined);
        void tellings.forget().catch(() => undefined);
        return;
      case "token":
        tokens.take(output);
    }
  };

  const adopt = async (): Promise<void> => {
    const entries = await around.outbox.take().catch(() => []);
    if (entries.length > 0) tell({ kind: "found", entries });
  };

  const begin = async (): Promise<void> => {
    // What an earlier page had to say comes before the first word of this one.
    const entries = await around.outbox.take().catch(() => []);
    tell({
      kind: "started",
      stream: around.outbox.stream,
      firstRoom: around.firstRoom,
      firstPerson: around.firstPerson,
      invitation: around.invitation,
    });
    tell({ kind: "found", entries });
    setInterval(() => tell({ kind: "tick" }), TICK_MS);
    setInterval(() => void adopt(), ADOPT_EVERY_MS);
  };
  void begin();

  const look = (): void =>
    tell({ kind: "visible", visible: document.visibilityState === "visible" && document.hasFocus() });
  document.addEventListener("visibilitychange", look);
  addEventListener("focus", look);
  addEventListener("blur", look);
  addEventListener("online", () => tell({ kind: "online" }));
  addEventListener("pagehide", savePreferences);
  return { state, tell, uploads, previews };
}
