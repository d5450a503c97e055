/** Random words from the browser's own source, which there is on unencrypted pages too. */

export function word(bits: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(Math.ceil(bits / 8)));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

const NAMES = ["basil", "fig", "olive", "lemon", "thyme", "almond", "peach", "sage", "plum", "mint", "clove", "quince"];

/** A name for somebody who has not said theirs. */
export function name(): string {
  const [one = 0, two = 0] = crypto.getRandomValues(new Uint16Array(2));
  return `${NAMES[one % NAMES.length]}${10 + (two % 90)}`;
}
