/** Notifications while the page is closed: what the server is told, what the service worker reads, and what it shows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { told, read, readTold, type Told } from "../src/state/pushed.ts";
import { unavailable } from "../src/state/features/webpush.ts";
import { CATALOGUES } from "../src/texts/texts.ts";
import { ALL_CAPS, Client } from "./server.ts";

const CAPS = `${ALL_CAPS} draft/webpush draft/persistence`;
const TOKENS = "CASEMAPPING=ascii CHANTYPES=# STATUSMSG=@+ VAPID=BKEY";
const ADDRESS = "https://push.example/1";
const KEYS = "p256dh=B;auth=A";
const LOGGED_IN = ":irc 900 anna anna!~anna@host anna :You are now logged in as anna";
const REGISTER = `WEBPUSH REGISTER ${ADDRESS} ${KEYS}`;

function begin(caps = CAPS, tokens = TOKENS, push = ""): Client {
  const client = new Client({ nick: "anna", push });
  client.enter("anna", caps, tokens);
  client.hears(LOGGED_IN);
  client.sent();
  return client;
}

/** What the browser was asked since this was looked at last. */
function asked(client: Client): string[] {
  return client.outputs
    .splice(0)
    .flatMap((output) =>
      output.kind === "subscribe" ? [`subscribe ${output.key}`] : output.kind === "unsubscribe" ? ["unsubscribe"] : [],
    );
}

/** A client whose device is notified. */
function on(): Client {
  const client = begin();
  client.tell({ kind: "push", on: true });
  client.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  client.hears(`:irc WEBPUSH REGISTER ${ADDRESS}`);
  assert.equal(client.state.webPush.step, "on");
  client.sent();
  asked(client);
  return client;
}

test("switched on, the browser subscribes with the server's key, and the server is told the address", () => {
  const client = begin();
  assert.deepEqual(asked(client), [], "nobody has asked for it");
  client.tell({ kind: "push", on: true });
  assert.deepEqual([asked(client), client.sent()], [["subscribe BKEY"], ["PERSISTENCE SET ON"]]);
  assert.equal(client.state.preferences.push, "anna");
  client.hears(":irc PERSISTENCE STATUS ON ON");
  assert.deepEqual(client.state.me.stays, { wish: true, effective: true });
  client.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  assert.deepEqual(client.sent(), [REGISTER]);
  assert.equal(client.state.webPush.step, "registering");
  client.hears(":irc WEBPUSH REGISTER https://push.example/other");
  assert.equal(client.state.webPush.step, "registering");
  client.hears(`:irc WEBPUSH REGISTER ${ADDRESS}`);
  assert.equal(client.state.webPush.step, "on");
  client.tell({ kind: "tick" });
  assert.deepEqual([asked(client), client.sent()], [[], []], "once");
});

test("each connection registers anew, and nobody is made to stay again", () => {
  const client = on();
  client.tell({ kind: "closed", reason: "" });
  client.enter("anna", CAPS, TOKENS);
  assert.deepEqual(asked(client), [], "not before one is logged in");
  client.hears(LOGGED_IN);
  assert.deepEqual([asked(client), client.sent()], [["subscribe BKEY"], ["PERSISTENCE GET"]]);
  client.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  assert.deepEqual(client.sent(), [REGISTER]);
});

test("the older name of the capability is as good, and another key of the server's is another subscription", () => {
  const client = begin(`${ALL_CAPS} soju.im/webpush`, TOKENS, "ANNA");
  assert.deepEqual(asked(client), ["subscribe BKEY"], "names of accounts are folded");
  client.hears(":irc 005 anna VAPID=BOTHER :are supported");
  assert.deepEqual(asked(client), ["subscribe BOTHER"]);
  client.tell({ kind: "push", on: true });
  assert.deepEqual(client.sent(), [], "this server lets nobody stay");
  const both = new Client({ nick: "anna" });
  both.tell({ kind: "opened", random: "x" });
  both.sent();
  both.hears(":irc CAP * LS :draft/webpush soju.im/webpush");
  assert.deepEqual(both.sent(), ["CAP REQ :draft/webpush"]);
});

test("switched off, the server and the push service forget the device", () => {
  const client = on();
  client.tell({ kind: "push", on: false });
  assert.deepEqual([asked(client), client.sent()], [["unsubscribe"], [`WEBPUSH UNREGISTER ${ADDRESS}`]]);
  client.hears(`:irc WEBPUSH UNREGISTER ${ADDRESS}`);
  assert.deepEqual([client.state.webPush.step, client.state.preferences.push], ["off", ""]);
  // Without a connection the push service has to tell it.
  const offline = on();
  offline.tell({ kind: "closed", reason: "" });
  offline.tell({ kind: "push", on: false });
  assert.deepEqual([asked(offline), offline.sent()], [["unsubscribe"], []]);
  // The browser was slower than the person.
  const slow = begin();
  slow.tell({ kind: "push", on: true });
  slow.tell({ kind: "push", on: false });
  slow.sent();
  asked(slow);
  slow.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  assert.deepEqual([asked(slow), slow.sent()], [["unsubscribe"], []]);
});

