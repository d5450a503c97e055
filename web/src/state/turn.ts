/** One turn of the reducer: what is changed is copied once, then written in place; everything else is shared with before. */

import { fold } from "../irc/casemap.ts";
import { isChannel } from "../irc/isupport.ts";
import { format, type Line } from "../irc/message.ts";
import type { Output } from "./input.ts";
import {
  type Batch,
  type BatchItem,
  type ChatMessage,
  type EventKind,
  type Key,
  type Me,
  type Member,
  newMessage,
  newPerson,
  newRoom,
  type Person,
  type Preferences,
  type Room,
  type Server,
  SERVER,
  type State,
} from "./state.ts";

export type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** Words to the person that are shown at once; the oldest go first. */
const NOTICES_MAX = 5;
/** What is kept of people that are in no room any more. */
const PEOPLE_MAX = 20_000;

export class Turn {
  readonly state: Writable<State>;
  readonly outputs: Output[] = [];
  readonly now: number;
  readonly #own = new Set<object>();

  constructor(before: State, now: number) {
    this.state = { ...before };
    this.now = now;
  }

  /** Has a capability been granted? */
  has(capability: string): boolean {
    return this.state.server.enabled.has(capability);
  }

  fold(name: string): Key {
    return fold(this.state.server.isupport.get("CASEMAPPING") ?? "rfc1459", name);
  }

  isChannel(name: string): boolean {
    return isChannel(this.state.server.isupport, name);
  }

  isMe(nick: string): boolean {
    return this.state.me.nick !== "" && this.fold(nick) === this.fold(this.state.me.nick);
  }

  send(line: Line): void {
    this.outputs.push({ kind: "send", line: format(line) });
  }

  /** A number that was not used before. */
  number(): number {
    this.state.counter += 1;
    return this.state.counter;
  }

  setServer(change: Partial<Server>): void {
    this.state.server = { ...this.state.server, ...change };
  }

  setMe(change: Partial<Me>): void {
    this.state.me = { ...this.state.me, ...change };
  }

  prefer(change: Partial<Preferences>): void {
    this.state.preferences = { ...this.state.preferences, ...change };
  }

  /** Says something to the person that belongs to no conversation. */
  tell(code: string, text: string): void {
    const notice = { number: this.number(), code, text };
    this.state.notices = [...this.state.notices, notice].slice(-NOTICES_MAX);
  }

  room(key: Key): Room | undefined {
    return this.state.rooms.get(key);
  }

  roomNamed(name: string): Room | undefined {
    return this.state.rooms.get(this.fold(name));
  }

  /** The room to write to; made where there is none, with everything until `readUpTo` read. */
  openRoom(name: string, readUpTo = this.now): Writable<Room> {
    const key = this.fold(name);
    if (!this.state.rooms.has(key)) {
      const room = newRoom(key, name, this.isChannel(name) ? "channel" : "person");
      const read = this.state.preferences.read[key] ?? readUpTo;
      this.#rooms().set(key, { ...room, readUpTo: read, newSince: read });
      if (room.kind === "person" && this.state.stage.kind === "ready") this.watch(name);
    }
    return this.editRoom(key);
  }

  /** Asks to be told whether somebody is there. */
  watch(nick: string): void {
    if (this.state.server.isupport.has("MONITOR")) this.send({ command: "MONITOR", params: ["+", nick] });
  }

  /** A room that exists, to write to. */
  editRoom(key: Key): Writable<Room> {
    const room = this.state.rooms.get(key);
    if (room === undefined) throw new Error(`there is no room ${JSON.stringify(key)}`);
    if (this.#own.has(room)) return room as Writable<Room>;
    const copy = { ...room };
    this.#own.add(copy);
    this.#rooms().set(key, copy);
    return copy;
  }

  removeRoom(key: Key): void {
    this.#rooms().delete(key);
    if (this.state.active === key)
      this.state.active = [...this.state.rooms.keys()].find((other) => other !== SERVER) ?? SERVER;
  }

  /** Gives a room another name, and so another key. */
  renameRoom(key: Key, name: string): Writable<Room> {
    const room = this.editRoom(key);
    const rooms = this.#rooms();
    rooms.delete(key);
    room.key = this.fold(name);
    room.name = name;
    rooms.set(room.key, room);
    if (this.state.active === key) this.state.active = room.key;
    return room;
  }

  editMessages(room: Writable<Room>): ChatMessage[] {
    return this.#array(room.messages, (copy) => {
      room.messages = copy;
    });
  }

  editMembers(room: Writable<Room>): Map<Key, Member> {
    return this.#map(room.members, (copy) => {
      room.members = copy;
    });
  }

  editTyping(room: Writable<Room>): Map<Key, { nick: string; until: number }> {
    return this.#map(room.typing, (copy) => {
      room.typing = copy;
    });
  }

  openBatch(name: string, batch: Batch): void {
    this.#batches().set(name, batch);
  }

  closeBatch(name: string): void {
    this.#batches().delete(name);
  }

  /** What is in an open batch, to add to it. */
  editBatch(name: string): BatchItem[] | undefined {
    const batch = this.state.batches.get(name);
    if (!batch) return undefined;
    return this.#array(batch.items, (items) => {
      this.#batches().set(name, { ...batch, items });
    });
  }

  person(nick: string): Person | undefined {
    return this.state.people.get(this.fold(nick));
  }

  setPerson(nick: string, change: Partial<Person>): void {
    const key = this.fold(nick);
    const people = this.#people();
    if (people.size >= PEOPLE_MAX && !people.has(key)) this.#forgetStrangers(people);
    people.set(key, { ...(people.get(key) ?? newPerson(nick)), nick, ...change });
  }

  movePerson(from: string, to: string): void {
    const people = this.#people();
    const person = people.get(this.fold(from));
    people.delete(this.fold(from));
    people.set(this.fold(to), { ...(person ?? newPerson(to)), nick: to });
  }

  /** Puts an event into a room, as of now. */
  event(key: Key, event: EventKind, nick: string, other = "", text = "", time = this.now): void {
    const room = this.editRoom(key);
    this.editMessages(room).push(
      newMessage({ key: `e${this.number()}`, time, nick, kind: "event", event, other, text }),
    );
  }

  #forgetStrangers(people: Map<Key, Person>): void {
    for (const key of people.keys()) {
      if (![...this.state.rooms.values()].some((room) => room.members.has(key) || room.key === key)) people.delete(key);
    }
  }

  #batches(): Map<string, Batch> {
    return this.#map(this.state.batches, (copy) => {
      this.state.batches = copy;
    });
  }

  #rooms(): Map<Key, Room> {
    return this.#map(this.state.rooms, (copy) => {
      this.state.rooms = copy;
    });
  }

  #people(): Map<Key, Person> {
    return this.#map(this.state.people, (copy) => {
      this.state.people = copy;
    });
  }

  #map<Value>(map: ReadonlyMap<Key, Value>, put: (copy: Map<Key, Value>) => void): Map<Key, Value> {
    if (this.#own.has(map)) return map as Map<Key, Value>;
    const copy = new Map(map);
    this.#own.add(copy);
    put(copy);
    return copy;
  }

  #array<Value>(array: readonly Value[], put: (copy: Value[]) => void): Value[] {
    if (this.#own.has(array)) return array as Value[];
    const copy = [...array];
    this.#own.add(copy);
    put(copy);
    return copy;
  }
}
