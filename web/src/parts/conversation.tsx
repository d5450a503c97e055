/** The room that is shown: its head, what was said, and where one writes. */

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../state/state.ts";
import { isOffered } from "../state/features/search.ts";
import { plain, spans } from "../text/format.ts";
import { t } from "../texts/texts.ts";
import { Composer } from "./composer.tsx";
import { ConnectionLine } from "./connection_line.tsx";
import { IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { Inline } from "./formatted.tsx";
import { MessageList } from "./message_list.tsx";
import { foldIn } from "./names.ts";

export function Conversation({ room }: { room: Room }): VNode {
  const { state, tell } = usePage();
  return (
    <main class="conversation">
      <Head room={room} />
      <ConnectionLine />
      <MessageList key={room.key} room={room} state={state.value} tell={tell} />
      <Announcer room={room} />
      {room.kind === "server" ? null : room.membership === "out" ? (
        <div class="composer">
          <p class="composer-note">
            {t("room.notIn")}
            <button type="button" class="small primary" onClick={() => tell({ kind: "join", name: room.name })}>
              {t("room.enter")}
            </button>
          </p>
        </div>
      ) : (
        <Composer room={room} />
      )}
    </main>
  );
}

function Head({ room }: { room: Room }): VNode {
  const { state, view } = usePage();
  const now = state.value;
  const person = room.kind === "person" ? now.people.get(foldIn(now, room.name)) : undefined;
  const title = room.kind === "server" ? t("rooms.serverMessages") : person?.displayName || room.name;
  const unread = [...now.rooms.values()].reduce((sum, other) => sum + (other.key === room.key ? 0 : other.mentions), 0);
  const about =
    room.kind === "channel"
      ? room.topic
      : person?.online === false
        ? t("person.offline")
        : person?.away
          ? t("members.away")
          : "";
  return (
    <header class="head">
      <IconButton
        icon="menu"
        class="only-narrow"
        label={unread > 0 ? t("head.roomsUnread", { count: unread }) : t("head.rooms")}
        onClick={() => (view.sidebar.value = true)}
      />
      <div class="head-words">
        <h1>
          <bdi>{title}</bdi>
        </h1>
        {about !== "" && (
          <p class="topic" title={plain(about)} dir="auto">
            <Inline spans={spans(about, now.me.nick)} />
          </p>
        )}
      </div>
      {isOffered(now.server.enabled) && (
        <IconButton
          icon="search"
          label={t("search.title")}
          pressed={view.search.value}
          onClick={() => (view.search.value = !view.search.value)}
        />
      )}
      {room.kind === "channel" && (
        <>
          <IconButton
            icon="link"
            label={t("share.title")}
            onClick={() => (view.dialog.value = { kind: "share", room: room.key })}
          />
          <IconButton
            icon="people"
            label={t("members.label")}
            pressed={view.members.value}
            onClick={() => (view.members.value = !view.members.value)}
          />
        </>
      )}
      {room.kind !== "server" && (
        <IconButton
          icon="more"
          label={t("room.settings")}
          onClick={() => (view.dialog.value = { kind: "room", room: room.key })}
        />
      )}
    </header>
  );
}

/** Reads new messages out to those who listen. */
function Announcer({ room }: { room: Room }): VNode {
  const last = room.messages.at(-1);
  const before = useRef(last);
  const [text, setText] = useState("");
  useEffect(() => {
    if (
      last &&
      last !== before.current &&
      !last.own &&
      last.kind !== "event" &&
      before.current !== undefined &&
      last.time >= before.current.time
    ) {
      setText(t("list.said", { nick: last.nick, text: plain(last.text) }));
    }
    before.current = last;
  }, [last]);
  return (
    <div class="visually-hidden" aria-live="polite">
      {text}
    </div>
  );
}
