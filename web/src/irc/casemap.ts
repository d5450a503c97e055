/** Which names are the same name. Spec: Modern IRC, "CASEMAPPING parameter". */

/** Folds a name into the form that is equal for equal names, under the mapping that the server named. */
export function fold(mapping: string, name: string): string {
  switch (mapping) {
    case "ascii":
      return name.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
    case "rfc1459":
      return name.replace(/[A-Z[\]\\~]/g, rfc1459);
    case "rfc1459-strict":
    case "strict-rfc1459":
      return name.replace(/[A-Z[\]\\]/g, rfc1459);
    default:
      // precis, rfc7613 and whatever comes: names in any script.
      return name.normalize("NFC").toLowerCase();
  }
}

const PUNCTUATION: Readonly<Record<string, string>> = { "[": "{", "]": "}", "\\": "|", "~": "^" };

function rfc1459(character: string): string {
  return PUNCTUATION[character] ?? character.toLowerCase();
}