test("who logs out, leaves, or comes as somebody else is not told what the account is told", () => {
  const out = on();
  out.tell({ kind: "logout" });
  assert.deepEqual(out.sent(), [`WEBPUSH UNREGISTER ${ADDRESS}`]);
  assert.equal(out.state.preferences.push, "");
  const gone = on();
  gone.tell({ kind: "leave" });
  assert.deepEqual(gone.sent(), [`WEBPUSH UNREGISTER ${ADDRESS}`, "QUIT"]);
  assert.deepEqual(asked(gone), ["unsubscribe"]);
  const other = begin(CAPS, TOKENS, "bruno");
  assert.deepEqual([asked(other), other.state.preferences.push], [["unsubscribe"], ""]);
});

test("a no is said where the switch is, and once elsewhere", () => {
  const client = begin();
  client.tell({ kind: "push", on: true });
  client.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  const no = `:irc FAIL WEBPUSH TOO_MANY_SUBSCRIPTIONS REGISTER ${ADDRESS} :Only 10`;
  client.hears(no);
  const refusal = { code: "WEBPUSH.TOO_MANY_SUBSCRIPTIONS", text: "Only 10" };
  assert.deepEqual([client.state.webPush.step, client.state.webPush.refusal], ["failed", refusal]);
  assert.deepEqual(
    client.state.notices.map((notice) => notice.code),
    [refusal.code],
  );
  client.tell({ kind: "closed", reason: "" });
  client.enter("anna", CAPS, TOKENS);
  client.hears(LOGGED_IN);
  client.tell({ kind: "subscribed", endpoint: ADDRESS, keys: KEYS });
  client.hears(no);
  assert.equal(client.state.notices.length, 1);
  // What was asked by hand for another device is answered to the person, and says nothing of this one.
  const other = on();
  other.hears(":irc FAIL WEBPUSH TOO_MANY_SUBSCRIPTIONS REGISTER https://push.example/other :Only 10");
  assert.deepEqual([other.state.webPush.step, other.state.notices.at(-1)?.text], ["on", "Only 10"]);
  // What the browser says: forbidden is for good, a push service that is not there is not.
  const denied = begin();
  denied.tell({ kind: "push", on: true });
  denied.tell({ kind: "notSubscribed", code: "DENIED" });
  assert.deepEqual([denied.state.preferences.push, denied.state.webPush.step], ["", "failed"]);
  const without = begin();
  without.tell({ kind: "push", on: true });
  without.tell({ kind: "notSubscribed", code: "NO_SERVICE" });
  assert.deepEqual([without.state.preferences.push, without.state.webPush.step], ["anna", "failed"]);
});

test("why it cannot be had, and a sentence for each reason and refusal", () => {
  assert.equal(unavailable(new Client().state), "offline");
  assert.equal(unavailable(begin(ALL_CAPS).state), "server");
  assert.equal(unavailable(begin(CAPS, "CHANTYPES=#").state), "server");
  assert.equal(unavailable(begin().state), undefined);
  const guest = new Client({ nick: "anna", push: "anna" });
  guest.enter("anna", CAPS, TOKENS);
  assert.equal(unavailable(guest.state), "account");
  guest.sent();
  guest.tell({ kind: "push", on: true });
  assert.deepEqual([asked(guest), guest.sent()], [[], []]);
  for (const catalogue of Object.values(CATALOGUES)) {
    for (const why of ["insecure", "unknown", "offline", "server", "account"]) assert.ok(catalogue[`push.why.${why}`]);
    const codes = ["ACCOUNT_REQUIRED", "INVALID_PARAMS", "TOO_MANY_SUBSCRIPTIONS", "CANNOT_KEEP"];
    for (const code of [...codes, "DENIED", "NO_SERVICE", "NO_WORKER"])
      assert.ok(catalogue[`refusal.WEBPUSH.${code}`], code);
  }
});

test("staying is a switch of its own", () => {
  const client = begin();
  client.tell({ kind: "stay", stays: true });
  client.tell({ kind: "stay", stays: false });
  assert.deepEqual(client.sent(), ["PERSISTENCE SET ON", "PERSISTENCE SET OFF"]);
  client.hears(":irc PERSISTENCE STATUS DEFAULT OFF");
  assert.deepEqual(client.state.me.stays, { wish: false, effective: false });
});

