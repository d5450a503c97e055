/** Lines, names and texts as the crate `irc` reads and writes them; the examples are the same. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fold } from "../src/irc/casemap.ts";
import * as isupport from "../src/irc/isupport.ts";
import { escapeTag, format, nickOf, parse, unescapeTag, userHostOf } from "../src/irc/message.ts";
import { collect, pieces } from "../src/irc/sasl.ts";
import { byteLength, parseCtcp, split, stripFormatting } from "../src/irc/text.ts";

const params = (line: string): readonly string[] | undefined => parse(line)?.params;

test("all parts", () => {
  const message = parse("@id=1;+x=y :alice!a@host PRIVMSG #tea :hello there");
  assert.deepEqual(message && [...message.tags], [
    ["id", "1"],
    ["+x", "y"],
  ]);
  assert.equal(message?.source, "alice!a@host");
  assert.equal(message?.command, "PRIVMSG");
  assert.deepEqual(message?.params, ["#tea", "hello there"]);
});

test("spaces are tolerated", () => {
  const message = parse("   @a  :src   NICK    alice  ");
  assert.deepEqual(
    [[...(message?.tags.keys() ?? [])], message?.source, message?.command, message?.params],
    [["a"], "src", "NICK", ["alice"]],
  );
});

test("the last parameter", () => {
  assert.deepEqual(params("A b :"), ["b", ""]);
  assert.deepEqual(params("A :"), [""]);
  assert.deepEqual(params("A b : c  d "), ["b", " c  d "]);
  assert.deepEqual(params("A b::c :::d"), ["b::c", "::d"]);
  assert.deepEqual(params("A"), []);
  assert.deepEqual(params(`A ${"x ".repeat(14)}y z`)?.length, 15);
  assert.equal(params(`A ${"x ".repeat(14)}y z`)?.at(-1), "y z");
});

test("what is no message", () => {
  for (const line of ["", "   ", "@a", ":a", "@a :b", "PRIV-MSG", "A b\nB", "A\0"])
    assert.equal(parse(line), undefined, JSON.stringify(line));
});

test("of several tags of one key the last counts, and values are escaped", () => {
  assert.equal(parse("@a=1;a=2;;b= X")?.tags.get("a"), "2");
  assert.equal(unescapeTag("a\\:b\\s\\\\\\r\\n\\x\\"), "a;b \\\r\nx");
  assert.equal(escapeTag("a;b \\\r\n"), "a\\:b\\s\\\\\\r\\n");
});

test("any tag value survives", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (value) => unescapeTag(escapeTag(value)) === value.replace(/\0/g, "")),
  );
});

test("what is written is read again", () => {
  const word = fc.stringMatching(/^[^\s:@\0\r\n][^\s\0\r\n]*$/);
  fc.assert(
    fc.property(
      fc.array(word, { maxLength: 13 }),
      fc.string({ unit: "grapheme" }),
      fc.string(),
      (middle, last, tag) => {
        const line = format({ tags: { "+a": tag, gone: undefined }, command: "TEST", params: [...middle, last] });
        const message = parse(line);
        assert.ok(!/[\r\n\0]/.test(line));
        assert.deepEqual(message?.params, [...middle, last.replace(/[\0\r\n]/g, " ")]);
        assert.equal(message?.tags.get("+a") ?? "", tag.replace(/\0/g, ""));
      },
    ),
  );
});

test("nothing that comes makes the parser fail", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (line) => void parse(line)));
});

test("a middle parameter that would become two is a mistake of ours", () => {
  assert.throws(() => format({ command: "A", params: ["b c", "d"] }));
  assert.equal(format({ command: "A", params: ["b"], trailing: true }), "A :b");
});

test("sources", () => {
  assert.equal(nickOf("alice!~a@host"), "alice");
  assert.equal(nickOf("irc.example"), "irc.example");
  assert.deepEqual(userHostOf("alice!~a@h.example"), { user: "~a", host: "h.example" });
  assert.deepEqual(userHostOf("alice"), { user: "", host: "" });
});

test("case mappings", () => {
  assert.equal(fold("ascii", "AlIcE[]\\^É"), "alice[]\\^É");
  assert.equal(fold("rfc1459", "A[]\\~"), "a{}|^");
  assert.equal(fold("rfc1459-strict", "A[]\\~"), "a{}|~");
  assert.equal(fold("precis", "CAFFÈ"), "caffè");
});

test("005", () => {
  const tokens = isupport.merge(new Map([["OLD", "1"]]), [
    "me",
    "NETWORK=Casa\\x20mi\\xC3\\xA0",
    "PREFIX=(qaohv)~&@%+",
    "-OLD",
    "WHOX",
    "CHANTYPES=#",
    "STATUSMSG=~&@%+",
    "CHANMODES=beI,k,l,imnst",
    "are supported",
  ]);
  assert.equal(tokens.get("NETWORK"), "Casa mià");
  assert.deepEqual([tokens.has("OLD"), tokens.get("WHOX")], [false, ""]);
  assert.equal(
    isupport
      .ranks(tokens)
      .map((rank) => rank.sign + rank.mode)
      .join(" "),
    "~q &a @o %h +v",
  );
  assert.equal(isupport.withoutStatus(tokens, "@#tea"), "#tea");
  assert.equal(isupport.withoutStatus(tokens, "@"), "@");
  const takes = (mode: string, isSet: boolean): boolean => isupport.takesParam(tokens, mode, isSet);
  assert.deepEqual(
    [takes("b", true), takes("k", false), takes("l", true), takes("l", false), takes("i", true), takes("o", false)],
    [true, true, true, false, false, true],
  );
  assert.equal(isupport.number(new Map([["A", "-1"]]), "A", 5), 5);
});

test("texts are cut at characters, and nothing is lost", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 300 }), fc.integer({ min: 8, max: 60 }), (text, most) => {
      const parts = split(text, most);
      assert.equal(parts.join(""), text);
      for (const part of parts)
        assert.ok(byteLength(part) <= most && !/[\uD800-\uDBFF]$/.test(part), JSON.stringify(part));
    }),
  );
  assert.deepEqual(split("one two three", 9), ["one two ", "three"]);
});

test("formatting codes and CTCP", () => {
  assert.equal(stripFormatting("\x02a\x02 \x0304,12b\x03 \x04ff0000c\x0f 1"), "a b c 1");
  assert.deepEqual(parseCtcp("\x01ACTION waves at you\x01"), { command: "ACTION", text: "waves at you" });
  assert.deepEqual(parseCtcp("\x01version"), { command: "VERSION", text: "" });
  assert.equal(parseCtcp("x"), undefined);
});

test("SASL messages travel in pieces of 400 letters", () => {
  for (const length of [0, 1, 299, 300, 301, 600, 700]) {
    const message = "x".repeat(length);
    let rest = "";
    let whole: string | undefined;
    for (const piece of pieces(message)) {
      assert.ok(piece.length <= 400);
      const next = collect(rest, piece);
      rest = next.rest;
      whole = next.message;
    }
    assert.equal(whole, message, `${length}`);
  }
});
