/** The reducer, as a server and a person see it: people, what they do to messages, what is unread, search, commands. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ALL_CAPS, Client } from "./server.ts";

const time = (second: number): string => new Date(1_800_000_000_000 + second * 1000).toISOString();

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
