/** The link by which one comes: `#join?room=%23name&token=…`. */

export interface Link {
  readonly room: string;
  /** The word of an invitation. */
  readonly token: string;
}

/** Reads the part of the address behind `#`. What is no name of a room is none. */
export function parseLink(hash: string): Link {
  const query = /^#join\?(.*)$/.exec(hash)?.[1] ?? "";
  const params = new URLSearchParams(query);
  const room = params.get("room") ?? "";
  const isRoom = /^[#&][^\s,\x07]{1,63}$/.test(room);
  return { room: isRoom ? room : "", token: (params.get("token") ?? "").slice(0, 200) };
}
