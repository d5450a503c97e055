/** What the server's no means, in the person's language where it is known; in the server's words elsewhere. */

import type { Refusal } from "../state/state.ts";
import { maybe, t } from "../texts/texts.ts";

export function refusalText(refusal: Refusal): string {
  const known = maybe(`refusal.${refusal.code}`, { text: refusal.text });
  return known ?? (refusal.text !== "" ? refusal.text : t("refusal.unknown", { code: refusal.code }));
}