const KNOWN: Told = {
  tokens: { CASEMAPPING: "ascii", CHANTYPES: "#", STATUSMSG: "@+" },
  ignored: ["eve"],
  muted: ["#noise"],
  invited: "{by} ti invita in {room}",
};
const AT = "2026-11-30T08:00:00.000Z";

/** Title, text and conversation of what is shown. */
function shows(line: string, known = KNOWN): string[] | undefined {
  const what = read(line, known, 5);
  return what?.kind === "show" ? [what.title, what.text, what.room, what.name] : undefined;
}

test("a notification of what a person has said opens their conversation, once", () => {
  const client = new Client({ nick: "anna", rooms: ["#tea"] });
  client.tell({ kind: "started", stream: "s", firstRoom: "#tea", firstPerson: "Bob", invitation: "" });
  client.enter("anna", CAPS, TOKENS);
  assert.equal(client.state.active, "bob");
  assert.deepEqual([client.room("bob").kind, client.room("bob").loading?.kind], ["person", "latest"]);
  assert.equal(client.room("bob").readUpTo, 0, "so that it is told to all devices that it is read");
  client.tell({ kind: "close", room: "bob" });
  client.tell({ kind: "closed", reason: "" });
  client.enter("anna", CAPS, TOKENS);
  assert.ok(!client.state.rooms.has("bob"));
});

test("a pushed line is who, where and what, without formatting", () => {
  assert.deepEqual(read(`@time=${AT};msgid=x :Bob!b@c PRIVMSG anna :perch\u00e9 \x02no\x02? \x0304,01☕`, KNOWN, 5), {
    kind: "show",
    room: "bob",
    name: "Bob",
    title: "Bob",
    text: "perché no? ☕",
    time: Date.parse(AT),
  });
  assert.deepEqual(shows(":bob!b@c PRIVMSG #Tea :anna: <b>tea</b>?\r\n"), [
    "bob · #Tea",
    "anna: <b>tea</b>?",
    "#tea",
    "#Tea",
  ]);
  assert.deepEqual(shows(":bob!b@c PRIVMSG @#tea :anna"), ["bob · #tea", "anna", "#tea", "#tea"]);
  assert.deepEqual(shows(":bob!b@c PRIVMSG anna :\x01ACTION waves\x01"), ["bob", "waves", "bob", "bob"]);
  assert.deepEqual(shows(":{room}!b@c INVITE anna #cake"), ["#cake", "{room} ti invita in #cake", "#cake", "#cake"]);
  assert.equal(shows(`:bob!b@c PRIVMSG anna :${"x".repeat(900)}`)?.[1]?.length, 200);
});

test("what shows nothing", () => {
  for (const line of [
    "",
    "not\0a line",
    ":eve!e@c PRIVMSG anna :ignored",
    ":EVE!e@c INVITE anna #cake",
    ":bob!b@c PRIVMSG #noise :anna",
    ":bob!b@c PRIVMSG anna :\x01VERSION\x01",
    ":bob!b@c NOTICE anna :a program",
    ":bob!b@c INVITE anna",
    "PRIVMSG anna :from nobody",
    ":irc MARKREAD bob *",
    ":irc MARKREAD",
  ])
    assert.equal(read(line, KNOWN, 5), undefined, line);
});

test("what was read elsewhere is known by its time", () => {
  const until = Date.parse(AT);
  assert.deepEqual(read(`:irc MARKREAD BOB timestamp=${AT}`, KNOWN, 5), { kind: "read", room: "bob", until });
});

test("the worker knows what the page has told, and reads with care what was kept", () => {
  const client = begin(CAPS, TOKENS, "anna");
  client.tell({ kind: "notify", room: "#noise", notify: "nothing" });
  client.tell({ kind: "notify", room: "#tea", notify: "all" });
  client.tell({ kind: "ignore", nick: "Eve", ignore: true });
  const known = told(client.state, KNOWN.invited);
  assert.deepEqual(known, KNOWN);
  assert.deepEqual(readTold(JSON.parse(JSON.stringify(known))), KNOWN);
  for (const kept of [undefined, null, 5, [], {}, { tokens: 5, ignored: [1], muted: "x", invited: {} }]) {
    assert.deepEqual(readTold(kept), { tokens: {}, ignored: [], muted: [], invited: "{by}: {room}" });
    assert.deepEqual(shows(":bob!b@c PRIVMSG #tea :hi", readTold(kept)), ["bob · #tea", "hi", "#tea", "#tea"]);
  }
});
