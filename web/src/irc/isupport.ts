/** What a server says about itself in 005. Spec: Modern IRC, "RPL_ISUPPORT". */

/** Tokens by name; the value is empty where there is none. */
export type Isupport = ReadonlyMap<string, string>;

/** Takes the tokens of one 005 line (between the nick and the last parameter, which is text for people). */
export function merge(before: Isupport, params: readonly string[]): Isupport {
  const tokens = new Map(before);
  for (const token of params.slice(1, -1)) {
    const equals = token.indexOf("=");
    const name = equals < 0 ? token : token.slice(0, equals);
    if (name.startsWith("-")) tokens.delete(name.slice(1));
    else tokens.set(name, equals < 0 ? "" : unescapeValue(token.slice(equals + 1)));
  }
  return tokens;
}

/** A number of the server's, or what to take where it says none. */
export function number(tokens: Isupport, name: string, otherwise: number): number {
  const value = tokens.get(name);
  return value !== undefined && /^\d{1,9}$/.test(value) ? Number(value) : otherwise;
}

/** Ranks from the highest: the mode letter and the sign that stands before a nick. */
export function ranks(tokens: Isupport): readonly { readonly mode: string; readonly sign: string }[] {
  const parts = /^\(([A-Za-z]*)\)(.*)$/.exec(tokens.get("PREFIX") ?? "(ov)@+");
  if (!parts) return [];
  const [, modes = "", signs = ""] = parts;
  return [...modes].map((mode, index) => ({ mode, sign: [...signs][index] ?? "" })).filter((rank) => rank.sign !== "");
}

/** Whether a mode letter of a channel takes a parameter. */
export function takesParam(tokens: Isupport, mode: string, isSet: boolean): boolean {
  if (ranks(tokens).some((rank) => rank.mode === mode)) return true;
  const [lists = "", always = "", whenSet = ""] = (tokens.get("CHANMODES") ?? "beI,k,l,imnpst").split(",");
  return lists.includes(mode) || always.includes(mode) || (isSet && whenSet.includes(mode));
}

/** Whether a name is a channel's. */
export function isChannel(tokens: Isupport, name: string): boolean {
  return name !== "" && (tokens.get("CHANTYPES") ?? "#&").includes(name.charAt(0));
}

/** A target without the rank signs of STATUSMSG before a channel's name. */
export function withoutStatus(tokens: Isupport, target: string): string {
  const signs = tokens.get("STATUSMSG") ?? "";
  let start = 0;
  while (start < target.length - 1 && signs.includes(target.charAt(start))) start += 1;
  const rest = target.slice(start);
  return isChannel(tokens, rest) ? rest : target;
}

function unescapeValue(value: string): string {
  if (!value.includes("\\x")) return value;
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const part of value.split(/(\\x[0-9A-Fa-f]{2})/)) {
    if (/^\\x[0-9A-Fa-f]{2}$/.test(part)) bytes.push(Number.parseInt(part.slice(2), 16));
    else bytes.push(...encoder.encode(part));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}
