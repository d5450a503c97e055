/** Pages of history, gaps, and what was missed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCursors, merge } from "../src/state/history.ts";
import { newMessage } from "../src/state/state.ts";
import { ALL_CAPS, Client } from "./server.ts";

const time = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();

function page(...ids: number[]): string[] {
  return [
    ":irc BATCH +p chathistory #tea",
    ...ids.map((id) => `@batch=p;msgid=${id};time=${time(id)} :bob!b@c PRIVMSG #tea :${id}`),
    ":irc BATCH -p",
  ];
}

test("history is loaded in pages, and gaps are known as such", () => {
  const client = new Client({ nick: "anna" });
  client.enter("anna", ALL_CAPS.replace("loggia.chat/delivery ", ""), "CHANTYPES=# CASEMAPPING=ascii CHATHISTORY=3");
  client.hears(...page(28, 29, 30));
  client.tell({ kind: "loadOlder", room: "#tea" });
  assert.deepEqual(client.sent(), ["CHATHISTORY BEFORE #tea msgid=28 3"]);
  client.tell({ kind: "loadOlder", room: "#tea" });
  assert.deepEqual(client.sent(), [], "one page at a time");
  client.hears(...page(25, 26, 27));
  assert.deepEqual(client.texts(), ["25", "26", "27", "28", "29", "30"]);
  client.tell({ kind: "jump", room: "#tea", id: "5" });
  assert.deepEqual(client.sent(), ["CHATHISTORY AROUND #tea msgid=5 3"]);
  client.hears(...page(4, 5, 6));
  assert.equal(client.room().jump?.id, "5");
  const gaps = (): string =>
    client
      .room()
      .messages.map((message) => (message.gap === "" ? "" : "|") + message.text)
      .join(" ");
  assert.equal(gaps(), "4 5 6 |25 26 27 28 29 30");
  client.tell({ kind: "loadGap", room: "#tea", key: "25" });
  assert.deepEqual(client.sent(), ["CHATHISTORY BEFORE #tea msgid=25 3"]);
  client.hears(...page(22, 23, 24));
  assert.equal(gaps(), "4 5 6 |22 23 24 25 26 27 28 29 30");
  client.tell({ kind: "loadGap", room: "#tea", key: "22" });
  client.hears(...page(6, 7, 21));
  assert.equal(gaps(), "4 5 6 7 21 22 23 24 25 26 27 28 29 30");
  client.sent();
  client.tell({ kind: "loadOlder", room: "#tea" });
  client.hears(...page(3));
  assert.ok(client.room().reachedBeginning);
});

test("the first new message is asked for when it is older than what is known", () => {
  const client = new Client({ nick: "anna", ignored: ["spam"] });
  client.enter("anna", ALL_CAPS.replace("loggia.chat/delivery ", ""), "CHANTYPES=# CASEMAPPING=ascii CHATHISTORY=3");
  client.hears(...page(28, 29, 30));
  const since = Date.parse(time(5));
  client.tell({ kind: "jumpToNew", room: "#tea", since });
  assert.deepEqual(client.sent(), [`CHATHISTORY AROUND #tea timestamp=${time(5)} 3`]);
  client.tell({ kind: "jumpToNew", room: "#tea", since });
  assert.deepEqual(client.sent(), [], "one page at a time");
  client.hears(...page(5, 6, 7).map((line) => (line.endsWith(":6") ? line.replace("bob", "spam") : line)));
  assert.equal(client.room().jump?.id, "7", "not what is read, and not what is not shown");
  const gaps = client.room().messages.filter((message) => message.gap !== "");
  assert.deepEqual(
    gaps.map((message) => message.text),
    ["28"],
  );
  assert.ok(!client.room().reachedBeginning, "there is more before it");
});

test("what was missed in one millisecond stays in order", () => {
  const client = new Client({ nick: "anna" });
  client.enter("anna", ALL_CAPS.replace("loggia.chat/delivery ", ""), "CHANTYPES=# CASEMAPPING=ascii CHATHISTORY=3");
  const atOnce = (...ids: number[]): string[] => page(...ids).map((line) => line.replace(/time=[^ ]+/, `time=${time(9)}`));
  client.hears(...atOnce(28, 29, 30));
  client.tell({ kind: "jumpToNew", room: "#tea", since: Date.parse(time(5)) });
  client.hears(...atOnce(10, 11, 12));
  assert.deepEqual(client.texts(), ["10", "11", "12", "28", "29", "30"]);
  assert.equal(client.room().jump?.id, "10");
});

test("after an absence without cursor, the newest are asked for, with a gap when they are too many", () => {
  const caps = ALL_CAPS.replace("loggia.chat/delivery ", "");
  const client = new Client({ nick: "anna" });
  client.enter("anna", caps, "CHANTYPES=# CASEMAPPING=ascii CHATHISTORY=3");
  client.hears(...page(1, 2));
  client.tell({ kind: "closed", reason: "" });
  client.tell({ kind: "opened", random: "x" });
  client.hears(
    `:irc CAP * LS :${caps}`,
    `:irc CAP * ACK :${caps}`,
    ":irc 001 anna :hi",
    ":irc 005 anna CHANTYPES=# CASEMAPPING=ascii CHATHISTORY=3 :are",
    ":irc 376 anna :end",
  );
  client.joins("#tea");
  assert.ok(client.sent().includes("CHATHISTORY LATEST #tea msgid=2 3"));
  client.hears(...page(7, 8, 9));
  assert.deepEqual(
    client
      .room()
      .messages.filter((message) => message.gap !== "")
      .map((message) => message.text),
    ["7"],
  );
});

test("what was missed is resumed and stands in its place", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.hears(
    ":irc BATCH +r loggia.chat/resume c1 end",
    ":irc BATCH -r",
    `@loggia.chat/cursor=c2;msgid=2;time=${time(2)} :bob!b@c PRIVMSG #tea :two`,
  );
  assert.equal(client.state.resume.cursor, "c2");
  client.hears(...page(1, 2));
  client.tell({ kind: "closed", reason: "" });
  client.tell({ kind: "opened", random: "x" });
  client.hears(`:irc CAP * LS :${ALL_CAPS}`, `:irc CAP * ACK :${ALL_CAPS}`, ":irc 001 anna :hi", ":irc 376 anna :end");
  assert.ok(client.sent().includes("RESUME c2"));
  client.joins("#tea");
  client.hears(
    `@loggia.chat/cursor=c9;msgid=9;time=${time(3)} :bob!b@c PRIVMSG #tea :nine`,
    ":irc BATCH +r loggia.chat/resume c4 more",
    `@batch=r;loggia.chat/cursor=c3;msgid=3;time=${time(3)} :bob!b@c PRIVMSG #tea :three`,
    "@batch=r;msgid=e;draft/target-msgid=2;draft/edit-text=TWO;loggia.chat/cursor=c4 :bob!b@c EDIT #tea",
    ":irc BATCH -r",
  );
  assert.deepEqual([client.sent().at(-1), client.texts()], ["RESUME c4", ["1", "TWO", "three", "nine"]]);
  client.hears(
    ":irc BATCH +s loggia.chat/resume c8 end",
    `@batch=s;loggia.chat/cursor=c8;msgid=8;time=${time(2)} :carl!c@d PRIVMSG anna :new here`,
    ":irc BATCH -s",
  );
  assert.equal(client.room("carl").unread, 1, "who has written first meanwhile is news");
  assert.equal(client.state.resume.cursor, "c9");
  client.hears(":irc FAIL RESUME CURSOR_UNKNOWN c9 :gap");
  assert.ok(client.sent().includes("RESUME *"));
});

test("merging: any page in any order, each once, in the order of time", () => {
  const message = (id: number) => newMessage({ key: `${id}`, id: `${id}`, time: id * 10, nick: "a", kind: "message" });
  const all = Array.from({ length: 12 }, (_, index) => message(index));
  for (const [from, to] of [
    [0, 4],
    [3, 8],
    [8, 12],
    [0, 12],
    [5, 6],
  ] as const) {
    const known = all.filter((_, index) => index % 3 !== 1);
    const merged = merge(known, all.slice(from, to), "before");
    const ids = merged.messages.map((other) => Number(other.id));
    assert.deepEqual(
      ids,
      [...new Set(ids)].sort((one, other) => one - other),
    );
    assert.deepEqual([merged.messages[merged.first]?.id, merged.messages[merged.last]?.id], [`${from}`, `${to - 1}`]);
  }
  assert.ok(compareCursors("9", "10") < 0 && compareCursors("b", "a") > 0 && compareCursors("a", "a") === 0);
});
