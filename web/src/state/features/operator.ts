/**
 * What operators of the server ask and do: people, rooms, bans, invitations, files, the raid mode, the journal.
 *
 * Only commands that any IRC client can send (docs/moderation.md), each with a label, so that its answer is known among
 * everything else that comes. What was done is kept with what undoes it. Spec: IRCv3 labeled-response; docs/protocol/invite.md, filehost.md.
 */

import { format, type Line, type Message } from "../../irc/message.ts";
import type { Act, Answer, BatchItem, Deed, Question, Refusal, State } from "../state.ts";
import type { Turn } from "../turn.ts";

/** What was done before that is forgotten, one by one. */
const ACTS_MAX = 100;
/** Lines of one answer that are held. */
const LINES_MAX = 5_000;

/** What has become of a room everybody in it is told, and so is who asked for it. */
const FOR_EVERYBODY: readonly string[] = ["RENAME"];

const QUESTIONS: Readonly<Record<Question, Line>> = {
  people: { command: "WHO", params: ["*", "%tuhnfar,2"] },
  rooms: { command: "LIST" },
  bans: { command: "BAN", params: ["LIST"] },
  invitations: { command: "INVITATION", params: ["LIST"] },
  files: { command: "UPLOADS", params: ["LIST", "50"] },
  raid: { command: "RAID" },
  journal: { command: "AUDIT", params: ["50"] },
};

/** Whether the server's answers can be told apart, and this person is its operator. */
export function isOperator({ me, server }: Pick<State, "me" | "server">): boolean {
  return me.modes.includes("o") && server.enabled.has("labeled-response") && server.enabled.has("batch");
}

/** Asks one of the questions; `before` is where an earlier page ended: of the journal or of the files. */
export function ask(turn: Turn, question: Question, before = ""): void {
  const known = turn.state.operator.answers.get(question);
  const label = `q${turn.number()}-${question}`;
  // What is known stays on the screen until the answer is there.
  setAnswer(turn, question, {
    label,
    status: "asked",
    goesOn: before !== "",
    lines: known?.lines ?? [],
    refusal: undefined,
  });
  const line = QUESTIONS[question];
  turn.send({ ...line, params: [...(line.params ?? []), ...(before === "" ? [] : [before])], tags: { label } });
}

/** Does something; `undoes` is the number of what it takes back. */
export function act(turn: Turn, deed: Deed, undoes = 0): void {
  const number = turn.number();
  const label = `a${number}`;
  const lines = linesOf(deed);
  const acts = turn.state.operator.acts.map((other) => (other.number === undoes ? { ...other, undone: true } : other));
  const done: Act = {
    number,
    label,
    deed,
    status: "asked",
    refusal: undefined,
    told: "",
    undo: undefined,
    undone: false,
  };
  turn.state.operator = { ...turn.state.operator, acts: [...acts, done].slice(-ACTS_MAX) };
  for (const line of lines) turn.send({ ...line, tags: { label } });
}

/** Takes back what was done. */
export function undo(turn: Turn, number: number): void {
  const known = turn.state.operator.acts.find((other) => other.number === number);
  if (known?.undo && !known.undone) act(turn, known.undo, number);
}

/** An answer of several lines; returns what of it means something else too, and nothing where it was no answer to these questions. */
export function answeredInBatch(
  turn: Turn,
  label: string,
  items: readonly BatchItem[],
): readonly Message[] | undefined {
  const lines = items.filter((item): item is Message => "command" in item);
  if (label.startsWith("q")) return answer(turn, label, lines) ? [] : undefined;
  return finish(turn, label, lines) ? lines.filter((line) => FOR_EVERYBODY.includes(line.command)) : undefined;
}

/** An answer of one line; tells whether it was one, and means nothing else. */
export function answered(turn: Turn, line: Message): boolean {
  const label = line.tags.get("label") ?? "";
  // The label of several lines stands on what opens their batch.
  if (label === "" || line.command === "BATCH") return false;
  if (label.startsWith("q")) return answer(turn, label, [line]);
  return finish(turn, label, [line]) && !FOR_EVERYBODY.includes(line.command);
}

