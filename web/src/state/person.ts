/** What the person does, and what follows from it. */

import * as commands from "./commands.ts";
import * as connection from "./connection.ts";
import * as authenticate from "./features/authenticate.ts";
import * as chathistory from "./features/chathistory.ts";
import * as list from "./features/list.ts";
import * as message from "./features/message.ts";
import * as operator from "./features/operator.ts";
import * as metadata from "./features/metadata.ts";
import * as persistence from "./features/persistence.ts";
import * as names from "./features/names.ts";
import * as readMarker from "./features/read_marker.ts";
import * as register from "./features/register.ts";
import * as search from "./features/search.ts";
import * as typing from "./features/typing.ts";
import * as webpush from "./features/webpush.ts";
import * as history from "./history.ts";
import type { Input } from "./input.ts";
import * as outbox from "./outbox.ts";
import { CLOSED_PREVIEWS_MAX, type Key, type Room, SERVER } from "./state.ts";
import type { Turn } from "./turn.ts";

const DRAFTS_MAX = 200;

export function does(turn: Turn, input: Input): void {
  switch (input.kind) {
    case "name":
      return connection.name(turn, input.nick, input.password ?? "", input.signUp ?? "");
    case "reconnect":
      return connection.reconnect(turn);
    case "invited":
      turn.state.invitation = input.word;
      return;
    case "leave":
      return connection.leave(turn);
    case "open":
      return open(turn, input.room);
    case "openPerson": {
      const isNew = !turn.roomNamed(input.nick);
      const room = turn.openRoom(input.nick);
      if (isNew) chathistory.latest(turn, room.key);
      return open(turn, room.key);
    }
    case "close":
      return close(turn, input.room);
    case "join":
      return commands.joinAndOpen(turn, input.name, input.password ?? "");
    case "say":
      return commands.say(turn, input.room, input.text);
    case "command":
      return commands.run(turn, input.room, input.text);
    case "draft":
      return draft(turn, input.room, input.text);
    case "react":
      return withRoom(turn, input.room, (room) => react(turn, room, input.id, input.emoji));
    case "redact":
      return withRoom(turn, input.room, (room) => outbox.add(turn, room.name, { kind: "redact", id: input.id }));
    case "reply":
      return withRoom(turn, input.room, (room) =>
        Object.assign(turn.editRoom(room.key), { replyTo: input.id, editing: "" }),
      );
    case "edit":
      return withRoom(turn, input.room, (room) =>
        Object.assign(turn.editRoom(room.key), { editing: input.id, replyTo: "" }),
      );
    case "seen":
      return readMarker.seen(turn, input.room, input.time);
    case "loadOlder":
      return chathistory.older(turn, input.room);
    case "loadGap":
      return chathistory.gap(turn, input.room, input.key);
    case "jump":
      return chathistory.jump(turn, input.room, input.id);
    case "jumpToNew":
      return chathistory.jumpToNew(turn, input.room, input.since);
    case "search":
      return search.ask(turn, input.query, input.room);
    case "closeSearch":
      turn.state.search = undefined;
      return;
    case "list":
      return list.askList(turn);
    case "whois":
      return list.askWhois(turn, input.nick);
    case "closeWhois":
      turn.state.whois = undefined;
      return;
    case "notify":
      return turn.prefer({ notify: { ...turn.state.preferences.notify, [input.room]: input.notify } });
    case "prefer":
      return turn.prefer(input.preferences);
    case "closePreview": {
      const others = turn.state.preferences.closedPreviews.filter((link) => link !== input.link);
      return turn.prefer({ closedPreviews: [...others, input.link].slice(-CLOSED_PREVIEWS_MAX) });
    }
    case "push":
      return input.on ? webpush.turnOn(turn) : webpush.turnOff(turn);
    case "dismiss":
      turn.state.notices = turn.state.notices.filter((notice) => notice.number !== input.number);
      return;
    case "declineInvitation":
      turn.state.invitations = turn.state.invitations.filter((other) => other.room !== input.room);
      return;
    case "ignore":
      commands.ignore(turn, [input.nick], input.ignore);
      for (const room of turn.state.rooms.values()) message.countUnread(turn, turn.editRoom(room.key));
      return;
    default:
      return online(turn, input);
  }
}

