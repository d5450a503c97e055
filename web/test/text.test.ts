/** What is shown of texts, what completes them, and the catalogues. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { complete } from "../src/text/completion.ts";
import { EMOJI, find } from "../src/text/emoji.ts";
import { blocks, plain, type Span, spans } from "../src/text/format.ts";
import { RowHeights } from "../src/text/row_heights.ts";
import en from "../src/texts/en.json";
import it from "../src/texts/it.json";
import { NAMES } from "../src/state/commands.ts";
import { linkTo, parseLink } from "../src/edge/link.ts";

/** Written shortly: styles in brackets. */
function short(all: readonly Span[]): string {
  return all
    .map((span) => {
      switch (span.kind) {
        case "text":
          return span.text;
        case "styled":
          return `[${Object.keys(span.style).join("+")} ${short(span.spans)}]`;
        default:
          return `[${span.kind} ${span.text}]`;
      }
    })
    .join("");
}

test("what people type is shown as they mean it", () => {
  const cases: [string, string][] = [
    ["a **b** c", "a [bold b] c"],
    ["*a* _b_ ~~c~~ `**d**`", "[italic a] [italic b] [strike c] [code **d**]"],
    ["2 * 3 * 4 and snake_case_name", "2 * 3 * 4 and snake_case_name"],
    ["** a ** and * b *", "** a ** and * b *"],
    ["see https://a.example/x_(y)_z, ok?", "see [link https://a.example/x_(y)_z], ok?"],
    ["(https://a.example/)", "([link https://a.example/])"],
    ["javascript:alert(1) http://", "javascript:alert(1) http://"],
    ["in #tea, not a#b or #1", "in [channel #tea], not a#b or #1"],
    ["Anna: hannah anna_ @anna!", "[mention Anna]: hannah anna_ [mention @anna]!"],
    ["\x02bold \x1dboth\x0f none \x0304,01red\x03.", "[bold bold ][bold+italic both] none [color+background red]."],
    ["\x11mono **x**\x11 y", "[code mono **x**] y"],
    ["**a *b* c**", "[bold a [italic b] c]"],
  ];
  for (const [text, shown] of cases) assert.equal(short(spans(text, "anna")), shown, text);
});

test("blocks", () => {
  const kinds = (text: string): string[] => blocks(text, "").map((block) => block.kind);
  assert.deepEqual(kinds("a\n```rust\nfn main() {}\n```\nb"), ["paragraph", "code", "paragraph"]);
  assert.deepEqual(kinds("> quoted\n>:-("), ["quote", "quote"]);
  assert.deepEqual(kinds("```never closed\nx"), ["paragraph"]);
  assert.deepEqual(blocks("a\n\n*b*", ""), [
    {
      kind: "paragraph",
      spans: [
        { kind: "text", text: "a" },
        { kind: "text", text: "\n" },
        { kind: "text", text: "\n" },
        { kind: "styled", style: { italic: true }, spans: [{ kind: "text", text: "b" }] },
      ],
    },
  ]);
  assert.deepEqual(blocks("```one line```", ""), [{ kind: "code", text: "one line" }]);
});