function answer(turn: Turn, label: string, lines: readonly Message[]): boolean {
  const entry = [...turn.state.operator.answers].find(([, known]) => known.label === label);
  if (!entry) return /^q\d+-/.test(label);
  const [question, known] = entry;
  const refusal = refusalIn(lines);
  const news = lines.filter((line) => line.command !== "ACK").slice(0, LINES_MAX);
  const all = known.goesOn ? joined(question, known.lines, news) : news;
  setAnswer(turn, question, { ...known, status: refusal ? "failed" : "done", lines: refusal ? [] : all, refusal });
  return true;
}

/** Puts an older page to what is known; the line that says whether there is more stays the last. */
function joined(question: Question, known: readonly Message[], news: readonly Message[]): readonly Message[] {
  const before = known.slice(0, -1);
  // The journal has its newest entry at the end; files have it at the beginning.
  return question === "journal" ? [...news.slice(0, -1), ...before, ...news.slice(-1)] : [...before, ...news];
}

function finish(turn: Turn, label: string, lines: readonly Message[]): boolean {
  const known = turn.state.operator.acts.find((other) => other.label === label);
  if (!known) return false;
  const refusal = refusalIn(lines);
  const told = lines
    .filter((line) => line.command === "NOTICE" || line.command === "INVITATION")
    .map((line) => (line.command === "NOTICE" ? (line.params.at(-1) ?? "") : line.params.join(" ")))
    .join("\n");
  const changed: Act = {
    ...known,
    status: refusal ? "failed" : "done",
    refusal,
    told,
    undo: refusal ? undefined : undoingOf(known.deed, told),
  };
  const acts = turn.state.operator.acts.map((other) => (other.label === label ? changed : other));
  turn.state.operator = { ...turn.state.operator, acts };
  if (!refusal) askAgain(turn, known.deed);
  return true;
}

/** What is looked at is as it is now. */
function askAgain(turn: Turn, deed: Deed): void {
  const about: Readonly<Record<Deed["kind"], readonly Question[]>> = {
    ban: ["bans", "people", "journal"],
    unban: ["bans", "journal"],
    disconnect: ["people", "journal"],
    raid: ["raid", "journal"],
    invite: ["invitations", "journal"],
    revoke: ["invitations", "journal"],
    rename: ["rooms", "journal"],
    removeFile: ["files", "journal"],
  };
  for (const question of about[deed.kind]) if (turn.state.operator.answers.has(question)) ask(turn, question);
}

/** The commands of a deed. */
export function linesOf(deed: Deed): Line[] {
  const because = (reason: string): string[] => (reason === "" ? [] : [reason]);
  switch (deed.kind) {
    case "ban": {
      const params = ["ADD", ...(deed.duration === "" ? [] : [deed.duration]), deed.what, ...because(deed.reason)];
      return [{ command: "BAN", params, trailing: deed.reason !== "" }];
    }
    case "unban":
      return [{ command: "BAN", params: ["DEL", deed.what] }];
    case "disconnect":
      return [{ command: "KILL", params: [deed.nick, deed.reason === "" ? deed.nick : deed.reason], trailing: true }];
    case "raid":
      return [
        {
          command: "RAID",
          params: deed.on ? ["ON", ...because(deed.reason)] : ["OFF"],
          trailing: deed.on && deed.reason !== "",
        },
      ];
    case "invite":
      return [
        { command: "INVITATION", params: ["CREATE", `${deed.uses}`, ...(deed.days === 0 ? [] : [`${deed.days}`])] },
      ];
    case "revoke":
      return [{ command: "INVITATION", params: ["REVOKE", deed.id] }];
    case "rename":
      return [{ command: "RENAME", params: [deed.room, deed.name] }];
    case "removeFile":
      return [{ command: "UPLOADS", params: ["REMOVE", deed.name] }];
  }
}

/**
 * What takes a deed back; `told` is what the server said to it. None for what takes itself back, as who was disconnected may
 * return, and for what nothing takes back: a file is gone.
 */
function undoingOf(deed: Deed, told: string): Deed | undefined {
  switch (deed.kind) {
    case "ban":
      // A nick is an address by then; the answer names it, whatever its language.
      return {
        kind: "unban",
        what: /BAN DEL (\S+)/.exec(told)?.[1] ?? deed.what,
        duration: deed.duration,
        reason: deed.reason,
      };
    case "unban":
      return { kind: "ban", what: deed.what, duration: deed.duration, reason: deed.reason };
    case "disconnect":
    case "removeFile":
      return undefined;
    case "raid":
      return { kind: "raid", on: !deed.on, reason: "" };
    case "invite": {
      const id = /^CREATED (\S+) /m.exec(told)?.[1];
      return id === undefined ? undefined : { kind: "revoke", id, uses: deed.uses };
    }
    case "revoke":
      return { kind: "invite", uses: deed.uses, days: 0 };
    case "rename":
      return { kind: "rename", room: deed.name, name: deed.room };
  }
}

