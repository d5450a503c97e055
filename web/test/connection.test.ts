/** Coming in, and finding out that nobody is there any more. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { reduce } from "../src/state/reduce.ts";
import { initial } from "../src/state/state.ts";
import { Client } from "./server.ts";

test("a name is enough, and what is offered of what is wanted is asked for", () => {
  const client = new Client();
  client.tell({ kind: "name", nick: "anna" });
  assert.deepEqual(client.outputs.at(-1), { kind: "connect" });
  client.tell({ kind: "opened", random: "x" });
  assert.deepEqual(client.sent(), ["CAP LS 302", "NICK anna", "USER anna 0 * :anna"]);
  client.hears(":irc CAP * LS * :batch nonsense=1", ":irc CAP * LS :echo-message soju.im/search draft/search");
  assert.deepEqual(client.sent(), ["CAP REQ :batch echo-message draft/search"]);
  client.hears(":irc CAP * NAK :batch echo-message draft/search");
  assert.deepEqual(client.sent(), ["CAP REQ :batch", "CAP REQ :echo-message", "CAP REQ :draft/search"]);
  client.hears(":irc CAP * ACK :batch", ":irc CAP * NAK :echo-message", ":irc CAP * ACK :draft/search");
  assert.deepEqual(client.sent(), ["CAP END"]);
  client.hears(":irc 001 anna :Welcome", ":irc 422 anna :no motd");
  assert.deepEqual(client.sent(), ["JOIN #tea"]);
  assert.equal(client.state.active, "#tea");
});

test("without any capability it chats all the same", () => {
  const client = new Client();
  client.enter("anna", "", "CHANTYPES=#");
  client.hears(":bob!b@c PRIVMSG #tea :hello");
  client.tell({ kind: "say", room: "#tea", text: "two\nlines" });
  assert.deepEqual(client.sent(), ["PRIVMSG #tea :two", "PRIVMSG #tea :lines"]);
  assert.deepEqual(client.texts(), ["hello", "two\nlines"]);
  assert.deepEqual(client.state.outbox, []);
  client.tell({ kind: "react", room: "#tea", id: "x", emoji: "👍" });
  client.tell({ kind: "draft", room: "#tea", text: "typing" });
  assert.deepEqual(client.sent(), []);
});

test("with echoes only, the echo of the last line says that all is there", () => {
  const client = new Client();
  client.enter("anna", "echo-message", "CHANTYPES=#");
  client.tell({ kind: "say", room: "#tea", text: "two\nlines" });
  client.hears(":anna!~anna@host PRIVMSG #tea :two");
  assert.deepEqual(client.entries, ["1 sent"]);
  client.hears(":anna!~anna@host PRIVMSG #tea :lines");
  assert.deepEqual([client.entries, client.texts()], [[], ["two", "lines"]]);
});

test("who says a name before the device has answered is let in when it has", () => {
  const { state, outputs } = reduce(initial(), { kind: "name", nick: "anna" }, 1);
  assert.deepEqual([state.stage.kind, outputs], ["connecting", []]);
  const next = reduce(state, { kind: "started", stream: "s", firstRoom: "#tea", invitation: "" }, 2);
  assert.deepEqual([next.state.preferences.nick, next.outputs], ["anna", [{ kind: "connect" }]]);
});

test("a name that is taken is asked for again; who comes back takes a similar one", () => {
  const client = new Client();
  client.tell({ kind: "name", nick: "anna" });
  client.tell({ kind: "opened", random: "x" });
  client.hears(":irc 433 * anna :In use");
  assert.deepEqual(client.state.stage, { kind: "unnamed", refusal: { code: "433", text: "In use" } });
  const back = new Client({ nick: "anna" });
  back.enter();
  back.tell({ kind: "closed", reason: "" });
  back.tell({ kind: "opened", random: "x" });
  back.sent();
  back.hears(":irc 433 * anna :In use");
  assert.deepEqual(back.sent(), ["NICK anna_"]);
});

test("a connection that is silent is asked, given up, and tried again", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.now += 45_000;
  client.tell({ kind: "tick" });
  assert.deepEqual(client.sent(), ["PING loggia-web"]);
  client.hears(":irc PONG irc loggia-web");
  client.now += 45_000;
  client.tell({ kind: "tick" });
  client.now += 20_000;
  client.tell({ kind: "tick" });
  assert.equal(client.state.stage.kind, "waiting");
  for (let attempt = 0; attempt < 8; attempt += 1) {
    client.now += 40_000;
    client.tell({ kind: "tick" });
    client.tell({ kind: "closed", reason: "" });
  }
  const { stage } = client.state;
  assert.ok(stage.kind === "waiting" && stage.until - client.now === 30_000);
});
