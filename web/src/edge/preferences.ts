/** What stays on this device: read carefully, because people and other versions write there too. */

import { CLOSED_PREVIEWS_MAX, DEFAULT_PREFERENCES, type Notify, type Preferences } from "../state/state.ts";

const PLACE = "loggia.preferences";

export function load(
  storage: Storage | undefined,
  browserLanguages: readonly string[],
  serverLanguage: string,
): Preferences {
  const language = chooseLanguage(browserLanguages, serverLanguage);
  try {
    return read(JSON.parse(storage?.getItem(PLACE) ?? "{}"), language);
  } catch {
    return { ...DEFAULT_PREFERENCES, language };
  }
}

export function save(storage: Storage | undefined, preferences: Preferences): void {
  try {
    storage?.setItem(PLACE, JSON.stringify(preferences));
  } catch {
    // Full, or forbidden: then it is forgotten with the page.
  }
}

function chooseLanguage(browser: readonly string[], server: string): "en" | "it" {
  for (const tag of [...browser, server]) {
    const language = tag.slice(0, 2).toLowerCase();
    if (language === "en" || language === "it") return language;
  }
  return "en";
}

/** Takes what has the right form, and what is usual for the rest. */
export function read(value: unknown, language: "en" | "it"): Preferences {
  const given = isRecord(value) ? value : {};
  const usual = DEFAULT_PREFERENCES;
  const text = (name: string, otherwise = ""): string =>
    typeof given[name] === "string" ? (given[name] as string) : otherwise;
  const flag = (name: "notifications" | "showEvents" | "showPreviews" | "sendTyping"): boolean =>
    typeof given[name] === "boolean" ? (given[name] as boolean) : usual[name];
  const texts = (name: string): string[] =>
    Array.isArray(given[name]) ? given[name].filter((item) => typeof item === "string") : [];
  const named = <Value>(name: string, isGood: (value: unknown) => value is Value): Record<string, Value> =>
    isRecord(given[name])
      ? Object.fromEntries(Object.entries(given[name]).filter((entry): entry is [string, Value] => isGood(entry[1])))
      : {};
  const keys = given.keys;
  const hasKeys =
    isRecord(keys) &&
    typeof keys.salt === "string" &&
    typeof keys.iterations === "number" &&
    typeof keys.clientKey === "string" &&
    typeof keys.serverKey === "string";
  const theme = text("theme");
  const chosen = text("language");
  return {
    nick: text("nick"),
    account: text("account"),
    keys: hasKeys ? (keys as unknown as NonNullable<Preferences["keys"]>) : undefined,
    rooms: texts("rooms"),
    language: chosen === "en" || chosen === "it" ? chosen : language,
    theme: theme === "light" || theme === "dark" ? theme : "system",
    notifications: flag("notifications"),
    push: text("push"),
    showEvents: flag("showEvents"),
    showPreviews: flag("showPreviews"),
    closedPreviews: texts("closedPreviews").slice(-CLOSED_PREVIEWS_MAX),
    sendTyping: flag("sendTyping"),
    ignored: texts("ignored"),
    notify: named("notify", (item): item is Notify => item === "all" || item === "mentions" || item === "nothing"),
    drafts: named("drafts", (item) => typeof item === "string"),
    read: named("read", (item) => typeof item === "number"),
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
