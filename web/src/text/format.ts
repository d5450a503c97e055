/**
 * How a message's text is shown: IRC's formatting codes, the Markdown that people type, links, channels and names in it.
 *
 * The result is data; whoever shows it makes elements, never HTML. Spec of the codes: modern.ircdocs.horse/formatting.
 */

export type Span =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "link"; readonly text: string; readonly href: string }
  | { readonly kind: "channel"; readonly text: string }
  | { readonly kind: "mention"; readonly text: string }
  | { readonly kind: "styled"; readonly style: Style; readonly spans: readonly Span[] };

export interface Style {
  readonly bold?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly strike?: boolean;
  readonly mono?: boolean;
  /** One of IRC's sixteen colours. */
  readonly color?: number;
  readonly background?: number;
}

export type Block =
  | { readonly kind: "paragraph"; readonly spans: readonly Span[] }
  | { readonly kind: "quote"; readonly spans: readonly Span[] }
  | { readonly kind: "code"; readonly text: string };

/** Emphasis within emphasis is read this deep. */
const DEPTH_MAX = 4;
/** More runs of codes in one message than this are shown without style. */
const RUNS_MAX = 400;

/** Reads a whole message. `nick` is who reads it. */
export function blocks(text: string, nick: string): Block[] {
  const all: Block[] = [];
  const lines = text.split("\n");
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as string;
    const end = line.startsWith("```")
      ? lines.findIndex((other, place) => place > index && other.trimEnd() === "```")
      : -1;
    if (end > index) {
      all.push({ kind: "code", text: lines.slice(index + 1, end).join("\n") });
      index = end;
      continue;
    }
    const single = /^```(.+)```$/.exec(line);
    if (single) all.push({ kind: "code", text: (single[1] ?? "").trim() });
    else if (/^> ?\S/.test(line)) all.push({ kind: "quote", spans: spans(line.replace(/^> ?/, ""), nick) });
    else {
      // Lines of text are one paragraph: copied, they are what was written.
      const last = all.at(-1);
      const more = spans(line, nick);
      if (last?.kind !== "paragraph") all.push({ kind: "paragraph", spans: more });
      else all[all.length - 1] = { kind: "paragraph", spans: [...last.spans, { kind: "text", text: "\n" }, ...more] };
    }
  }
  return all;
}

/** Reads one line. */
export function spans(line: string, nick: string): Span[] {
  const runs = ircRuns(line);
  return runs.flatMap(({ style, text }): Span[] => {
    if (style.mono) return [{ kind: "code", text }];
    const inner = markdown(text, nick, 0);
    return Object.keys(style).length === 0 ? inner : [{ kind: "styled", style, spans: inner }];
  });
}

interface Run {
  readonly style: Style;
  readonly text: string;
}

