/** What the client knows. One value, never changed in place outside of a `Turn`; the page shows it and nothing else. */

import type { Isupport } from "../irc/isupport.ts";
import type { Message } from "../irc/message.ts";
import type { Challenge, Keys } from "../irc/scram.ts";
import type { Entry } from "./outbox.ts";

/** A folded name: equal for names that are the same. The conversation with the server itself is `SERVER`. */
export type Key = string;
export const SERVER: Key = "";

export type Notify = "all" | "mentions" | "nothing";
export type Theme = "system" | "light" | "dark";
export type Language = "en" | "it";

/** What stays on this device. */
export interface Preferences {
  readonly nick: string;
  /** Who to log in as on connecting, and what proves it. */
  readonly account: string;
  readonly keys: Keys | undefined;
  /** Channels to enter on connecting, as named. */
  readonly rooms: readonly string[];
  readonly language: Language;
  readonly theme: Theme;
  readonly notifications: boolean;
  /** The account of whose messages this device is told while the page is closed; empty for none. */
  readonly push: string;
  readonly showEvents: boolean;
  /** Cards about the pages behind links, where the server looks at them. */
  readonly showPreviews: boolean;
  /** Links whose cards one has taken away, the latest last; so many as {@link CLOSED_PREVIEWS_MAX}. */
  readonly closedPreviews: readonly string[];
  readonly sendTyping: boolean;
  /** Folded nicks that one does not want to hear. */
  readonly ignored: readonly Key[];
  readonly notify: Readonly<Record<Key, Notify>>;
  readonly drafts: Readonly<Record<Key, string>>;
  /** How far each conversation was read, in milliseconds; servers with read markers know better. */
  readonly read: Readonly<Record<Key, number>>;
}

/** How far the connection is. What matters in one stage only stands there. */
export type Stage =
  | { readonly kind: "unnamed"; readonly refusal: Refusal | undefined }
  | { readonly kind: "connecting" }
  | { readonly kind: "registering"; readonly step: "capabilities" | "login" | "welcome"; readonly requests: number }
  | { readonly kind: "ready" }
  | { readonly kind: "waiting"; readonly until: number; readonly attempt: number; readonly reason: string }
  | { readonly kind: "refused"; readonly refusal: Refusal };

/** The answer no, in the server's words. `code` is a numeric or the code of a FAIL. */
export interface Refusal {
  readonly code: string;
  readonly text: string;
}

export interface Server {
  readonly name: string;
  readonly network: string;
  readonly isupport: Isupport;
  readonly offered: ReadonlyMap<string, string>;
  readonly enabled: ReadonlySet<string>;
  readonly motd: readonly string[];
}

export interface Me {
  readonly nick: string;
  readonly account: string;
  readonly away: boolean;
  readonly modes: string;
  readonly user: string;
  readonly host: string;
  /** Whether one wants to stay while not connected, and does (`draft/persistence`); unknown where servers do not say. */
  readonly stays: { readonly wish: boolean; readonly effective: boolean } | undefined;
}

/** A log-in that is under way, or how the last one failed. */
export interface Login {
  readonly account: string;
  readonly step: "asked" | "deriving" | "proving" | "registering" | "failed" | "plain";
  /** None once the keys are derived. */
  readonly password: string | undefined;
  readonly keys: Keys | undefined;
  readonly nonce: string;
  readonly challenge: Challenge | undefined;
  readonly pieces: string;
  readonly remember: boolean;
  readonly refusal: Refusal | undefined;
}

export interface Person {
  readonly nick: string;
  readonly account: string;
  readonly user: string;
  readonly host: string;
  readonly away: boolean;
  readonly realname: string;
  readonly bot: boolean;
  readonly displayName: string;
  readonly avatar: string;
  /** Whether they are on the server; known of those in a room with us, and of those that MONITOR watches. */
  readonly online: boolean | undefined;
}

export interface Member {
  readonly nick: string;
  /** Mode letters of their ranks, the highest first. */
  readonly ranks: string;
}

/** An entry of a channel's list of bans. */
export interface Ban {
  readonly mask: string;
  /** Who has set it; empty where the server does not say. */
  readonly by: string;
}

export type EventKind =
  | "join"
  | "part"
  | "quit"
  | "nick"
  | "kick"
  | "topic"
  | "mode"
  | "rename"
  | "invite"
  | "info"
  | "refused";

/** What stands in a conversation. */
export interface ChatMessage {
  /** Stays the same while the message is shown, also when an id comes later. */
  readonly key: string;
  /** The server's id; empty where it gives none. */
  readonly id: string;
  /** In milliseconds. */
  readonly time: number;
  readonly nick: string;
  readonly account: string;
  readonly kind: "message" | "action" | "notice" | "event";
  /** What happened, if it is an event; `other` is who or what else it is about. */
  readonly event: EventKind | undefined;
  readonly other: string;
  readonly text: string;
  readonly replyTo: string;
  /** Who has reacted with what. */
  readonly reactions: ReadonlyMap<string, readonly string[]>;
  readonly edited: boolean;
  /** What it said before it was edited, if that was seen. */
  readonly before: string;
  readonly deleted: { readonly by: string; readonly reason: string } | undefined;
  readonly own: boolean;
  readonly mention: boolean;
  /** Its place in the server's log (`loggia.chat/delivery`); empty where there is none. */
  readonly cursor: string;
  /** The id before which messages may be missing; empty where none are. */
  readonly gap: string;
  /** The bot that brought it from elsewhere; empty where none has. */
  readonly relayedBy: string;
  readonly bot: boolean;
}

