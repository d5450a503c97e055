/** How SASL messages travel: base64 in pieces of 400 letters. Spec: IRCv3 sasl-3.1, "The AUTHENTICATE Command". */

import { base64ToText, textToBase64 } from "./scram.ts";

const PIECE_LETTERS = 400;
/** The most that is put together of what a server sends. */
const LETTERS_MAX = 8_000;

/** The parameters of the AUTHENTICATE lines that carry a message. */
export function pieces(message: string): string[] {
  const encoded = textToBase64(message);
  const all: string[] = [];
  for (let start = 0; start < encoded.length; start += PIECE_LETTERS)
    all.push(encoded.slice(start, start + PIECE_LETTERS));
  if (encoded.length % PIECE_LETTERS === 0) all.push("+");
  return all;
}

/** Adds a piece to those before it; `message` is there when it was the last. */
export function collect(before: string, piece: string): { readonly rest: string; readonly message?: string } {
  const letters = (before + (piece === "+" ? "" : piece)).slice(0, LETTERS_MAX);
  return piece.length === PIECE_LETTERS ? { rest: letters } : { rest: "", message: base64ToText(letters) };
}
