/** Texts and their bytes: how long they are on the wire, and where they may be cut. */

const encoder = new TextEncoder();

export function byteLength(text: string): number {
  return encoder.encode(text).length;
}

/** Cuts a text into pieces of at most `bytesMax` bytes: at a space where there is one in the second half, else between characters. */
export function split(text: string, bytesMax: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (byteLength(rest) > bytesMax) {
    const piece = firstPiece(rest, bytesMax);
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  pieces.push(rest);
  return pieces;
}

function firstPiece(text: string, bytesMax: number): string {
  let bytes = 0;
  let length = 0;
  for (const character of graphemes(text)) {
    bytes += byteLength(character);
    if (bytes > bytesMax) break;
    length += character.length;
  }
  if (length === 0) {
    // One grapheme is longer than the piece: then between code points, and at least one.
    for (const character of text) {
      if (length > 0 && byteLength(text.slice(0, length) + character) > bytesMax) break;
      length += character.length;
    }
  }
  const space = text.lastIndexOf(" ", length - 1);
  return text.slice(0, space >= length / 2 ? space + 1 : length);
}

function graphemes(text: string): Iterable<string> {
  if (typeof Intl.Segmenter !== "function") return text;
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" }).segment(text);
  return (function* () {
    for (const { segment } of segments) yield segment;
  })();
}

/** The text without IRC's formatting codes. Spec: modern.ircdocs.horse/formatting. */
export function stripFormatting(text: string): string {
  return text.replace(
    /\x03(\d{1,2}(,\d{1,2})?)?|\x04([0-9A-Fa-f]{6}(,[0-9A-Fa-f]{6})?)?|[\x02\x0f\x11\x16\x1d\x1e\x1f]/g,
    "",
  );
}

/** A CTCP message: `\x01COMMAND text\x01`, the last byte being optional. */
export function parseCtcp(text: string): { readonly command: string; readonly text: string } | undefined {
  if (!text.startsWith("\x01")) return undefined;
  const inner = text.slice(1).replace(/\x01$/, "");
  const space = inner.indexOf(" ");
  return space < 0
    ? { command: inner.toUpperCase(), text: "" }
    : { command: inner.slice(0, space).toUpperCase(), text: inner.slice(space + 1) };
}