test("nothing is lost or invented, and links are links", () => {
  const words = (all: readonly Span[]): string =>
    all.map((span) => (span.kind === "styled" ? words(span.spans) : span.text)).join("");
  const links = (all: readonly Span[]): Span[] =>
    all.flatMap((span) => (span.kind === "styled" ? links(span.spans) : span.kind === "link" ? [span] : []));
  const piece = fc.oneof(
    fc.constantFrom(
      "**",
      "*",
      "_",
      "~~",
      "`",
      "http://a.b/",
      "https://",
      "javascript:",
      "#x",
      "anna",
      " ",
      "\x02",
      "\x0304",
      "\x0f",
    ),
    fc.string({ unit: "grapheme", maxLength: 5 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (parts) => {
      const text = parts.join("");
      const all = spans(text, "anna");
      let place = 0;
      for (const character of words(all)) {
        place = text.indexOf(character, place) + 1;
        assert.ok(place > 0, "shown characters stand in the text, in this order");
      }
      for (const link of links(all)) if (link.kind === "link") assert.match(link.href, /^https?:\/\//);
      assert.ok(!/[\x02\x0f]/.test(plain(text)));
    }),
    { numRuns: 500 },
  );
});

test("completion", () => {
  const known = { nicks: ["anna", "Anders", "bob"], channels: ["#tea", "#team"], commands: ["join", "me", "msg"] };
  const inserts = (before: string, asked = false): string[] | undefined =>
    complete(before, known, asked)?.candidates.map((candidate) => candidate.insert);
  assert.deepEqual(inserts("an", true), ["anna: ", "Anders: "]);
  assert.deepEqual(inserts("hello @AN"), ["anna ", "Anders "]);
  assert.equal(inserts("an"), undefined);
  assert.deepEqual(inserts("to #tea"), ["#tea ", "#team "]);
  assert.deepEqual(inserts("/m"), ["/me ", "/msg "]);
  assert.equal(inserts("x /m"), undefined);
  assert.deepEqual(inserts("ok :pizz"), ["🍕 "]);
  assert.equal(complete("hi @b", known, false)?.start, 3);
});

test("emoji can be found, and each is there once", () => {
  assert.equal(new Set(EMOJI.map((emoji) => emoji.sign)).size, EMOJI.length);
  for (const emoji of EMOJI)
    assert.ok(emoji.words !== "" && emoji.sign !== "" && !/\s/.test(emoji.sign), JSON.stringify(emoji));
  assert.deepEqual(
    find("caff", 3).map((emoji) => emoji.sign),
    ["☕"],
  );
});

test("heights of rows stay with their rows", () => {
  const heights = new RowHeights();
  const rows = (...keys: string[]): { key: string }[] => keys.map((key) => ({ key }));
  heights.update(rows("a", "b", "c"));
  assert.equal(heights.total, 120);
  assert.ok(heights.set(1, 100));
  assert.ok(!heights.set(1, 100));
  heights.update(rows("a", "b", "c", "d"));
  assert.deepEqual([heights.offsetOf(2), heights.total], [140, 220]);
  heights.update(rows("x", "y", "a", "b", "c", "d"));
  assert.deepEqual([heights.offsetOf(4), heights.total], [220, 300]);
  heights.update(rows("x", "a", "new", "b", "d"));
  assert.deepEqual([heights.offsetOf(3), heights.offsetOf(4)], [120, 220]);
  assert.deepEqual(
    [0, 39, 40, 119, 120, 219, 220, 9999].map((offset) => heights.indexAt(offset)),
    [0, 0, 1, 2, 3, 3, 4, 4],
  );
});

test("both catalogues have every text, with the same gaps", () => {
  assert.deepEqual(Object.keys(it), Object.keys(en));
  const gaps = (text: string): string[] => [...text.matchAll(/\{\w+\}/g)].map(String).sort();
  for (const [key, text] of Object.entries(en)) {
    const translated = it[key as keyof typeof it];
    assert.ok(text.trim() !== "" && translated.trim() !== "", key);
    assert.deepEqual(gaps(translated), gaps(text), key);
  }
  for (const name of NAMES) assert.ok(`help.${name}` in en, `/${name} is explained`);
});

test("links to join", () => {
  assert.deepEqual(parseLink("#join?room=%23tea&token=ab-cd&fp=sha256:00"), {
    room: "#tea",
    token: "ab-cd",
    person: "",
  });
  for (const name of ["#tea&cake?", "bob[]{}|", "però"]) {
    const { room, person } = parseLink(linkTo(name).slice(1));
    assert.equal(room + person, name);
    assert.equal(person !== "", !name.startsWith("#"));
  }
  for (const hash of [
    "#talk",
    "#talk?with=",
    "#talk?with=%23tea",
    "#talk?with=a%20b",
    "#talk?with=:x",
    "#talk?with=a!b@c",
    "#talk?with=a%0Ab",
    "#talk?room=%23tea",
  ]) {
    assert.deepEqual(parseLink(hash), { room: "", token: "", person: "" }, hash);
  }
  for (const hash of [
    "",
    "#join",
    "#join?room=tea",
    "#join?room=%23a%20b",
    "#join?room=%23a%2Cb",
    "#join?room=%23a%0Ab",
    "#other?room=%23a",
  ]) {
    assert.equal(parseLink(hash).room, "", hash);
  }
});
