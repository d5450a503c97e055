/** The page: the form at first, then rooms, conversation and people beside each other. */

import type { VNode } from "preact";
import { useEffect } from "preact/hooks";
import { language, maybe, t } from "../texts/texts.ts";
import { Conversation } from "./conversation.tsx";
import { IconButton } from "./controls.tsx";
import { activeRoom, type Page, PageContext, usePage } from "./context.ts";
import { Dialogs } from "./dialogs.tsx";
import { Members } from "./members.tsx";
import { NameForm } from "./name_form.tsx";
import { Rooms } from "./rooms.tsx";
import { SearchPanel } from "./search_panel.tsx";

export function App({ page }: { page: Page }): VNode {
  return (
    <PageContext.Provider value={page}>
      <Screens />
    </PageContext.Provider>
  );
}

function Screens(): VNode {
  const { state, view, network } = usePage();
  const now = state.value;
  const { language: chosen, theme } = now.preferences;
  language.value = chosen;
  useEffect(() => {
    document.documentElement.lang = chosen;
    document.documentElement.dataset.theme = theme;
  }, [chosen, theme]);
  const unread = [...now.rooms.values()].reduce(
    (sum, room) => sum + (now.preferences.notify[room.key] === "nothing" ? 0 : room.mentions),
    0,
  );
  const room = activeRoom(now);
  useEffect(() => {
    const name = room && room.kind !== "server" ? `${room.name} · ${network}` : network;
    document.title = unread > 0 ? `(${unread}) ${name}` : name;
  }, [unread, room?.name]);
  const hasBeenIn = [...now.rooms.values()].some((other) => other.kind !== "server");
  const isOutside =
    now.stage.kind === "unnamed" || now.stage.kind === "refused" || (!hasBeenIn && now.stage.kind !== "ready");
  if (isOutside || !room) {
    return (
      <>
        <NameForm />
        <Notices />
      </>
    );
  }
  return (
    <div
      class={`app ${view.sidebar.value ? "with-sidebar" : ""} ${view.members.value && room.kind === "channel" ? "with-members" : ""}`}
    >
      <a class="skip" href="#composer">
        {t("skip")}
      </a>
      <Rooms />
      {view.sidebar.value && (
        <button type="button" class="shade" aria-label={t("close")} onClick={() => (view.sidebar.value = false)} />
      )}
      <Conversation room={room} />
      {view.search.value ? (
        <SearchPanel room={room} />
      ) : (
        view.members.value && room.kind === "channel" && <Members room={room} />
      )}
      <Dialogs />
      <Notices />
    </div>
  );
}

/** What the server has said to nobody in particular. */
function Notices(): VNode {
  const { state, tell } = usePage();
  return (
    <div class="notices" role="status">
      {state.value.notices.map((notice) => (
        <p key={notice.number} class="notice-card">
          <span dir="auto">
            {maybe(`notice.${notice.code}`, { text: notice.text }) ??
              maybe(`refusal.${notice.code}`, { text: notice.text }) ??
              notice.text}
          </span>
          <IconButton
            icon="close"
            label={t("close")}
            onClick={() => tell({ kind: "dismiss", number: notice.number })}
          />
        </p>
      ))}
    </div>
  );
}
