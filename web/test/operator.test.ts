/** What operators of the server see and do, with the answers of `scenarios/`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as operator from "../src/state/features/operator.ts";
import { ALL_CAPS, Client } from "./server.ts";

function entered(): Client {
  const client = new Client();
  client.enter("anna", `${ALL_CAPS} draft/metadata-2`);
  client.hears(":anna!~anna@host MODE anna +o");
  client.sent();
  return client;
}

/** The label of the newest line that was sent. */
function label(client: Client): string {
  const line = client.sent().at(-1) ?? "";
  return /label=([^ ;]+)/.exec(line)?.[1] ?? "";
}

/** Answers a labelled line with several. */
function answers(client: Client, to: string, ...lines: string[]): void {
  client.hears(
    `@label=${to} :irc BATCH +b labeled-response`,
    ...lines.map((line) => `@batch=b ${line}`),
    ":irc BATCH -b",
  );
}

test("only operators whose server labels its answers look after it", () => {
  const client = new Client();
  client.enter();
  assert.equal(operator.isOperator(client.state), false);
  client.hears(":anna!~anna@host MODE anna +o");
  assert.equal(operator.isOperator(client.state), true);
  const other = new Client();
  other.enter("anna", "batch");
  other.hears(":anna!~anna@host MODE anna +o");
  assert.equal(operator.isOperator(other.state), false);
});

test("an answer is known by its label, and means nothing to the conversation", () => {
  const client = entered();
  const before = client.state.rooms;
  client.tell({ kind: "ask", question: "bans" });
  const asked = label(client);
  answers(
    client,
    asked,
    ":irc NOTICE anna :*!~bob@localhost (bob) until 2027-01-15 09:00 UTC, by op!~op@host: Shouting: again",
    ":irc NOTICE anna :account:eve for ever, by op!~op@host: Sold tea",
    ":irc NOTICE anna :Bans: 2. BAN DEL <what> undoes one.",
  );
  assert.equal(client.state.rooms, before);
  const answer = client.state.operator.answers.get("bans");
  assert.deepEqual(
    operator.bansIn(answer, Date.parse("2027-01-15T08:59:00Z")).map(({ text: _, ...ban }) => ban),
    [
      { kind: "unban", what: "*!~bob@localhost", duration: "60s", reason: "Shouting: again" },
      { kind: "unban", what: "account:eve", duration: "", reason: "Sold tea" },
    ],
  );
});

test("people and rooms asked for do not become this conversation's", () => {
  const client = entered();
  client.tell({ kind: "ask", question: "people" });
  assert.match(
    client.outputs.at(-1)?.kind === "send" ? (client.outputs.at(-1) as { line: string }).line : "",
    /WHO \* %tuhnfar,2$/,
  );
  answers(client, label(client), ":irc 354 anna 2 ~bob host bob H 0 :Bob", ":irc 315 anna * :End");
  assert.equal(client.state.operator.answers.get("people")?.lines.length, 2);
  assert.equal(client.state.people.get("bob"), undefined);
  client.tell({ kind: "ask", question: "rooms" });
  answers(client, label(client), ":irc 322 anna #tea 2 :Tea", ":irc 323 anna :End");
  assert.equal(client.state.listing, undefined);
});

test("a ban is undone by what the server has made of it, and set again as it was", () => {
  const client = entered();
  client.tell({ kind: "act", deed: { kind: "ban", what: "bob", duration: "1d", reason: "Too loud" } });
  const [line = ""] = client.sent();
  assert.match(line, /^@label=a\d+ BAN ADD 1d bob :Too loud$/);
  const banned = /label=(\w+)/.exec(line)?.[1] ?? "";
  client.hears(
    `@label=${banned} :irc NOTICE anna :Bandito *!~bob@host (bob) fino al 2027-01-15 09:00 UTC, da anna: Too loud (1 disconnessi). BAN DEL *!~bob@host lo annulla.`,
  );
  const act = client.state.operator.acts.at(-1);
  assert.deepEqual([act?.status, act?.undone], ["done", false]);
  client.tell({ kind: "undo", number: act?.number ?? 0 });
  assert.match(client.sent().join("\n"), /^@label=a\d+ BAN DEL \*!~bob@host$/);
  assert.equal(client.state.operator.acts.at(-2)?.undone, true);
  const undoing = client.state.operator.acts.at(-1);
  client.hears(`@label=${undoing?.label} :irc NOTICE anna :*!~bob@host is no longer banned.`);
  client.tell({ kind: "undo", number: undoing?.number ?? 0 });
  assert.match(client.sent().join("\n"), / BAN ADD 1d \*!~bob@host :Too loud$/);
});

