/** LIST and WHOIS: what there is to enter, and who somebody is. */

import type { Message } from "../../irc/message.ts";
import type { Turn } from "../turn.ts";

const CHANNELS_MAX = 2_000;

export function askList(turn: Turn): void {
  turn.state.listing = { status: "asked", channels: [] };
  turn.send({ command: "LIST" });
}

export function list(turn: Turn, line: Message): void {
  const listing = turn.state.listing;
  if (!listing) return;
  if (line.command === "323") {
    const channels = [...listing.channels].sort((one, other) => other.members - one.members);
    turn.state.listing = { status: "done", channels };
  } else if (listing.channels.length < CHANNELS_MAX) {
    const [, name = "", members = "0", topic = ""] = line.params;
    turn.state.listing = {
      ...listing,
      channels: [...listing.channels, { name, members: Number(members) || 0, topic }],
    };
  }
}

const WHOIS_LINES_MAX = 50;

export function askWhois(turn: Turn, nick: string): void {
  turn.state.whois = { nick, lines: [], done: false };
  turn.send({ command: "WHOIS", params: [nick] });
}

/** The numerics between the question and 318. */
export function whois(turn: Turn, line: Message): void {
  const whois = turn.state.whois;
  if (!whois || whois.done || turn.fold(line.params[1] ?? "") !== turn.fold(whois.nick)) return;
  if (line.command === "318") turn.state.whois = { ...whois, done: true };
  else if (whois.lines.length < WHOIS_LINES_MAX) {
    turn.state.whois = { ...whois, lines: [...whois.lines, { code: line.command, params: line.params.slice(2) }] };
  }
}
