/** A line to its parts and back: tags, source, command, parameters. Spec: Modern IRC, "Message format"; IRCv3 message-tags. */

export interface Message {
  /** Unescaped values; the last of several with one key counts. */
  readonly tags: ReadonlyMap<string, string>;
  /** Who sent it, without the `:`; empty when it is the server at the other end. */
  readonly source: string;
  /** In upper case. */
  readonly command: string;
  readonly params: readonly string[];
}

/** A line to be written. */
export interface Line {
  readonly tags?: Readonly<Record<string, string | undefined>> | undefined;
  readonly command: string;
  readonly params?: readonly string[];
  /** Marks the last parameter with `:` also where it does not need it. */
  readonly trailing?: boolean;
}

/** Most parameters of a message; the last takes the rest of the line (RFC 1459, section 2.3.1). */
export const PARAMS_MAX = 15;

/** Reads a line without its end; `undefined` for what is no message. Spaces more than needed are tolerated. */
export function parse(line: string): Message | undefined {
  if (/[\0\r\n]/.test(line)) return undefined;
  let rest = line.replace(/^ +/, "");
  const take = (): string => {
    const end = rest.indexOf(" ");
    const word = end < 0 ? rest : rest.slice(0, end);
    rest = rest.slice(word.length).replace(/^ +/, "");
    return word;
  };
  const tags = rest.startsWith("@") ? parseTags(take().slice(1)) : new Map<string, string>();
  const source = rest.startsWith(":") ? take().slice(1) : "";
  const command = take();
  if (!/^[A-Za-z0-9]+$/.test(command)) return undefined;
  const params: string[] = [];
  while (rest !== "") {
    if (rest.startsWith(":")) {
      params.push(rest.slice(1));
      break;
    }
    if (params.length === PARAMS_MAX - 1) {
      params.push(rest);
      break;
    }
    params.push(take());
  }
  return { tags, source, command: command.toUpperCase(), params };
}

/** Writes a line without its end. What cannot stand in a line (CR, LF, NUL) becomes a space: nothing is smuggled. */
export function format(line: Line): string {
  const tags = Object.entries(line.tags ?? {}).filter((tag): tag is [string, string] => tag[1] !== undefined);
  let text = tags.length === 0 ? "" : `@${tags.map(([key, value]) => formatTag(key, value)).join(";")} `;
  text += line.command;
  const params = (line.params ?? []).map((param) => param.replace(/[\0\r\n]/g, " "));
  params.forEach((param, index) => {
    const isLast = index === params.length - 1;
    const needsMark = param === "" || param.startsWith(":") || param.includes(" ");
    if (needsMark && !isLast) throw new Error(`only the last parameter may be ${JSON.stringify(param)}`);
    text += isLast && (needsMark || line.trailing) ? ` :${param}` : ` ${param}`;
  });
  return text;
}

/** The nick of a source; the whole of it where it is a server. */
export function nickOf(source: string): string {
  const end = source.search(/[!@]/);
  return end < 0 ? source : source.slice(0, end);
}

/** `user` and `host` of a source `nick!user@host`, as far as they stand there. */
export function userHostOf(source: string): { user: string; host: string } {
  const bang = source.indexOf("!");
  const at = source.lastIndexOf("@");
  return {
    user: bang < 0 ? "" : source.slice(bang + 1, at < bang ? undefined : at),
    host: at < 0 ? "" : source.slice(at + 1),
  };
}

function parseTags(section: string): Map<string, string> {
  const tags = new Map<string, string>();
  for (const part of section.split(";")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    if (equals < 0) tags.set(part, "");
    else tags.set(part.slice(0, equals), unescapeTag(part.slice(equals + 1)));
  }
  return tags;
}

function formatTag(key: string, value: string): string {
  return value === "" ? key : `${key}=${escapeTag(value)}`;
}

const ESCAPED: Readonly<Record<string, string>> = { ";": "\\:", " ": "\\s", "\\": "\\\\", "\r": "\\r", "\n": "\\n" };
const MEANT: Readonly<Record<string, string>> = { ":": ";", s: " ", r: "\r", n: "\n" };

/** Makes a value safe for the wire. NUL cannot be escaped and is left out. */
export function escapeTag(value: string): string {
  return value.replace(/\0/g, "").replace(/[; \\\r\n]/g, (character) => ESCAPED[character] ?? "");
}

/** Turns an escaped value into what it means; a backslash before anything unknown, or at the end, is dropped. */
export function unescapeTag(value: string): string {
  return value.replace(/\\([\s\S]?)/gu, (_, character: string) => MEANT[character] ?? character);
}
