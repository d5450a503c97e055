/** SCRAM-SHA-256 with the example of RFC 7677, section 3. */

import assert from "node:assert/strict";
import { test } from "node:test";
import * as scram from "../src/irc/scram.ts";

const SERVER_FIRST = "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096";

test("the example of the standard", async () => {
  assert.equal(scram.first("user", "rOprNGfwEbeRWgbNEkqO"), "n,,n=user,r=rOprNGfwEbeRWgbNEkqO");
  const question = scram.challenge("user", "rOprNGfwEbeRWgbNEkqO", SERVER_FIRST);
  assert.ok(question);
  const keys = await scram.derive("pencil", question.salt, question.iterations);
  assert.equal(
    scram.proof(keys, question),
    "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
  );
  assert.ok(scram.believes(keys, question, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="));
  assert.ok(!scram.believes(keys, question, "v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G5="));
});

test("a challenge that is none, or asks for too much", () => {
  const bad = [
    "",
    "r=other,s=W22Z,i=4096",
    "r=abc,s=W22Z,i=4096",
    "r=abcd,s=W22Z,i=0",
    "r=abcd,s=W22Z,i=99999999",
    "r=abcd,i=4096",
    "e=other-error",
  ];
  for (const message of bad) assert.equal(scram.challenge("user", "abc", message), undefined, message);
});

test("names with marks of SCRAM in them are escaped", () => {
  assert.equal(scram.first("a,b=c", "x"), "n,,n=a=2Cb=3Dc,r=x");
});