const CODE =
  /\x03(?:(\d{1,2})(?:,(\d{1,2}))?)?|\x04(?:[0-9A-Fa-f]{6}(?:,[0-9A-Fa-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/g;
const TOGGLES: Readonly<Record<string, "bold" | "italic" | "underline" | "strike" | "mono">> = {
  "\x02": "bold",
  "\x1d": "italic",
  "\x1f": "underline",
  "\x1e": "strike",
  "\x11": "mono",
};

function ircRuns(line: string): Run[] {
  const runs: Run[] = [];
  let style: Record<string, boolean | number> = {};
  let start = 0;
  for (const match of line.matchAll(CODE)) {
    if (match.index > start) runs.push({ style: { ...style }, text: line.slice(start, match.index) });
    start = match.index + match[0].length;
    style = runs.length >= RUNS_MAX ? {} : changed(style, match);
  }
  if (start < line.length || runs.length === 0) runs.push({ style, text: line.slice(start) });
  return runs;
}

function changed(before: Record<string, boolean | number>, match: RegExpExecArray): Record<string, boolean | number> {
  const [code, color, background] = match;
  const toggle = TOGGLES[code];
  const { ...style } = before;
  if (code === "\x0f") return {};
  if (toggle) {
    if (style[toggle]) delete style[toggle];
    else style[toggle] = true;
  } else if (code.startsWith("\x03")) {
    delete style.color;
    if (color === undefined || background !== undefined) delete style.background;
    if (color !== undefined && Number(color) < 16) style.color = Number(color);
    if (background !== undefined && Number(background) < 16) style.background = Number(background);
  }
  return style;
}

const INLINE =
  /`([^`]+)`|(https?:\/\/[^\s<>"\x00-\x1f]+)|(?<![\p{L}\p{N}*])\*\*(?!\s)(.+?)(?<!\s)\*\*(?![*])|~~(?!\s)(.+?)(?<!\s)~~|(?<![\p{L}\p{N}*\\])\*(?![\s*])([^*]+?)(?<!\s)\*(?![\p{L}\p{N}*])|(?<![\p{L}\p{N}_])_(?![\s_])([^_]+?)(?<!\s)_(?![\p{L}\p{N}_])|(?<![\p{L}\p{N}&/#])(#[^\s,:#!?.;()'"]+(?:\.[^\s,:#!?.;()'"]+)*)/gu;

function markdown(text: string, nick: string, depth: number): Span[] {
  if (depth >= DEPTH_MAX) return [{ kind: "text", text }];
  const all: Span[] = [];
  let start = 0;
  for (const match of text.matchAll(INLINE)) {
    if (match.index < start) continue;
    const [whole, code, url, bold, strike, star, line, channel] = match;
    let length = whole.length;
    let span: Span | undefined;
    if (code !== undefined) span = { kind: "code", text: code };
    else if (url !== undefined) {
      const address = trimmed(url);
      length = address.length;
      span = isLink(address) ? { kind: "link", text: address, href: address } : undefined;
    } else if (bold !== undefined)
      span = { kind: "styled", style: { bold: true }, spans: markdown(bold, nick, depth + 1) };
    else if (strike !== undefined)
      span = { kind: "styled", style: { strike: true }, spans: markdown(strike, nick, depth + 1) };
    else if (star !== undefined)
      span = { kind: "styled", style: { italic: true }, spans: markdown(star, nick, depth + 1) };
    else if (line !== undefined)
      span = { kind: "styled", style: { italic: true }, spans: markdown(line, nick, depth + 1) };
    else if (channel !== undefined && !/^#\d*$/.test(channel)) span = { kind: "channel", text: channel };
    if (!span) continue;
    if (match.index > start) all.push(...names(text.slice(start, match.index), nick));
    all.push(span);
    start = match.index + length;
  }
  if (start < text.length) all.push(...names(text.slice(start), nick));
  return all;
}

/** Marks the reader's own name. */
function names(text: string, nick: string): Span[] {
  if (nick === "") return [{ kind: "text", text }];
  const escaped = nick.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  const parts = text.split(new RegExp(`((?<![\\p{L}\\p{N}_-])@?${escaped}(?![\\p{L}\\p{N}_-]))`, "iu"));
  return parts.flatMap((part, index): Span[] =>
    part === "" ? [] : [{ kind: index % 2 === 1 ? "mention" : "text", text: part }],
  );
}

/** A link without the punctuation of the sentence that it stands in. */
function trimmed(url: string): string {
  let address = url;
  for (;;) {
    const last = address.at(-1) ?? "";
    const opening = last === ")" ? "(" : last === "]" ? "[" : "";
    const isLoose = opening !== "" && !address.includes(opening);
    if (!isLoose && !".,;:!?'\"*_~".includes(last)) return address;
    address = address.slice(0, -1);
  }
}

function isLink(address: string): boolean {
  try {
    const { protocol, hostname } = new URL(address);
    return (protocol === "http:" || protocol === "https:") && hostname !== "";
  } catch {
    return false;
  }
}

/** The words of a text without marks, for a line of preview. */
export function plain(text: string): string {
  const words = (all: readonly Span[]): string =>
    all.map((span) => (span.kind === "styled" ? words(span.spans) : span.text)).join("");
  return words(spans(text.replace(/\s+/g, " "), "")).trim();
}
