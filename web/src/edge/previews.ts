/**
 * What pages behind links say of themselves, as the server has looked them up: nothing is fetched from those pages by this
 * browser. Spec: docs/protocol/previews.md.
 */

import { type Signal, signal } from "@preact/signals";
import * as filehost from "../state/features/filehost.ts";
import type { State } from "../state/state.ts";
import type { Tokens } from "./tokens.ts";

/** What is shown of a page. What it does not say is "". */
export interface Preview {
  readonly title: string;
  readonly about: string;
  readonly site: string;
  /** A `data:` address of a picture. */
  readonly picture: string;
}

/** Asks for an address; gives the status and the body. The promise fails when the server cannot be reached. */
export type Get = (address: string, token: string) => Promise<{ readonly status: number; readonly body: string }>;

/** The most links of which is known what is behind them. */
const KNOWN_MAX = 300;
/** The most links that wait to be asked for: those that were seen first give way. */
const WAITING_MAX = 30;
const PICTURE = /^data:image\/(?:jpeg|png);base64,[A-Za-z0-9+/=]+$/;

export class Previews {
  readonly #state: Signal<State>;
  readonly #tokens: Tokens;
  readonly #site: string;
  readonly #get: Get;
  readonly #known = new Map<string, Signal<Preview | undefined>>();
  #waiting: string[] = [];
  #isBusy = false;

  /** `site` is the page's own, when its server is also that of the chat; else the server says where it is asked. */
  constructor(state: Signal<State>, tokens: Tokens, site: string, get: Get = byFetch) {
    this.#state = state;
    this.#tokens = tokens;
    this.#site = site;
    this.#get = get;
  }

  /** What the page behind a link says of itself: nothing until it is known. Asked for once. */
  of(link: string): Signal<Preview | undefined> {
    const before = this.#known.get(link);
    if (before) return before;
    const found = signal<Preview | undefined>(undefined);
    this.#known.set(link, found);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= KNOWN_MAX) break;
      this.#known.delete(oldest);
    }
    this.#waiting.push(link);
    for (const left of this.#waiting.splice(0, this.#waiting.length - WAITING_MAX)) this.#known.delete(left);
    void this.#work();
    return found;
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    // What was drawn last is looked at first.
    for (let link = this.#waiting.pop(); link !== undefined; link = this.#waiting.pop()) await this.#one(link);
    this.#isBusy = false;
  }

  async #one(link: string): Promise<void> {
    const { isupport } = this.#state.value.server;
    const { token } = await this.#tokens.ask();
    // When it is drawn again, it is asked for again.
    if (token === "") return void this.#known.delete(link);
    try {
      const base = this.#site === "" ? filehost.address(isupport) : this.#site;
      const address = new URL(filehost.previewPath(isupport), base);
      address.searchParams.set("url", link);
      const { status, body } = await this.#get(address.href, token);
      const found = this.#known.get(link);
      if (status === 200 && found) found.value = read(body);
    } catch {
      this.#known.delete(link);
    }
  }
}

/** Reads the server's answer; nothing, when it is another's. */
export function read(body: string): Preview | undefined {
  let said: unknown;
  try {
    said = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof said !== "object" || said === null) return undefined;
  const text = (name: string): string => {
    const value = (said as Readonly<Record<string, unknown>>)[name];
    return typeof value === "string" ? value : "";
  };
  const [title, about, site, picture] = [text("title"), text("about"), text("site"), text("picture")];
  if (title === "" && about === "") return undefined;
  return { title, about, site, picture: PICTURE.test(picture) ? picture : "" };
}

const byFetch: Get = async (address, token) => {
  const answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` }, credentials: "omit" });
  return { status: answer.status, body: await answer.text() };
};
