/** The words of a notification, whoever shows it: the page, or the service worker while there is none. */

import { stripFormatting } from "../irc/text.ts";

/** Devices show less than this. */
const LETTERS_MAX = 200;

/** Who says something, and in which channel, if it is one. */
export function title(nick: string, channel: string): string {
  return channel === "" ? nick : `${nick} · ${channel}`;
}

export function body(text: string): string {
  return stripFormatting(text).slice(0, LETTERS_MAX);
}
