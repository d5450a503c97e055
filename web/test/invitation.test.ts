/** Coming in by an invitation: as a guest, or with an account that it makes. docs/protocol/invite.md. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseLink } from "../src/edge/link.ts";
import { Client } from "./server.ts";

const CAPS = "batch sasl=PLAIN,SCRAM-SHA-256 draft/account-registration=before-connect loggia.chat/invite=required";

function invited(signUp: string, caps = CAPS): Client {
  const client = new Client();
  client.tell({ kind: "invited", word: "abcd-efgh" });
  client.tell({ kind: "name", nick: "dora", signUp });
  client.tell({ kind: "opened", random: "nonce" });
  client.hears(`:irc CAP * LS :${caps}`);
  client.hears(
    ...client
      .sent()
      .filter((line) => line.startsWith("CAP REQ"))
      .map((line) => `:irc CAP * ACK ${line.slice(8)}`),
  );
  return client;
}

test("a link carries a room and a word", () => {
  const link = parseLink("#join?room=%23kitchen&token=abcd-efgh&fp=sha256:00");
  assert.deepEqual(link, { room: "#kitchen", token: "abcd-efgh", person: "" });
});

test("a guest needs no word", () => {
  const client = invited("");
  assert.deepEqual(client.sent(), ["CAP END"]);
  client.hears(":irc 001 dora :Welcome", ":irc 422 dora :no motd");
  assert.ok(!client.sent().some((line) => /INVITATION|REGISTER/.test(line)));
});

test("with a password the account is made on the way in, and the next connection begins logged in", () => {
  const client = invited("correct horse");
  assert.deepEqual(client.sent(), ["INVITATION USE abcd-efgh", "REGISTER * * :correct horse"]);
  client.hears(":irc INVITATION NOTED", ":irc REGISTER SUCCESS dora :Account created");
  client.hears(":irc 900 dora dora!*@host dora :You are now logged in as dora");
  assert.deepEqual(client.sent(), ["CAP END"]);
  client.hears(":irc 001 dora :Welcome", ":irc 422 dora :no motd");
  assert.ok(client.sent().includes("AUTHENTICATE SCRAM-SHA-256"), "the keys for the next time");
  assert.deepEqual([client.state.signUp, client.state.invitation], ["", ""], "nothing is kept of the password");
});

test("a word that does not hold is told at the door, and one may come in as a guest", () => {
  const client = invited("correct horse");
  client.hears(
    ":irc INVITATION NOTED",
    ":irc FAIL REGISTER INVALID_INVITATION dora :That invitation does not hold, or is used up",
  );
  assert.deepEqual(client.state.stage.kind, "unnamed");
  assert.equal(client.state.stage.kind === "unnamed" ? client.state.stage.refusal?.code : "", "INVALID_INVITATION");
  assert.deepEqual(client.outputs.at(-1), { kind: "disconnect" });
  client.sent();
  client.tell({ kind: "name", nick: "dora", signUp: "" });
  client.tell({ kind: "opened", random: "nonce" });
  client.hears(":irc CAP * LS :batch");
  assert.ok(!client.sent().some((line) => line.startsWith("REGISTER")));
});

test("where no account can be made at the door, it is made inside", () => {
  const client = invited("correct horse", "batch sasl draft/account-registration");
  assert.deepEqual(client.sent(), ["CAP END"]);
  client.hears(":irc 001 dora :Welcome", ":irc 422 dora :no motd");
  const sent = client.sent();
  assert.ok(sent.includes("INVITATION USE abcd-efgh") && sent.includes("REGISTER * * :correct horse"), sent.join("\n"));
});