/** What is being fetched of a conversation's past. */
export type Loading =
  | { readonly kind: "latest"; readonly limit: number; readonly after: string }
  | { readonly kind: "before"; readonly limit: number; readonly ref: string; readonly gapOf: string }
  | { readonly kind: "around"; readonly limit: number; readonly ref: string }
  /** Around the first message after this time, in milliseconds. */
  | { readonly kind: "aroundTime"; readonly limit: number; readonly since: number };

export interface Room {
  readonly key: Key;
  readonly name: string;
  readonly kind: "channel" | "person" | "server";
  /** Whether one is in it; people are always there. */
  readonly membership: "in" | "joining" | "out";
  readonly topic: string;
  readonly modes: string;
  /** Who may not enter, as far as it was asked for. */
  readonly bans: readonly Ban[] | undefined;
  readonly members: ReadonlyMap<Key, Member>;
  readonly messages: readonly ChatMessage[];
  /** Where older pages are asked for: the oldest thing seen. Empty before the first page. */
  readonly oldest: string;
  readonly reachedBeginning: boolean;
  readonly loading: Loading | undefined;
  /** Everything until then is read, in milliseconds. */
  readonly readUpTo: number;
  /** Where the line “new” stands: what was read when the conversation was opened. */
  readonly newSince: number;
  readonly unread: number;
  readonly mentions: number;
  readonly typing: ReadonlyMap<Key, { readonly nick: string; readonly until: number }>;
  /** When one's own typing was told last; 0 when nobody thinks that one types. */
  readonly toldTyping: number;
  readonly replyTo: string;
  readonly editing: string;
  /** Where to scroll to, once: a message's id; the number makes two jumps to the same place two. */
  readonly jump: { readonly id: string; readonly turn: number } | undefined;
}

export interface Batch {
  readonly type: string;
  readonly params: readonly string[];
  readonly opening: Message;
  readonly items: readonly BatchItem[];
}

export type BatchItem = Message | Batch;

export interface Search {
  readonly query: string;
  readonly status: "asked" | "done" | "failed";
  readonly incomplete: boolean;
  readonly results: readonly { readonly room: string; readonly message: ChatMessage }[];
  readonly refusal: Refusal | undefined;
}

export interface ChannelListing {
  readonly status: "asked" | "done";
  readonly channels: readonly { readonly name: string; readonly members: number; readonly topic: string }[];
}

export interface Whois {
  readonly nick: string;
  readonly lines: readonly { readonly code: string; readonly params: readonly string[] }[];
  readonly done: boolean;
}

/** A word to the person that belongs to no conversation. */
export interface Notice {
  readonly number: number;
  readonly code: string;
  readonly text: string;
}

export interface Invitation {
  readonly room: string;
  readonly by: string;
}

/** What an operator of the server can ask (docs/moderation.md). */
export type Question = "people" | "rooms" | "bans" | "invitations" | "files" | "raid" | "journal";

export interface Answer {
  /** By which its lines are known. */
  readonly label: string;
  readonly status: "asked" | "done" | "failed";
  /** Whether an older page of what is known was asked for. */
  readonly goesOn: boolean;
  readonly lines: readonly Message[];
  readonly refusal: Refusal | undefined;
}

/** What an operator of the server can do. Durations are written as the server takes them; empty is for ever. */
export type Deed =
  | { readonly kind: "ban"; readonly what: string; readonly duration: string; readonly reason: string }
  | { readonly kind: "unban"; readonly what: string; readonly duration: string; readonly reason: string }
  | { readonly kind: "disconnect"; readonly nick: string; readonly reason: string }
  | { readonly kind: "raid"; readonly on: boolean; readonly reason: string }
  | { readonly kind: "invite"; readonly uses: number; readonly days: number }
  | { readonly kind: "revoke"; readonly id: string; readonly uses: number }
  | { readonly kind: "rename"; readonly room: string; readonly name: string }
  | { readonly kind: "removeFile"; readonly name: string };

/** Something that was done, and what takes it back. */
export interface Act {
  readonly number: number;
  readonly label: string;
  readonly deed: Deed;
  readonly status: "asked" | "done" | "failed";
  readonly refusal: Refusal | undefined;
  /** What the server said to it. */
  readonly told: string;
  readonly undo: Deed | undefined;
  readonly undone: boolean;
}

export interface Operator {
  readonly answers: ReadonlyMap<Question, Answer>;
  readonly acts: readonly Act[];
}

/** What was told of a log, and what is asked of it (`RESUME`). */
export interface Resume {
  readonly cursor: string;
  readonly asked: boolean;
}