test("what is refused says why, and there is nothing to undo", () => {
  const client = entered();
  client.tell({ kind: "act", deed: { kind: "disconnect", nick: "boss", reason: "" } });
  client.hears(`@label=${label(client)} :irc 723 anna :Insufficient oper privileges.`);
  const act = client.state.operator.acts.at(-1);
  assert.deepEqual([act?.status, act?.refusal?.code, act?.undo], ["failed", "723", undefined]);
  assert.deepEqual(client.state.notices, [], "it is said where it was asked");
});

test("the emergency is known by the command that ends it, in every language", () => {
  const client = entered();
  client.tell({ kind: "ask", question: "raid" });
  client.hears(`@label=${label(client)} :irc NOTICE anna :La modalità d'emergenza è accesa. RAID OFF la spegne.`);
  assert.equal(operator.isRaid(client.state.operator.answers.get("raid")), true);
  client.tell({ kind: "act", deed: { kind: "raid", on: false, reason: "" } });
  client.hears(`@label=${label(client)} :irc NOTICE anna :La modalità d'emergenza è spenta.`);
  client.hears(`@label=${label(client)} :irc NOTICE anna :La modalità d'emergenza è spenta.`);
  assert.equal(operator.isRaid(client.state.operator.answers.get("raid")), false);
  assert.deepEqual(client.state.operator.acts.at(-1)?.undo, { kind: "raid", on: true, reason: "" });
});

test("an invitation gives its word once, and is revoked by its id", () => {
  const client = entered();
  client.tell({ kind: "act", deed: { kind: "invite", uses: 30, days: 7 } });
  const [line = ""] = client.sent();
  assert.match(line, / INVITATION CREATE 30 7$/);
  client.hears(
    `@label=${/label=(\w+)/.exec(line)?.[1]} :irc INVITATION CREATED 1a2b abcd-efgh 30 2027-01-15T09:00:00.000Z`,
  );
  const act = client.state.operator.acts.at(-1);
  assert.equal(operator.wordOf(act), "abcd-efgh");
  client.tell({ kind: "undo", number: act?.number ?? 0 });
  assert.match(client.sent().join("\n"), / INVITATION REVOKE 1a2b$/);
});

test("a room that is renamed is renamed here too, also when it is told in a batch", () => {
  const client = entered();
  client.tell({ kind: "act", deed: { kind: "rename", room: "#tea", name: "#cake" } });
  answers(client, label(client), ":anna!~anna@host RENAME #tea #cake :", ":irc NOTE RENAME DONE #cake :moved");
  assert.ok(client.state.rooms.has("#cake"));
  assert.deepEqual(client.state.operator.acts.at(-1)?.undo, { kind: "rename", room: "#cake", name: "#tea" });
  const act = client.state.operator.acts.at(-1);
  client.tell({ kind: "undo", number: act?.number ?? 0 });
  client.hears(`@label=${label(client)} :anna!~anna@host RENAME #cake #tea :`);
  assert.ok(client.state.rooms.has("#tea"));
});

