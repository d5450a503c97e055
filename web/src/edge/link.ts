/** The link by which one comes: `#join?room=%23name&token=…`; from a notification also `#talk?with=nick`. */

export interface Link {
  readonly room: string;
  /** The word of an invitation. */
  readonly token: string;
  /** Whose conversation is to be shown. */
  readonly person: string;
}

/** Reads the part of the address behind `#`. What is no name of a room is none. */
export function parseLink(hash: string): Link {
  const [, way = "", query = ""] = /^#(join|talk)\?(.*)$/.exec(hash) ?? [];
  const params = new URLSearchParams(query);
  if (way === "talk") {
    const person = params.get("with") ?? "";
    return {
      room: "",
      token: "",
      person: /^[^\s#&:,!@*?\x00-\x1f][^\s,!@*?\x00-\x1f]{0,63}$/.test(person) ? person : "",
    };
  }
  const room = params.get("room") ?? "";
  const isRoom = /^[#&][^\s,\x07]{1,63}$/.test(room);
  return { room: isRoom ? room : "", token: (params.get("token") ?? "").slice(0, 200), person: "" };
}

/** The link to a conversation. */
export function linkTo(name: string): string {
  return `/#${/^[#&]/.test(name) ? "join?room" : "talk?with"}=${encodeURIComponent(name)}`;
}
