/** The windows over the page. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NAMES } from "../state/commands.ts";
import type { Room } from "../state/state.ts";
import { plain } from "../text/format.ts";
import { maybe, plural, t } from "../texts/texts.ts";
import { AccountDialog } from "./account.tsx";
import { AdminDialog } from "./admin.tsx";
import { Dialog, Field } from "./controls.tsx";
import { usePage } from "./context.ts";
import { isOperator } from "../state/features/operator.ts";
import { InvitationForm, JoinLink } from "./invitation.tsx";
import { refusalText } from "./refusals.ts";
import { RoomDialog } from "./room_settings.tsx";
import { Settings } from "./settings.tsx";

export function Dialogs(): VNode | null {
  const { state, view } = usePage();
  const dialog = view.dialog.value;
  const close = (): void => {
    view.dialog.value = undefined;
  };
  if (state.value.whois) return <WhoisDialog />;
  if (!dialog) return null;
  switch (dialog.kind) {
    case "settings":
      return <Settings onClose={close} />;
    case "account":
      return <AccountDialog tab={dialog.tab} onClose={close} />;
    case "rooms":
      return <RoomsDialog onClose={close} />;
    case "help":
      return <HelpDialog onClose={close} />;
    case "admin":
      return <AdminDialog onClose={close} />;
    case "room":
    case "share": {
      const room = state.value.rooms.get(dialog.room);
      if (!room) return null;
      return dialog.kind === "room" ? (
        <RoomDialog room={room} onClose={close} />
      ) : (
        <ShareDialog room={room} onClose={close} />
      );
    }
  }
}

/** Enter a room, or make one. */
function RoomsDialog({ onClose }: { onClose: () => void }): VNode {
  const { state, tell } = usePage();
  const { listing } = state.value;
  const [name, setName] = useState("");
  useEffect(() => tell({ kind: "list" }), []);
  const join = (wanted: string): void => {
    tell({ kind: "join", name: wanted });
    onClose();
  };
  const clean = name.trim().replace(/\s+/g, "-");
  const found = listing?.channels.filter((channel) => channel.name.toLowerCase().includes(clean.toLowerCase())) ?? [];
  return (
    <Dialog title={t("join.title")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (clean !== "") join(clean);
        }}
      >
        <Field label={t("join.name")} value={name} onInput={setName} hint={t("join.hint")} maxLength={60} />
        <button type="submit" class="primary" disabled={clean === ""}>
          {t("join.enter")}
        </button>
      </form>
      <ul class="channel-list">
        {found.slice(0, 100).map((channel) => (
          <li key={channel.name}>
            <button type="button" onClick={() => join(channel.name)}>
              <bdi class="channel-name">{channel.name}</bdi>
              <small>{plural("members.count", channel.members)}</small>
              {channel.topic !== "" && (
                <span class="channel-topic" dir="auto">
                  {plain(channel.topic)}
                </span>
              )}
            </button>
          </li>
        ))}
      </ul>
      {listing?.status === "done" && found.length === 0 && <p class="hint">{t("join.none")}</p>}
    </Dialog>
  );
}

/** A link, and a code for cameras, by which others come into this room; operators of the server also make invitations. */
function ShareDialog({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const { state } = usePage();
  const { offered } = state.value.server;
  return (
    <Dialog title={t("share.title")} onClose={onClose}>
      <p>{t("share.text", { room: room.name })}</p>
      <JoinLink room={room.name} />
      {isOperator(state.value) && offered.has("loggia.chat/invite") && (
        <section aria-label={t("invitation.title")}>
          <h3>{t("invitation.title")}</h3>
          <p class="hint">{t("admin.invitationsAbout")}</p>
          <InvitationForm room={room.name} />
        </section>
      )}
    </Dialog>
  );
}

function WhoisDialog(): VNode | null {
  const { state, tell } = usePage();
  const { whois } = state.value;
  if (!whois) return null;
  const entries = whois.lines.map((line) => ({
    label: maybe(`whois.${line.code}`),
    text: line.params.join(" "),
    code: line.code,
  }));
  const refusal = state.value.notices.find((notice) => notice.code === "401");
  return (
    <Dialog title={whois.nick} onClose={() => tell({ kind: "closeWhois" })}>
      {whois.lines.length === 0 && <p>{refusal ? refusalText(refusal) : t("whois.asking")}</p>}
      <dl class="whois">
        {entries.map((entry, index) => (
          <div key={`${index}`}>
            <dt>{entry.label ?? ""}</dt>
            <dd dir="auto">{entry.text}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  );
}

function HelpDialog({ onClose }: { onClose: () => void }): VNode {
  return (
    <Dialog title={t("help.title")} onClose={onClose} wide>
      <p>{t("help.text")}</p>
      <dl class="help-list">
        {NAMES.map((name) => (
          <div key={name}>
            <dt>
              <code>/{name}</code>
            </dt>
            <dd>{maybe(`help.${name}`)}</dd>
          </div>
        ))}
      </dl>
      <h3>{t("help.keys")}</h3>
      <p>{t("help.keysText")}</p>
    </Dialog>
  );
}