/** How far this device is with being notified while the page is closed (`WEBPUSH`). */
export interface WebPush {
  readonly step: "off" | "subscribing" | "registering" | "on" | "failed";
  /** The server's key that the browser was asked to subscribe with on this connection; empty before it was. */
  readonly key: string;
  /** The address that the server was told. */
  readonly endpoint: string;
  /** The last no; it stays over connections, so that it is said once. */
  readonly refusal: Refusal | undefined;
}

export interface State {
  readonly preferences: Preferences;
  readonly stage: Stage;
  /** The room to enter at first, from the link or the server. */
  readonly firstRoom: string;
  /** Whose conversation is to be opened on coming in; empty for nobody's. */
  readonly firstPerson: string;
  readonly password: string;
  /** The word of an invitation, from the link. */
  readonly invitation: string;
  /** The password of the account that is to be made on coming in; empty for a guest, and once it is made. */
  readonly signUp: string;
  readonly server: Server;
  readonly me: Me;
  readonly login: Login | undefined;
  readonly rooms: ReadonlyMap<Key, Room>;
  readonly people: ReadonlyMap<Key, Person>;
  readonly active: Key;
  /** Whether the page is looked at. */
  readonly visible: boolean;
  readonly batches: ReadonlyMap<string, Batch>;
  readonly outbox: readonly Entry[];
  /** The outbox's name for the server, and the number of what is said next. */
  readonly stream: string;
  readonly nextNumber: number;
  readonly resume: Resume;
  readonly webPush: WebPush;
  readonly search: Search | undefined;
  readonly listing: ChannelListing | undefined;
  readonly whois: Whois | undefined;
  readonly operator: Operator;
  readonly invitations: readonly Invitation[];
  readonly notices: readonly Notice[];
  /** Counts what needs a number of its own. */
  readonly counter: number;
  /** When something came last, and whether a PING is out, in milliseconds. */
  readonly heardAt: number;
  readonly pingedAt: number;
  readonly attempt: number;
}

/** The most cards that stay away: those that were taken away first come back. */
export const CLOSED_PREVIEWS_MAX = 100;

export const DEFAULT_PREFERENCES: Preferences = {
  nick: "",
  account: "",
  keys: undefined,
  rooms: [],
  language: "en",
  theme: "system",
  notifications: false,
  push: "",
  showEvents: true,
  showPreviews: true,
  closedPreviews: [],
  sendTyping: true,
  ignored: [],
  notify: {},
  drafts: {},
  read: {},
};

const NOBODY: Me = { nick: "", account: "", away: false, modes: "", user: "", host: "", stays: undefined };
const NO_SERVER: Server = {
  name: "",
  network: "",
  isupport: new Map(),
  offered: new Map(),
  enabled: new Set(),
  motd: [],
};

/** What is known before anything has happened. */
export function initial(preferences: Preferences = DEFAULT_PREFERENCES): State {
  return {
    preferences,
    stage: { kind: "unnamed", refusal: undefined },
    firstRoom: "",
    firstPerson: "",
    password: "",
    invitation: "",
    signUp: "",
    server: NO_SERVER,
    me: NOBODY,
    login: undefined,
    rooms: new Map([[SERVER, newRoom(SERVER, "", "server")]]),
    people: new Map(),
    active: SERVER,
    visible: true,
    batches: new Map(),
    outbox: [],
    stream: "",
    nextNumber: 1,
    resume: { cursor: "", asked: false },
    webPush: { step: "off", key: "", endpoint: "", refusal: undefined },
    search: undefined,
    listing: undefined,
    whois: undefined,
    operator: { answers: new Map(), acts: [] },
    invitations: [],
    notices: [],
    counter: 0,
    heardAt: 0,
    pingedAt: 0,
    attempt: 0,
  };
}

export function newRoom(key: Key, name: string, kind: Room["kind"]): Room {
  return {
    key,
    name,
    kind,
    membership: kind === "channel" ? "out" : "in",
    topic: "",
    modes: "",
    bans: undefined,
    members: new Map(),
    messages: [],
    oldest: "",
    reachedBeginning: false,
    loading: undefined,
    readUpTo: 0,
    newSince: 0,
    unread: 0,
    mentions: 0,
    typing: new Map(),
    toldTyping: 0,
    replyTo: "",
    editing: "",
    jump: undefined,
  };
}

export function newPerson(nick: string): Person {
  return {
    nick,
    account: "",
    user: "",
    host: "",
    away: false,
    realname: "",
    bot: false,
    displayName: "",
    avatar: "",
    online: undefined,
  };
}

export function newMessage(
  known: Partial<ChatMessage> & Pick<ChatMessage, "key" | "time" | "nick" | "kind">,
): ChatMessage {
  return {
    id: "",
    account: "",
    event: undefined,
    other: "",
    text: "",
    replyTo: "",
    reactions: new Map(),
    edited: false,
    before: "",
    deleted: undefined,
    own: false,
    mention: false,
    cursor: "",
    gap: "",
    relayedBy: "",
    bot: false,
    ...known,
  };
}
