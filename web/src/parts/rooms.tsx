/** The list of rooms and people, with what is unread in each. */

import type { VNode } from "preact";
import * as operator from "../state/features/operator.ts";
import type { Room, State } from "../state/state.ts";
import { plural, t } from "../texts/texts.ts";
import { Avatar, IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { foldIn } from "./names.ts";

export function Rooms(): VNode {
  const { state, tell, view, network } = usePage();
  const { rooms, active, me, invitations, stage } = state.value;
  const all = [...rooms.values()];
  const byName = (one: Room, other: Room): number => one.name.localeCompare(other.name);
  const channels = all.filter((room) => room.kind === "channel").sort(byName);
  const people = all.filter((room) => room.kind === "person").sort(byName);
  const server = all.find((room) => room.kind === "server");
  const myself = state.value.people.get(foldIn(state.value, me.nick));
  const open = (room: Room): void => {
    tell({ kind: "open", room: room.key });
    view.sidebar.value = false;
  };
  const list = (label: string, entries: readonly Room[]): VNode => (
    <section>
      <h2>{label}</h2>
      <ul>
        {entries.map((room) => (
          <li key={room.key}>
            <RoomButton room={room} state={state.value} isActive={room.key === active} onOpen={() => open(room)} />
          </li>
        ))}
      </ul>
    </section>
  );
  return (
    <nav class="rooms" aria-label={t("rooms.label")}>
      <header class="rooms-head">
        <strong class="rooms-network">{network}</strong>
        <IconButton icon="plus" label={t("rooms.add")} onClick={() => (view.dialog.value = { kind: "rooms" })} />
        <IconButton icon="close" class="only-narrow" label={t("close")} onClick={() => (view.sidebar.value = false)} />
      </header>
      <div class="rooms-lists">
        {invitations.map((invitation) => (
          <div key={invitation.room} class="invitation">
            <p>{t("rooms.invited", { by: invitation.by, room: invitation.room })}</p>
            <button type="button" class="small primary" onClick={() => tell({ kind: "join", name: invitation.room })}>
              {t("rooms.accept")}
            </button>
            <button
              type="button"
              class="small"
              onClick={() => tell({ kind: "declineInvitation", room: invitation.room })}
            >
              {t("rooms.decline")}
            </button>
          </div>
        ))}
        {list(t("rooms.channels"), channels)}
        {people.length > 0 && list(t("rooms.people"), people)}
        {server && list(t("rooms.server"), [server])}
      </div>
      <footer class="rooms-foot">
        <button type="button" class="me" onClick={() => (view.dialog.value = { kind: "settings" })}>
          <Avatar name={me.nick || state.value.preferences.nick} size="small" address={myself?.avatar} />
          <span class="me-name">
            <bdi>{me.nick || state.value.preferences.nick}</bdi>
            <small>
              {stage.kind !== "ready"
                ? t("me.offline")
                : me.account !== ""
                  ? t("me.account", { account: me.account })
                  : t("me.guest")}
            </small>
          </span>
          <span class="visually-hidden">{t("me.settings")}</span>
        </button>
        {operator.isOperator(state.value) && (
          <IconButton icon="shield" label={t("admin.title")} onClick={() => (view.dialog.value = { kind: "admin" })} />
        )}
        {me.account === "" && stage.kind === "ready" && state.value.server.offered.has("sasl") && (
          <button type="button" class="small" onClick={() => (view.dialog.value = { kind: "account", tab: "login" })}>
            {t("me.login")}
          </button>
        )}
      </footer>
    </nav>
  );
}

interface RoomButtonProps {
  readonly room: Room;
  readonly state: State;
  readonly isActive: boolean;
  readonly onOpen: () => void;
}

function RoomButton({ room, state, isActive, onOpen }: RoomButtonProps): VNode {
  const isRead = isActive && state.visible;
  const isMuted = state.preferences.notify[room.key] === "nothing";
  const unread = isRead || isMuted ? 0 : room.unread;
  const mentions = isRead || isMuted ? 0 : room.mentions;
  const hasDraft = !isActive && state.preferences.drafts[room.key] !== undefined;
  const person = room.kind === "person" ? state.people.get(foldIn(state, room.name)) : undefined;
  const name = room.kind === "server" ? t("rooms.serverMessages") : person?.displayName || room.name;
  const classes = ["room", unread > 0 ? "unread" : "", isMuted ? "muted" : "", room.membership === "out" ? "out" : ""];
  return (
    <button type="button" class={classes.join(" ")} aria-current={isActive ? "page" : undefined} onClick={onOpen}>
      {room.kind === "person" ? (
        <span class="with-presence">
          <Avatar name={room.name} size="small" address={person?.avatar} />
          {person?.online !== undefined && (
            <span class={`presence ${person.online ? (person.away ? "away" : "here") : "gone"}`} />
          )}
        </span>
      ) : (
        <span class="room-sign" aria-hidden="true">
          {room.kind === "channel" ? "#" : "·"}
        </span>
      )}
      <bdi class="room-name">{room.kind === "channel" ? name.replace(/^[#&]/, "") : name}</bdi>
      {hasDraft && <span class="draft-mark">{t("rooms.draft")}</span>}
      {mentions > 0 ? (
        <span class="count mentions">
          {mentions > 99 ? "99+" : mentions}
          <span class="visually-hidden"> {plural("rooms.mentions", mentions)}</span>
        </span>
      ) : (
        unread > 0 && (
          <span class="count">
            {unread > 99 ? "99+" : unread}
            <span class="visually-hidden"> {plural("rooms.unread", unread)}</span>
          </span>
        )
      )}
    </button>
  );
}