/** The word of an invitation that was made, if that is what was done. */
export function wordOf(act: Act | undefined): string {
  return act?.deed.kind === "invite" ? (/^CREATED \S+ (\S+)/m.exec(act.told)?.[1] ?? "") : "";
}

/** A ban as the list has it: what is banned, until when, why. The last line of the list is none. */
export function bansIn(
  answer: Answer | undefined,
  now: number,
): readonly (Extract<Deed, { kind: "unban" }> & { text: string })[] {
  const texts = (answer?.lines ?? []).map((line) => line.params.at(-1) ?? "").slice(0, -1);
  return texts.map((text) => {
    const [what = ""] = text.split(" ");
    const until = /(\d{4}-\d\d-\d\d) (\d\d:\d\d(?::\d\d)?) UTC/.exec(text);
    const left = until ? Math.max(1, Math.round((Date.parse(`${until[1]}T${until[2]}Z`) - now) / 1_000)) : 0;
    const reason = text.includes(": ") ? text.slice(text.indexOf(": ") + 2) : "";
    return { kind: "unban", what, duration: left === 0 ? "" : `${left}s`, reason, text };
  });
}

/** Whether the raid mode is on: only then the server names the command that ends it. */
export function isRaid(answer: Answer | undefined): boolean {
  return (answer?.lines ?? []).some((line) => /RAID OFF/.test(line.params.at(-1) ?? ""));
}

/** The number of the journal's entry before which there is more; empty where there is none. */
export function earlier(answer: Answer | undefined): string {
  return /AUDIT \d+ (\d+)/.exec(answer?.lines.at(-1)?.params.at(-1) ?? "")?.[1] ?? "";
}

/** A file that somebody shares. */
export interface SharedFile {
  readonly name: string;
  readonly bytes: number;
  /** When it came, in milliseconds since 1970. */
  readonly at: number;
  readonly by: string;
  /** "" for who has none. */
  readonly account: string;
  /** What its sender called it; "" for nothing. */
  readonly shown: string;
}

/** The files of an answer, the newest first. */
export function filesIn(answer: Answer | undefined): readonly SharedFile[] {
  return (answer?.lines ?? [])
    .filter((line) => line.command === "UPLOADS" && line.params[0] === "ENTRY")
    .map(({ params: [, name = "", bytes, at, by = "", account = "*", shown = ""] }) => ({
      name,
      bytes: Number(bytes) || 0,
      at: Date.parse(at ?? "") || 0,
      by,
      account: account === "*" ? "" : account,
      shown,
    }));
}

/** Where the list of files goes on; empty where it ends. */
export function moreFiles(answer: Answer | undefined): string {
  const last = answer?.lines.at(-1);
  const place = last?.command === "UPLOADS" && last.params[0] === "END" ? (last.params[1] ?? "*") : "*";
  return place === "*" ? "" : place;
}

/** The connection is gone, and with it the answers that were still to come. */
export function disconnected(turn: Turn): void {
  const acts = turn.state.operator.acts.map((act) =>
    act.status === "asked" ? { ...act, status: "failed" as const, refusal: { code: "UNSURE", text: "" } } : act,
  );
  turn.state.operator = { answers: new Map(), acts };
}

function refusalIn(lines: readonly Message[]): Refusal | undefined {
  const no = lines.find((line) => line.command === "FAIL" || /^[45]\d\d$|^[79]\d\d$/.test(line.command));
  if (!no) return undefined;
  const code = no.command === "FAIL" ? (no.params[1] ?? "") : no.command;
  return { code, text: no.params.at(-1) ?? "" };
}

function setAnswer(turn: Turn, question: Question, answer: Answer): void {
  const answers = new Map(turn.state.operator.answers);
  answers.set(question, answer);
  turn.state.operator = { ...turn.state.operator, answers };
}

/** A line as it is sent, for people to see what a button does. */
export function written(deed: Deed): string {
  return linesOf(deed).map(format).join("\n");
}
