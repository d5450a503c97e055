/** Files on their way to the server: one after the other, each with a token of its own. */

import { type Signal, signal } from "@preact/signals";
import * as filehost from "../state/features/filehost.ts";
import type { Input } from "../state/input.ts";
import type { Key, State } from "../state/state.ts";
import type { Tokens } from "./tokens.ts";

/** How far a file is. */
export interface Upload {
  readonly number: number;
  readonly room: Key;
  readonly name: string;
  readonly bytes: number;
  /** Between 0 and 1. */
  readonly done: number;
  /** Why it was not taken: a word of the server's or of ours; "" while it may be. */
  readonly refusal: string;
  /** The limit that it met, if one. */
  readonly limit: number;
}

/** Where a file is, or why it was not taken: one of both is "". */
export interface Delivered {
  readonly address: string;
  readonly refusal: string;
  readonly limit: number;
}

/** What a request tells. */
export interface Sent {
  readonly status: number;
  readonly location: string;
  readonly body: string;
}

/** Sends a file; `progress` is told between 0 and 1. The promise fails when the server cannot be reached. */
export type Send = (
  address: string,
  token: string,
  file: File,
  progress: (done: number) => void,
  stop: AbortSignal,
) => Promise<Sent>;

/** The most files that wait. */
const WAITING_MAX = 20;

interface Waiting {
  readonly upload: Upload;
  readonly file: File;
  readonly stop: AbortController;
}

export class Uploads {
  readonly list: Signal<readonly Upload[]> = signal([]);
  readonly #tell: (input: Input) => void;
  readonly #tokens: Tokens;
  readonly #state: Signal<State>;
  readonly #send: Send;
  /** The page's own site, when its server is also that of the chat; else files go where the server says. */
  readonly #site: string;
  /** Where others find this server. */
  readonly #address: string;
  #queue: Waiting[] = [];
  #number = 0;
  #isBusy = false;

  constructor(
    state: Signal<State>,
    tell: (input: Input) => void,
    tokens: Tokens,
    site: string,
    address: string,
    send: Send = sendByXhr,
  ) {
    this.#state = state;
    this.#tell = tell;
    this.#tokens = tokens;
    this.#site = site;
    this.#address = address;
    this.#send = send;
  }

  /** Takes files for a room. What they are is looked at by the server. */
  add(room: Key, files: Iterable<File>): void {
    for (const file of files) {
      this.#number += 1;
      const name = file.name || "file";
      const upload = { number: this.#number, room, name, bytes: file.size, done: 0, refusal: "", limit: 0 };
      if (this.#queue.length >= WAITING_MAX) {
        this.list.value = [...this.list.value, { ...upload, refusal: "TOO_MANY_AT_ONCE" }];
        continue;
      }
      this.#queue.push({ upload, file, stop: new AbortController() });
      this.list.value = [...this.list.value, upload];
    }
    void this.#work();
  }

  /** Stops a file, or takes away what was said about one. */
  cancel(number: number): void {
    this.#queue.find((waiting) => waiting.upload.number === number)?.stop.abort();
    this.#queue = this.#queue.filter((waiting) => waiting.upload.number !== number);
    this.list.value = this.list.value.filter((upload) => upload.number !== number);
  }

  async #work(): Promise<void> {
    if (this.#isBusy) return;
    this.#isBusy = true;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      await this.#one(next);
      this.#queue = this.#queue.filter((waiting) => waiting !== next);
    }
    this.#isBusy = false;
  }

  async #one({ upload, file, stop }: Waiting): Promise<void> {
    const { number, room } = upload;
    const progress = (done: number): void => this.#change(number, { done });
    const { address, refusal, limit } = await this.deliver(file, progress, stop.signal);
    if (stop.signal.aborted) return;
    if (address === "") return this.#change(number, { refusal, limit });
    this.list.value = this.list.value.filter((other) => other.number !== number);
    this.#tell({ kind: "say", room, text: address });
  }

  /** Sends a file, and says where others find it; or why it was not taken. */
  async deliver(file: File, progress: (done: number) => void, stop: AbortSignal): Promise<Delivered> {
    const token = await this.#tokens.ask();
    if (stop.aborted || token.token === "") return { address: "", refusal: token.code || "OFFLINE", limit: 0 };
    const told = filehost.address(this.#state.value.server.isupport);
    try {
      const address = this.#site === "" ? told : this.#site + new URL(told).pathname;
      const sent = await this.#send(address, token.token, file, progress, stop);
      if (sent.status !== 201 || sent.location === "") return { address: "", ...refusal(sent) };
      const url = new URL(sent.location, address);
      // Whoever sits at the server's own machine reaches it by a name that nobody else does.
      return { address: this.#site === "" ? url.href : this.#address + url.pathname, refusal: "", limit: 0 };
    } catch {
      return { address: "", refusal: "UNREACHABLE", limit: 0 };
    }
  }

  #change(number: number, change: Partial<Upload>): void {
    this.list.value = this.list.value.map((upload) => (upload.number === number ? { ...upload, ...change } : upload));
  }
}

/** Reads why a file was not taken; other servers say it with the status only. */
function refusal(sent: Sent): Pick<Upload, "refusal" | "limit"> {
  try {
    const { code, limit } = JSON.parse(sent.body) as { code?: unknown; limit?: unknown };
    if (typeof code === "string" && code !== "") {
      return { refusal: code, limit: typeof limit === "number" ? limit : 0 };
    }
  } catch {
    // Then the status has to do.
  }
  const byStatus: Readonly<Record<number, string>> = {
    401: "WRONG_TOKEN",
    403: "FORBIDDEN",
    413: "TOO_LARGE",
    415: "TYPE",
    429: "BUSY",
    503: "BUSY",
    507: "NO_ROOM",
  };
  return { refusal: byStatus[sent.status] ?? "FAILED", limit: 0 };
}

/** `fetch` does not tell how much of a body is sent. */
const sendByXhr: Send = (address, token, file, progress, stop) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
    request.setRequestHeader("Content-Disposition", `attachment; filename*=UTF-8''${encodeURIComponent(file.name)}`);
    request.upload.onprogress = (event) => progress(event.total > 0 ? event.loaded / event.total : 0);
    request.onload = () =>
      resolve({
        status: request.status,
        location: request.getResponseHeader("Location") ?? "",
        body: request.responseText,
      });
    request.onerror = () => reject(new Error("the server cannot be reached"));
    request.onabort = () => reject(new Error("stopped"));
    stop.addEventListener("abort", () => request.abort());
    request.send(file);
  });
