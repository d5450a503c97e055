/** The catalogues: every text that people read, in their language. To translate, edit the JSON files beside this. */

import { signal } from "@preact/signals";
import type { Language } from "../state/state.ts";
import en from "./en.json";
import it from "./it.json";

export type TextKey = keyof typeof en & string;

export const CATALOGUES: Readonly<Record<Language, Readonly<Record<string, string>>>> = { en, it };

/** The language that is shown. */
export const language = signal<Language>("en");

export type Params = Readonly<Record<string, string | number>>;

/** The text under a key, with `{name}` replaced. Shows again by itself when the language changes. */
export function t(key: TextKey, params: Params = {}): string {
  return fill(CATALOGUES[language.value][key] ?? en[key], params);
}

/** The text for a number of things: `KEY.one` or `KEY.other`. */
export function plural(key: PluralKey, count: number, params: Params = {}): string {
  const form = new Intl.PluralRules(language.value).select(count) === "one" ? "one" : "other";
  return t(`${key}.${form}`, { count, ...params });
}

type PluralKey = TextKey extends infer Key ? (Key extends `${infer Name}.one` ? Name : never) : never;

/** The text under a key that is made while running, if there is one. */
export function maybe(key: string, params: Params = {}): string | undefined {
  const text = CATALOGUES[language.value][key];
  return text === undefined ? undefined : fill(text, params);
}

function fill(text: string, params: Params): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}

const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language.value} ${name}`;
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language.value === "it" ? "it-IT" : "en-GB", options);
  formats.set(key, known);
  return known;
}

export function clock(time: number): string {
  return format("clock", { hour: "2-digit", minute: "2-digit" }).format(time);
}

export function dayAndClock(time: number): string {
  return format("both", { dateStyle: "full", timeStyle: "medium" }).format(time);
}

export function shortDay(time: number): string {
  return format("short", { day: "numeric", month: "short", year: "numeric" }).format(time);
}

/** A day as people call it. */
export function day(time: number, now: number): string {
  const days = Math.round((startOfDay(now) - startOfDay(time)) / 86_400_000);
  if (days === 0) return t("day.today");
  if (days === 1) return t("day.yesterday");
  return format("day", { weekday: "long", day: "numeric", month: "long", year: "numeric" }).format(time);
}

export function startOfDay(time: number): number {
  return new Date(time).setHours(0, 0, 0, 0);
}
