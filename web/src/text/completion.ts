/** What can complete the word before the cursor: nicks, channels, emoji, commands. Pure. */

import { find } from "./emoji.ts";

export interface Candidate {
  /** What is put in place of the word. */
  readonly insert: string;
  readonly label: string;
  readonly kind: "nick" | "channel" | "emoji" | "command";
}

export interface Known {
  readonly nicks: readonly string[];
  readonly channels: readonly string[];
  readonly commands: readonly string[];
}

export interface Completion {
  /** Where the word begins that is completed. */
  readonly start: number;
  readonly candidates: readonly Candidate[];
}

const CANDIDATES_MAX = 8;

/** Looks at the text before the cursor. Without `asked` (Tab), only what begins with a mark is completed. */
export function complete(before: string, known: Known, asked: boolean): Completion | undefined {
  const start = Math.max(before.lastIndexOf(" "), before.lastIndexOf("\n")) + 1;
  const word = before.slice(start);
  const offer = (candidates: Candidate[]): Completion | undefined =>
    candidates.length > 0 ? { start, candidates: candidates.slice(0, CANDIDATES_MAX) } : undefined;
  if (start === 0 && /^\/[a-z]*$/i.test(word)) {
    return offer(
      matching(known.commands, word.slice(1)).map((name) => ({
        insert: `/${name} `,
        label: `/${name}`,
        kind: "command",
      })),
    );
  }
  if (word.startsWith("#")) {
    return offer(matching(known.channels, word).map((name) => ({ insert: `${name} `, label: name, kind: "channel" })));
  }
  if (/^:[\p{L}+-]{2,}$/u.test(word)) {
    return offer(
      find(word.slice(1), CANDIDATES_MAX).map((emoji) => ({
        insert: `${emoji.sign} `,
        label: `${emoji.sign} ${emoji.words}`,
        kind: "emoji",
      })),
    );
  }
  const isMarked = word.startsWith("@");
  const beginning = isMarked ? word.slice(1) : word;
  if (!isMarked && (!asked || beginning === "")) return undefined;
  const ending = start === 0 ? ": " : " ";
  return offer(matching(known.nicks, beginning).map((nick) => ({ insert: nick + ending, label: nick, kind: "nick" })));
}

function matching(names: readonly string[], beginning: string): string[] {
  const wanted = beginning.toLowerCase();
  return names.filter((name) => name.toLowerCase().startsWith(wanted));
}
