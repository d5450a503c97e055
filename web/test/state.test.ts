/** The reducer, as a server and a person see it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compareCursors, merge } from "../src/state/history.ts";
import { reduce } from "../src/state/reduce.ts";
import { initial, newMessage } from "../src/state/state.ts";
import { ALL_CAPS, Client } from "./server.ts";

const time = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();

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

test("what others do to messages", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.hears(
    `@msgid=1;time=${time(1)} :bob!b@c PRIVMSG #tea :tee`,
    "@draft/target-msgid=1;draft/edit-text=tea;msgid=2 :bob!b@c EDIT #tea",
    "@draft/target-msgid=1;draft/edit-text=hacked;msgid=3 :eve!b@c EDIT #tea",
    "@+draft/reply=1;+draft/react=👍;msgid=4 :eve!b@c TAGMSG #tea",
    "@+draft/reply=1;+draft/react=👍;msgid=5 :op!b@c TAGMSG #tea",
    "@+draft/reply=1;+draft/unreact=👍;msgid=6 :eve!b@c TAGMSG #tea",
  );
  const [message] = client.room().messages;
  assert.deepEqual(
    [message?.text, message?.before, message?.edited, [...(message?.reactions ?? [])]],
    ["tea", "tee", true, [["👍", ["op"]]]],
  );
  client.hears(":op!b@c REDACT #tea 1 :rude");
  assert.deepEqual(
    [client.texts(), client.room().messages[0]?.reactions.size, client.room().unread],
    [["(deleted)"], 0, 0],
  );
});

test("unread and mentions, and where one has read", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "open", room: "" });
  client.hears(
    `@msgid=1;time=${time(1)} :bob!b@c PRIVMSG #tea :hello`,
    `@msgid=2;time=${time(2)} :bob!b@c PRIVMSG #tea :Anna: hello; annabel`,
    `@msgid=3;time=${time(3)} :bob!b@c PRIVMSG #tea :hannah`,
    `@msgid=4;time=${time(4)} :bob!b@c PRIVMSG anna :psst`,
  );
  assert.deepEqual([client.room().unread, client.room().mentions, client.room("bob").mentions], [3, 1, 1]);
  assert.deepEqual(
    client.outputs.filter((output) => output.kind === "notify").map((output) => output.title),
    ["bob · #tea", "bob"],
  );
  client.hears(`:irc MARKREAD #tea timestamp=${time(2)}`);
  assert.deepEqual([client.room().unread, client.room().mentions], [1, 0]);
  client.sent();
  client.tell({ kind: "seen", room: "#tea", time: Date.parse(time(3)) });
  assert.deepEqual(client.sent(), [`MARKREAD #tea timestamp=${time(3)}`]);
  client.tell({ kind: "seen", room: "#tea", time: Date.parse(time(1)) });
  assert.deepEqual([client.sent(), client.room().unread], [[], 0]);
});

test("what somebody new has written while nobody was here is unread", () => {
  const account = ":irc 900 anna anna!~anna@host anna :You are now logged in as anna";
  const comesBack = (read: Record<string, number>, marker: string): [number, number] => {
    const client = new Client({ nick: "anna", read });
    client.tell({ kind: "opened", random: "nonce" });
    client.hears(`:irc CAP * LS :${ALL_CAPS}`, `:irc CAP * ACK :${ALL_CAPS}`, account, ":irc 001 anna :hi");
    client.hears(":irc 376 anna :end");
    assert.ok(client.sent().some((line) => line.startsWith("CHATHISTORY TARGETS ")));
    client.hears(
      ":irc BATCH +t draft/chathistory-targets",
      `@batch=t :irc CHATHISTORY TARGETS bob ${time(30)}`,
      ":irc BATCH -t",
    );
    assert.deepEqual(client.sent(), ["MARKREAD bob", "CHATHISTORY LATEST bob * 60"]);
    client.hears(
      `:irc MARKREAD bob ${marker}`,
      ":irc BATCH +h chathistory bob",
      `@batch=h;msgid=1;time=${time(10)} :bob!b@c PRIVMSG anna :long ago`,
      `@batch=h;msgid=2;time=${time(20)} :anna!b@c PRIVMSG bob :yes?`,
      `@batch=h;msgid=3;time=${time(30)} :bob!b@c PRIVMSG anna :psst`,
      ":irc BATCH -h",
    );
    return [client.room("bob").unread, client.room("bob").mentions];
  };
  assert.deepEqual(
    comesBack({ "#tea": Date.parse(time(25)) }, "*"),
    [1, 1],
    "news since this device has read anything",
  );
  assert.deepEqual(comesBack({}, "*"), [2, 2], "no device has ever read it");
  assert.deepEqual(comesBack({}, `timestamp=${time(30)}`), [0, 0], "another device has read it");
  assert.deepEqual(comesBack({ "#tea": Date.parse(time(40)) }, `timestamp=${time(20)}`), [1, 1], "to the marker only");
});

test("who is ignored counts and calls for nothing", () => {
  const client = new Client({ nick: "anna", ignored: ["eve"] });
  client.enter();
  client.tell({ kind: "open", room: "" });
  client.hears(":Eve!b@c PRIVMSG #tea :anna anna", "@+typing=active :Eve!b@c TAGMSG #tea");
  assert.deepEqual(
    [
      client.room().unread,
      client.room().typing.size,
      client.outputs.filter((output) => output.kind === "notify").length,
    ],
    [0, 0, 0],
  );
});

test("people come, go, and are called otherwise", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.hears(
    ":bob!~b@host JOIN #tea bobby :Bob",
    ":irc MODE #tea +ov-i bob anna",
    ":bob!~b@host NICK rob",
    ":rob!~b@host AWAY :lunch",
    ":op!x@y KICK #tea nobody",
    ":irc 332 anna #tea :Biscuits",
  );
  assert.deepEqual(
    [...client.room().members].map(([key, member]) => `${key} ${member.ranks}`),
    ["anna v", "op o", "rob o"],
  );
  const person = client.state.people.get("rob");
  assert.deepEqual([person?.account, person?.away, client.room().topic], ["bobby", true, "Biscuits"]);
  client.hears(":rob!~b@host QUIT :bye", ":op!x@y KICK #tea anna :out");
  assert.deepEqual(
    [client.room().members.size, client.room().membership, client.state.preferences.rooms],
    [1, "out", []],
  );
  assert.deepEqual(
    client.room().messages.map((message) => message.event),
    ["join", "mode", "nick", "kick", "quit", "kick"],
  );
});

test("typing is told at most every three seconds, and forgotten after six", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  for (const text of ["a", "ab", "abc"]) client.tell({ kind: "draft", room: "#tea", text });
  assert.deepEqual(client.sent(), ["@+typing=active TAGMSG #tea"]);
  client.now += 3_000;
  client.tell({ kind: "draft", room: "#tea", text: "abcd" });
  client.tell({ kind: "draft", room: "#tea", text: "" });
  client.tell({ kind: "draft", room: "#tea", text: "/away" });
  assert.deepEqual(client.sent(), ["@+typing=active TAGMSG #tea", "@+typing=done TAGMSG #tea"]);
  client.hears("@+typing=active :bob!b@c TAGMSG #tea", "@+typing=active :anna!b@c TAGMSG #tea");
  assert.deepEqual([...client.room().typing.keys()], ["bob"]);
  client.now += 6_000;
  client.tell({ kind: "tick" });
  assert.equal(client.room().typing.size, 0);
});

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

test("search, with what is found and what is refused", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  client.tell({ kind: "search", query: "green tea; x", room: "#tea" });
  assert.deepEqual(client.sent(), ["SEARCH text=green\\stea\\:\\sx;in=#tea;limit=50"]);
  client.hears(
    ":irc WARN SEARCH INCOMPLETE :slow",
    ":irc BATCH +s search",
    `@batch=s;msgid=1;time=${time(1)} :bob!b@c PRIVMSG #tea :old`,
    `@batch=s;msgid=2;time=${time(2)} :bob!b@c PRIVMSG anna :new`,
    ":irc BATCH -s",
  );
  assert.deepEqual(
    client.state.search?.results.map(({ room, message }) => `${room} ${message.text}`),
    ["bob new", "#tea old"],
  );
  assert.deepEqual([client.state.search?.incomplete, client.room().messages.length], [true, 0]);
  client.tell({ kind: "search", query: "x", room: "" });
  client.hears(":irc FAIL SEARCH INTERNAL_ERROR :not now");
  assert.equal(client.state.search?.refusal?.code, "INTERNAL_ERROR");
});

test("commands", () => {
  const client = new Client({ nick: "anna" });
  client.enter();
  const says = (text: string): string[] => {
    client.tell({ kind: "command", room: "#tea", text });
    return client.sent().map((line) => line.replace(/^@\S+ /, ""));
  };
  assert.deepEqual(says("/me waves"), ["PRIVMSG #tea :\x01ACTION waves\x01"]);
  assert.deepEqual(says("/topic New one"), ["TOPIC #tea :New one"]);
  assert.deepEqual(says("/kick bob be nice"), ["KICK #tea bob :be nice"]);
  assert.deepEqual(says("/op a b"), ["MODE #tea +oo a b"]);
  assert.deepEqual(says("/ban eve"), ["MODE #tea +b eve!*@*"]);
  assert.deepEqual(says("/join tea2"), ["JOIN #tea2"]);
  assert.deepEqual(says("/msg bob hi"), ["PRIVMSG bob :hi"]);
  assert.deepEqual([says("/nonsense"), client.state.notices.at(-1)?.code], [[], "NO_SUCH_COMMAND"]);
  assert.deepEqual([says("/constructor"), client.state.notices.at(-1)?.code], [[], "NO_SUCH_COMMAND"]);
  assert.deepEqual(says("/raw A\nB"), ["A B"]);
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