test("the journal goes back page by page", () => {
  const client = entered();
  client.tell({ kind: "ask", question: "journal" });
  answers(
    client,
    label(client),
    ":irc NOTICE anna :#6 six",
    ":irc NOTICE anna :#7 seven",
    ":irc NOTICE anna :Earlier: AUDIT 50 6",
  );
  const answer = () => client.state.operator.answers.get("journal");
  assert.equal(operator.earlier(answer()), "6");
  client.tell({ kind: "ask", question: "journal", before: "6" });
  const [line = ""] = client.sent();
  assert.match(line, / AUDIT 50 6$/);
  answers(
    client,
    /label=(\S+)/.exec(line)?.[1] ?? "",
    ":irc NOTICE anna :#5 five",
    ":irc NOTICE anna :Nothing earlier.",
  );
  assert.deepEqual(
    answer()?.lines.map((each) => each.params.at(-1)),
    ["#5 five", "#6 six", "#7 seven", "Nothing earlier."],
  );
  assert.equal(operator.earlier(answer()), "");
});

test("what was asked on a connection that broke is not waited for", () => {
  const client = entered();
  client.tell({ kind: "ask", question: "people" });
  client.tell({ kind: "act", deed: { kind: "unban", what: "bob", duration: "", reason: "" } });
  client.tell({ kind: "closed", reason: "" });
  assert.equal(client.state.operator.answers.size, 0);
  assert.equal(client.state.operator.acts.at(-1)?.status, "failed");
});

test("files are listed the newest first, page after page, and removed for good", () => {
  const client = entered();
  const entry = (name: string, rest: string): string =>
    `:irc UPLOADS ENTRY ${name} 2048 2026-11-30T10:00:00.000Z ${rest}`;
  client.tell({ kind: "ask", question: "files" });
  const [asked = ""] = client.sent();
  assert.match(asked, / UPLOADS LIST 50$/);
  answers(
    client,
    /label=(\S+)/.exec(asked)?.[1] ?? "",
    entry("c.jpg", "bob * :tea time.jpg"),
    entry("b.jpg", "eve eva :"),
    ":irc UPLOADS END 17.b.jpg",
  );
  const answer = () => client.state.operator.answers.get("files");
  assert.deepEqual(operator.filesIn(answer()), [
    { name: "c.jpg", bytes: 2048, at: 1_796_032_800_000, by: "bob", account: "", shown: "tea time.jpg" },
    { name: "b.jpg", bytes: 2048, at: 1_796_032_800_000, by: "eve", account: "eva", shown: "" },
  ]);
  client.tell({ kind: "ask", question: "files", before: operator.moreFiles(answer()) });
  const [older = ""] = client.sent();
  assert.match(older, / UPLOADS LIST 50 17\.b\.jpg$/);
  answers(client, /label=(\S+)/.exec(older)?.[1] ?? "", entry("a.jpg", "bob * :"), ":irc UPLOADS END *");
  const names = (): string[] => operator.filesIn(answer()).map((file) => file.name);
  assert.deepEqual([names(), operator.moreFiles(answer())], [["c.jpg", "b.jpg", "a.jpg"], ""]);
  // Removed, it is not undone from here, and the list is asked for again.
  client.tell({ kind: "act", deed: { kind: "removeFile", name: "c.jpg" } });
  const [removing = ""] = client.sent();
  assert.match(removing, / UPLOADS REMOVE c\.jpg$/);
  client.hears(`@label=${/label=(\w+)/.exec(removing)?.[1]} :irc UPLOADS REMOVED c.jpg`);
  const act = client.state.operator.acts.at(-1);
  assert.deepEqual([act?.status, act?.undo], ["done", undefined]);
  client.hears(`@label=${label(client)} :irc UPLOADS END *`);
  assert.deepEqual(names(), []);
});

test("files that somebody else has removed already say so", () => {
  const client = entered();
  client.tell({ kind: "act", deed: { kind: "removeFile", name: "c.jpg" } });
  client.hears(`@label=${label(client)} :irc FAIL UPLOADS NO_SUCH_FILE c.jpg :There is no file of this name`);
  const act = client.state.operator.acts.at(-1);
  assert.deepEqual(
    [act?.status, act?.refusal],
    ["failed", { code: "NO_SUCH_FILE", text: "There is no file of this name" }],
  );
});
