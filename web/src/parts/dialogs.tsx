/** The windows over the page. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { NAMES } from "../state/commands.ts";
import type { Room } from "../state/state.ts";
import { plain } from "../text/format.ts";
import { maybe, plural, t } from "../texts/texts.ts";
import { AccountDialog } from "./account.tsx";
import { Choice, Dialog, Field } from "./controls.tsx";
import { usePage } from "./context.ts";
import { foldIn, isOperator } from "./names.ts";
import { refusalText } from "./refusals.ts";
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

/** What a room is like, and what one wants to hear of it. */
function RoomDialog({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const { state, tell } = usePage();
  const now = state.value;
  const [topic, setTopic] = useState(room.topic);
  const [nick, setNick] = useState("");
  const isMine = isOperator(now, room.members.get(foldIn(now, now.me.nick))) || now.me.modes.includes("o");
  const mayTopic = isMine || !room.modes.includes("t");
  useEffect(() => {
    if (room.kind === "channel") tell({ kind: "mode", room: room.key, change: "+", params: [] });
  }, []);
  const notify = now.preferences.notify[room.key] ?? "mentions";
  const mode = (letter: string) => (value: string) =>
    tell({ kind: "mode", room: room.key, change: `${value === "yes" ? "+" : "-"}${letter}`, params: [] });
  const yesNo = [
    ["yes", t("yes")],
    ["no", t("no")],
  ] as const;
  return (
    <Dialog title={room.name} onClose={onClose}>
      <Choice
        label={t("room.notify")}
        value={notify}
        options={[
          ["all", t("notify.all")],
          ["mentions", t("notify.mentions")],
          ["nothing", t("notify.nothing")],
        ]}
        onChange={(value) => tell({ kind: "notify", room: room.key, notify: value })}
      />
      {room.kind === "channel" && room.membership === "in" && (
        <>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              tell({ kind: "topic", room: room.key, topic });
            }}
          >
            <Field
              label={t("room.topic")}
              value={topic}
              onInput={setTopic}
              hint={mayTopic ? undefined : t("room.topicOperators")}
            />
            <button type="submit" disabled={!mayTopic || topic === room.topic}>
              {t("save")}
            </button>
          </form>
          <form
            onSubmit={(event) => {
              event.preventDefault();
              if (nick.trim() === "") return;
              tell({ kind: "invite", room: room.key, nick: nick.trim() });
              setNick("");
            }}
          >
            <Field label={t("room.invite")} value={nick} onInput={setNick} />
            <button type="submit" disabled={nick.trim() === ""}>
              {t("room.inviteSend")}
            </button>
          </form>
        </>
      )}
      {room.kind === "channel" && isMine && (
        <fieldset>
          <legend>{t("room.rules")}</legend>
          {(["i", "m", "s", "t"] as const).map((letter) => (
            <Choice
              key={letter}
              label={t(`mode.${letter}`)}
              value={room.modes.includes(letter) ? "yes" : "no"}
              options={yesNo}
              onChange={mode(letter)}
            />
          ))}
        </fieldset>
      )}
      <button
        type="button"
        class="danger"
        onClick={() => {
          tell({ kind: "close", room: room.key });
          onClose();
        }}
      >
        {room.kind === "channel" ? t("room.leave") : t("room.close")}
      </button>
    </Dialog>
  );
}

/** A link, and a code for cameras, by which others come into this room. */
function ShareDialog({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const { address } = usePage();
  const [isCopied, setCopied] = useState(false);
  const link = `${address}/#join?room=${encodeURIComponent(room.name)}`;
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      // Unencrypted pages have no clipboard: the link can be selected.
      setCopied(false);
    }
  };
  return (
    <Dialog title={t("share.title")} onClose={onClose}>
      <p>{t("share.text", { room: room.name })}</p>
      <img
        class="code"
        src={`/invite.svg?room=${encodeURIComponent(room.name)}`}
        alt={t("share.code", { room: room.name })}
      />
      <input
        class="share-link"
        readOnly
        value={link}
        aria-label={t("share.link")}
        onFocus={(event) => event.currentTarget.select()}
      />
      {window.isSecureContext && (
        <button type="button" class="primary" onClick={copy}>
          {isCopied ? t("share.copied") : t("share.copy")}
        </button>
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
