/**
 * What is to be said, kept by the browser (IndexedDB) until it is known to be kept by the server.
 *
 * Each page has a stream of its own, also when it is reloaded: two that count the same numbers would take each other's, and the
 * server would take what is new for what it has. A page that is gone leaves its entries behind; the next one that notices
 * says them, under their old ids, so that nothing is said twice.
 */

import type { Entry } from "../state/outbox.ts";

const DATABASE = "loggia";
const STORE = "outbox";
const ALIVE = "loggia.alive.";
/** How often a page says that it is there, and after which silence it is gone. */
const ALIVE_EVERY_MS = 2_000;
const GONE_AFTER_MS = 10_000;

export class OutboxStore {
  /** This page's stream. */
  readonly stream: string;
  readonly #database: Promise<IDBDatabase | undefined>;
  readonly #local: Storage | undefined;

  constructor(local: Storage | undefined, stream: string, factory: IDBFactory | undefined) {
    this.#local = local;
    this.stream = stream;
    this.#sayAlive();
    this.#database = open(factory);
  }

  /** Begins to say that this page is there. */
  begin(page: Window): void {
    page.setInterval(() => this.#sayAlive(), ALIVE_EVERY_MS);
    page.addEventListener("pagehide", () => this.#local?.removeItem(ALIVE + this.stream));
    page.addEventListener("pageshow", () => this.#sayAlive());
  }

  /** Keeps an entry; resolves when it would survive the page's end, as far as this browser keeps anything. */
  async keep(entry: Entry): Promise<void> {
    await this.#change((store) => store.put(entry, [entry.stream, entry.number]));
  }

  async forget(stream: string, number: number): Promise<void> {
    await this.#change((store) => store.delete([stream, number]));
  }

  /** Takes the entries of pages that are gone, in order. */
  async take(): Promise<Entry[]> {
    const database = await this.#database;
    if (!database) return [];
    const all = await promised<Entry[]>(database.transaction(STORE).objectStore(STORE).getAll());
    const left = all.filter((entry) => entry.stream !== this.stream && !this.#isAlive(entry.stream));
    return left.sort((one, other) => one.at - other.at || one.number - other.number);
  }

  #isAlive(stream: string): boolean {
    return Date.now() - Number(this.#local?.getItem(ALIVE + stream) ?? 0) < GONE_AFTER_MS;
  }

  #sayAlive(): void {
    try {
      this.#local?.setItem(ALIVE + this.stream, String(Date.now()));
    } catch {
      // Full or forbidden: then a second page may say the same once more, under the same ids.
    }
  }

  async #change(how: (store: IDBObjectStore) => IDBRequest): Promise<void> {
    const database = await this.#database;
    if (!database) return;
    const transaction = database.transaction(STORE, "readwrite", { durability: "strict" });
    how(transaction.objectStore(STORE));
    await new Promise<void>((done) => {
      // What cannot be kept is sent all the same.
      transaction.oncomplete = () => done();
      transaction.onabort = () => done();
      transaction.onerror = () => done();
    });
  }
}

async function open(factory: IDBFactory | undefined): Promise<IDBDatabase | undefined> {
  if (!factory) return undefined;
  try {
    const request = factory.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    return await promised(request);
  } catch {
    // Private windows of some browsers have none.
    return undefined;
  }
}

function promised<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((done, fail) => {
    request.onsuccess = () => done(request.result);
    request.onerror = () => fail(request.error);
  });
}
