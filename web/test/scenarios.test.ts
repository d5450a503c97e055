/**
 * The transcripts of `scenarios/`, read as their clients hear them: whatever the server says, the client takes it, changes
 * nothing in place, and shows what was said.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { nickOf, parse } from "../src/irc/message.ts";
import { parseCtcp } from "../src/irc/text.ts";
import { Client } from "./server.ts";

const FOLDER = join(import.meta.dirname, "../../scenarios");

interface Heard {
  readonly nick: string;
  readonly caps: string;
  readonly lines: string[];
  /** A line was looked at only in part, so not everything is known. */
  isVague: boolean;
}

/** What each IRC client of a transcript hears, with values for its captures. */
function transcripts(text: string): Heard[] {
  const all: Heard[] = [];
  let clients = new Map<string, Heard>();
  const captured = new Map<string, string>();
  const flush = (): void => {
    all.push(...clients.values());
    clients = new Map();
    captured.clear();
  };
  for (const line of text.split("\n")) {
    if (line.startsWith("==")) {
      flush();
      continue;
    }
    const connects = /^([a-z, ]+?) connects?(?: with (.*))?$/.exec(line);
    if (connects && !/plain|raw/.test(line)) {
      for (const nick of (connects[1] ?? "").split(/, */))
        clients.set(nick, { nick, caps: connects[2] ?? "", lines: [], isVague: false });
      continue;
    }
    const joins = /^([a-z, ]+?) joins? (#\S+)$/.exec(line);
    if (joins) {
      for (const nick of (joins[1] ?? "").split(/, */))
        clients.get(nick)?.lines.push(`:${nick}!~${nick}@localhost JOIN ${joins[2]}`);
      continue;
    }
    const hears = /^([a-z, ]+?) ← (.+)$/.exec(line);
    if (!hears) continue;
    for (const nick of (hears[1] ?? "").split(/, */)) {
      const client = clients.get(nick);
      if (!client) continue;
      client.isVague ||= (hears[2] ?? "").includes("…");
      client.lines.push(concrete(hears[2] ?? "", captured));
    }
  }
  flush();
  return all.filter((heard) => heard.lines.length > 0);
}

function concrete(line: string, captured: Map<string, string>): string {
  const filled = line
    .replace(/"(.)" \* (\d+)/g, (_, what: string, count: string) => what.repeat(Number(count)))
    .replace(/(?<!\\)<([a-z][a-z0-9-]*)>/g, (_, name: string) => {
      const isTime = /^t\d*$|time/.test(name);
      if (!captured.has(name))
        captured.set(
          name,
          isTime ? new Date(1_800_000_000_000 + captured.size * 1000).toISOString() : `id-${captured.size}`,
        );
      return captured.get(name) ?? "";
    })
    .replace(/\\x([0-9a-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\\\/g, "\\")
    .replace(/;?…;?/g, "");
  return /^[@:]/.test(filled) && parse(filled)?.source !== "" ? filled : filled.replace(/^(@\S+ )?/, "$1:loggia.test ");
}

const files = readdirSync(FOLDER).filter((name) => name.endsWith(".txt") && !name.startsWith("plain"));

test("there are scenarios to read", () => assert.ok(files.length > 80, `${files.length}`));

for (const name of files) {
  test(`scenarios/${name}`, () => {
    for (const heard of transcripts(readFileSync(join(FOLDER, name), "utf8"))) {
      const client = new Client({ nick: heard.nick });
      client.enter(heard.nick, heard.caps.replace(/^(?:with )?/, ""));
      for (const line of heard.lines) client.hears(line);
      check(client, heard);
    }
  });
}

/** Said is shown: every message to a channel that the client is in, but for those that were changed or taken back later. */
function check(client: Client, heard: Heard): void {
  const changes = heard.lines.some((line) => /(REDACT|EDIT|RENAME|KICK|PART|NICK) /.test(line));
  if (changes) return;
  for (const line of heard.lines) {
    const message = parse(line);
    if (message?.command !== "PRIVMSG" || message.tags.has("batch") || !message.source.includes("!")) continue;
    const room = client.state.rooms.get((message.params[0] ?? "").replace(/^[@+%&~]+(?=#)/, "").toLowerCase());
    const text = message.params[1] ?? "";
    if (room?.kind !== "channel" || parseCtcp(text)) continue;
    const shown = room.messages.some((other) => other.text === text && other.nick === nickOf(message.source));
    assert.ok(shown, `${heard.nick} is shown ${line}`);
  }
}