/** What needs a connection. */
function online(turn: Turn, input: Input): void {
  if (turn.state.stage.kind !== "ready") return turn.tell("NOT_CONNECTED", "");
  switch (input.kind) {
    case "login":
      return authenticate.logIn(turn, input.account, input.password, input.remember, input.random);
    case "register":
      return register.ask(turn, input.password, input.invitation, input.random);
    case "logout":
      webpush.turnOff(turn);
      turn.prefer({ account: "", keys: undefined });
      turn.state.login = undefined;
      // There is no way back for a connection that is logged in: the next one is a guest's.
      turn.outputs.push({ kind: "disconnect" });
      return connection.closed(turn, "");
    case "stay":
      return persistence.stay(turn, input.stays);
    case "nick":
      return turn.send({ command: "NICK", params: [input.nick] });
    case "away":
      return turn.send({ command: "AWAY", params: input.reason === "" ? [] : [input.reason], trailing: true });
    case "displayName":
      return metadata.set(turn, "display-name", input.name);
    case "avatar":
      return metadata.set(turn, "avatar", input.address);
    case "topic":
      return withRoom(turn, input.room, (room) =>
        turn.send({ command: "TOPIC", params: [room.name, input.topic], trailing: true }),
      );
    case "mode":
      return withRoom(turn, input.room, (room) =>
        turn.send({ command: "MODE", params: [room.name, input.change, ...input.params] }),
      );
    case "bans":
      return withRoom(turn, input.room, (room) => names.askBans(turn, room));
    case "ask":
      return operator.ask(turn, input.question, input.before);
    case "act":
      return operator.act(turn, input.deed);
    case "undo":
      return operator.undo(turn, input.number);
    case "invite":
      return withRoom(turn, input.room, (room) => turn.send({ command: "INVITE", params: [input.nick, room.name] }));
    case "kick":
      return withRoom(turn, input.room, (room) => kick(turn, room, input.nick, input.reason, input.ban));
  }
}

function open(turn: Turn, key: Key): void {
  const room = turn.room(key);
  if (!room) return;
  if (turn.state.active !== key) {
    const left = turn.room(turn.state.active);
    if (left) turn.editRoom(left.key).newSince = left.readUpTo;
    turn.editRoom(key).newSince = room.readUpTo;
  }
  turn.state.active = key;
  if (room.oldest === "" && !room.reachedBeginning && room.messages.length === 0) chathistory.latest(turn, key);
}

/** Leaves a channel, or puts a conversation away. */
function close(turn: Turn, key: Key): void {
  const room = turn.room(key);
  if (!room || key === SERVER) return;
  if (room.kind === "channel" && room.membership === "in") {
    return turn.send({ command: "PART", params: [room.name] });
  }
  turn.prefer({ rooms: turn.state.preferences.rooms.filter((name) => turn.fold(name) !== key) });
  turn.removeRoom(key);
}

function draft(turn: Turn, key: Key, text: string): void {
  const { [key]: before = "", ...rest } = turn.state.preferences.drafts;
  if (before === text) return;
  const drafts = text === "" ? rest : Object.fromEntries(Object.entries({ ...rest, [key]: text }).slice(-DRAFTS_MAX));
  turn.prefer({ drafts });
  if (!text.startsWith("/")) typing.write(turn, key, text.trim() === "");
}

/** Puts a sign on a message, or takes one's own back. */
function react(turn: Turn, room: Room, id: string, emoji: string): void {
  const known = room.messages[history.indexOf(room.messages, id)];
  if (!known) return;
  const isOn = (known.reactions.get(emoji) ?? []).some((nick) => turn.isMe(nick));
  outbox.add(turn, room.name, { kind: "react", id, emoji, on: !isOn });
}

function kick(turn: Turn, room: Room, nick: string, reason: string, ban: boolean): void {
  const person = turn.person(nick);
  // A host of one's own is the person; a nick can be changed.
  const isOwn = person && person.host !== "" && person.host !== "localhost" && person.host !== "127.0.0.1";
  if (ban) turn.send({ command: "MODE", params: [room.name, "+b", isOwn ? `*!*@${person.host}` : `${nick}!*@*`] });
  turn.send({
    command: "KICK",
    params: reason === "" ? [room.name, nick] : [room.name, nick, reason],
    trailing: reason !== "",
  });
}

function withRoom(turn: Turn, key: Key, what: (room: Room) => void): void {
  const room = turn.room(key);
  if (room && room.kind !== "server") what(room);
}
