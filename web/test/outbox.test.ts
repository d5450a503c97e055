/** What is written leaves once and in order, whatever breaks meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CAPS, Client } from "./server.ts";

const time = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();

test("what is written is sent once it is kept by the device, and is done with its echo", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "say", room: "#tea", text: "ciao" });
  assert.deepEqual(client.sent(), ["@loggia.chat/id=stream-of-the-first-page.1 PRIVMSG #tea :ciao"]);
  assert.deepEqual(client.entries, ["1 sent"]);
  client.hears(
    `@loggia.chat/id=stream-of-the-first-page.1;msgid=a1;time=${time(1)} :anna!~anna@host PRIVMSG #tea :ciao`,
  );
  assert.deepEqual([client.entries, client.texts(), client.kept.size], [[], ["ciao"], 0]);
  assert.equal(client.room().messages.at(-1)?.key, "ostream-of-the-first-page.1", "the same row as before");
  assert.equal(client.room().unread, 0);
});

test("offline it waits, and goes out in order after reconnecting, once", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "say", room: "#tea", text: "one" });
  client.sent();
  client.tell({ kind: "closed", reason: "" });
  client.tell({ kind: "say", room: "#tea", text: "two" });
  assert.deepEqual([client.sent(), client.entries], [[], ["1 waiting", "2 waiting"]]);
  client.now += 1_000;
  client.tell({ kind: "tick" });
  assert.deepEqual(client.outputs.at(-1), { kind: "connect" });
  client.tell({ kind: "opened", random: "x" });
  client.hears(`:irc CAP * LS :${ALL_CAPS}`, `:irc CAP * ACK :${ALL_CAPS}`, ":irc 001 anna :hi", ":irc 376 anna :end");
  assert.ok(!client.sent().some((line) => line.includes("PRIVMSG")), "not before it is in the room");
  client.joins("#tea");
  assert.deepEqual(
    client.sent().filter((line) => line.includes("PRIVMSG")),
    [
      "@loggia.chat/id=stream-of-the-first-page.1 PRIVMSG #tea :one",
      "@loggia.chat/id=stream-of-the-first-page.2 PRIVMSG #tea :two",
    ],
  );
});

test("what was kept and lost its outcome is shown once, as soon as it comes back from history", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.hears(":irc BATCH +r loggia.chat/resume c0 end", ":irc BATCH -r");
  client.tell({ kind: "say", room: "#tea", text: "kept" });
  client.tell({ kind: "say", room: "#tea", text: "lost" });
  client.tell({ kind: "closed", reason: "" });
  client.tell({ kind: "say", room: "#tea", text: "kept" });
  assert.deepEqual(client.rows(), ["kept…", "lost…", "kept…"]);
  client.enter();
  client.hears(
    ":irc BATCH +r loggia.chat/resume c1 end",
    `@batch=r;loggia.chat/cursor=c1;msgid=a;time=${time(1)} :anna!~anna@host PRIVMSG #tea :kept`,
    ":irc BATCH -r",
  );
  assert.deepEqual(client.rows(), ["kept", "lost…", "kept…"], "what was written later is another message");
  assert.deepEqual(client.entries, ["1 sent", "2 sent", "3 sent"], "only the outcome tells");
  const id = "loggia.chat/id=stream-of-the-first-page";
  client.hears(`@${id}.1;msgid=a;time=${time(1)} :anna!~anna@host PRIVMSG #tea :kept`);
  client.hears(`@${id}.2;msgid=b;time=${time(2)} :anna!~anna@host PRIVMSG #tea :lost`);
  client.hears(`@${id}.3;msgid=c;time=${time(3)} :anna!~anna@host PRIVMSG #tea :kept`);
  assert.deepEqual([client.rows(), client.entries], [["kept", "lost", "kept"], []]);
});

test("what another device has said in the same words takes nothing away for good", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "say", room: "#tea", text: "yes" });
  client.tell({ kind: "closed", reason: "" });
  client.enter();
  client.hears(`@msgid=a;time=${time(1)} :anna!~anna@host PRIVMSG #tea :yes`);
  assert.deepEqual(client.rows(), ["yes"]);
  const id = "loggia.chat/id=stream-of-the-first-page.1";
  client.hears(`@${id} FAIL PRIVMSG CANNOT_KEEP #tea :The disk is full`);
  assert.deepEqual(client.rows(), ["yes", "yes…"], "it was refused, and can be tried again");
  client.tell({ kind: "retry", stream: "stream-of-the-first-page", number: 1 });
  client.hears(`@${id.replace(/1$/, "2")};msgid=b;time=${time(2)} :anna!~anna@host PRIVMSG #tea :yes`);
  assert.deepEqual(client.rows(), ["yes", "yes"]);
});

test("a reloaded page says what the former one had to say, under its ids", () => {
  const first = new Client({ nick: "anna" });
  first.enter();
  first.tell({ kind: "closed", reason: "" });
  first.tell({ kind: "say", room: "#tea", text: "later" });
  const second = new Client({ nick: "anna" });
  second.tell({ kind: "found", entries: [...first.kept.values()] });
  second.enter();
  second.tell({ kind: "say", room: "#tea", text: "now" });
  assert.deepEqual([second.entries, second.state.nextNumber], [["1 sent", "2 sent"], 3]);
  const old = new Client({ nick: "anna" });
  old.now += 8 * 24 * 3600 * 1000;
  old.tell({ kind: "found", entries: [...first.kept.values()] });
  assert.deepEqual(old.entries, ["1 failed"], "after a week the person is asked");
});

test("a clock that turns sends nothing twice, and an entry that another page sent is sent again", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "say", room: "#tea", text: "once" });
  client.sent();
  client.tell({ kind: "tick" });
  assert.deepEqual(client.sent(), []);
  const next = new Client({ nick: "anna" }, "another-stream");
  next.enter();
  next.tell({ kind: "found", entries: [...client.kept.values()] });
  assert.deepEqual(next.sent(), ["@loggia.chat/id=stream-of-the-first-page.1 PRIVMSG #tea :once"]);
  next.hears("@loggia.chat/id=stream-of-the-first-page.1 FAIL PRIVMSG ID_UNREADABLE #tea :later");
  assert.deepEqual(next.entries, ["1 unsure"]);
  next.tell({ kind: "tick" });
  assert.deepEqual(next.entries, ["1 sent"]);
});

test("what is refused can be tried again or discarded", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "say", room: "#tea", text: "no" });
  client.hears("@loggia.chat/id=stream-of-the-first-page.1 :irc 404 anna #tea :Cannot send to channel");
  assert.deepEqual(client.state.outbox[0]?.refusal, { code: "404", text: "Cannot send to channel" });
  client.tell({ kind: "retry", stream: "stream-of-the-first-page", number: 1 });
  assert.deepEqual(client.entries, ["2 sent"]);
  client.hears("@loggia.chat/id=stream-of-the-first-page.2 FAIL PRIVMSG CANNOT_KEEP #tea :The disk is full");
  client.tell({ kind: "discard", stream: "stream-of-the-first-page", number: 2 });
  assert.deepEqual([client.entries, client.kept.size], [[], 0]);
});

test("without ids, what broke off is looked for in history before it is sent again", () => {
  const caps = "batch draft/chathistory echo-message labeled-response message-tags server-time";
  const client = new Client({ nick: "anna" });
  client.enter("anna", caps);
  client.tell({ kind: "say", room: "#tea", text: "kept" });
  client.tell({ kind: "say", room: "#tea", text: "lost" });
  assert.match(client.sent()[0] ?? "", /^@label=o1\.stream-o PRIVMSG #tea :kept$/);
  client.tell({ kind: "closed", reason: "" });
  assert.deepEqual(client.entries, ["1 unsure", "2 unsure"]);
  client.enter("anna", caps);
  assert.deepEqual(client.entries, ["1 unsure", "2 unsure"]);
  client.hears(
    ":irc BATCH +h chathistory #tea",
    `@batch=h;msgid=a;time=${time(1)} :anna!~anna@host PRIVMSG #tea :kept`,
    ":irc BATCH -h",
  );
  assert.deepEqual(client.entries, ["2 sent"]);
  assert.ok(client.sent().some((line) => line.endsWith("PRIVMSG #tea :lost")));
});

test("several lines and long ones", () => {
  const client = new Client({ nick: "anna" });
  client.enter("anna", ALL_CAPS.replace("draft/multiline", "draft/multiline=max-bytes=4096,max-lines=4"));
  client.tell({ kind: "say", room: "#tea", text: "one\n\ntwo" });
  const lines = client.sent();
  assert.equal(
    lines[0]?.replace(/\+m\d+/, "+m"),
    "@loggia.chat/id=stream-of-the-first-page.1 BATCH +m draft/multiline #tea",
  );
  assert.deepEqual(
    lines.slice(1, -1).map((line) => line.replace(/m\d+/, "m")),
    ["@batch=m PRIVMSG #tea :one", "@batch=m PRIVMSG #tea :", "@batch=m PRIVMSG #tea :two"],
  );
  client.hears(
    "@loggia.chat/id=stream-of-the-first-page.1;msgid=m :anna!~anna@host BATCH +x draft/multiline #tea",
    "@batch=x :anna!~anna@host PRIVMSG #tea :one",
    "@batch=x;draft/multiline-concat :anna!~anna@host PRIVMSG #tea : more",
    "@batch=x :anna!~anna@host PRIVMSG #tea :two",
    ":irc BATCH -x",
  );
  assert.deepEqual([client.texts(), client.entries], [["one more\ntwo"], []]);
  client.tell({ kind: "say", room: "#tea", text: "a\nb\nc\nd\ne" });
  assert.equal(client.sent().length, 5, "more lines than the server takes in one go single");
  client.tell({ kind: "say", room: "#tea", text: "x".repeat(900) });
  for (const line of client.sent()) assert.ok(line.replace(/^@\S+ /, "").length <= 512);
});
