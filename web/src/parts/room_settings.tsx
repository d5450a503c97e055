/** What a room is like, who may not enter it, and what one wants to hear of it. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Room } from "../state/state.ts";
import { t } from "../texts/texts.ts";
import { Choice, Dialog, Field } from "./controls.tsx";
import { usePage } from "./context.ts";
import { foldIn, isOperator } from "./names.ts";
import { Sure } from "./sure.tsx";

/** The rules that are shown, where the server has them. */
const RULES = ["i", "m", "M", "R", "s", "t", "W"] as const;
/** Of these the meaning differs from server to server: only where ours says so. */
const OURS: readonly string[] = ["M", "R", "W"];
const BANS_DRAWN_MAX = 100;

export function RoomDialog({ room, onClose }: { room: Room; onClose: () => void }): VNode {
  const { state, tell } = usePage();
  const now = state.value;
  const isMine = isOperator(now, room.members.get(foldIn(now, now.me.nick))) || now.me.modes.includes("o");
  const isIn = room.kind === "channel" && room.membership === "in";
  useEffect(() => {
    if (room.kind !== "channel") return;
    tell({ kind: "mode", room: room.key, change: "+", params: [] });
    if (isMine && isIn) tell({ kind: "bans", room: room.key });
  }, []);
  return (
    <Dialog title={room.name} onClose={onClose}>
      <Choice
        label={t("room.notify")}
        value={now.preferences.notify[room.key] ?? "mentions"}
        options={[
          ["all", t("notify.all")],
          ["mentions", t("notify.mentions")],
          ["nothing", t("notify.nothing")],
        ]}
        onChange={(value) => tell({ kind: "notify", room: room.key, notify: value })}
      />
      {isIn && <TopicForm room={room} mayChange={isMine || !room.modes.includes("t")} />}
      {isIn && <InviteForm room={room} />}
      {isIn && isMine && <Rules room={room} />}
      {isIn && isMine && <Bans room={room} />}
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

function TopicForm({ room, mayChange }: { room: Room; mayChange: boolean }): VNode {
  const { tell } = usePage();
  const [topic, setTopic] = useState(room.topic);
  return (
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
        hint={mayChange ? undefined : t("room.topicOperators")}
      />
      <button type="submit" disabled={!mayChange || topic === room.topic}>
        {t("save")}
      </button>
    </form>
  );
}

function InviteForm({ room }: { room: Room }): VNode {
  const { tell } = usePage();
  const [nick, setNick] = useState("");
  return (
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
  );
}

function Rules({ room }: { room: Room }): VNode {
  const { state, tell } = usePage();
  const { offered, isupport } = state.value.server;
  const letters = isupport.get("CHANMODES") ?? "";
  const shown = RULES.filter(
    (letter) => letters.includes(letter) && (!OURS.includes(letter) || offered.has("loggia.chat/delivery")),
  );
  const set = (letter: string) => (value: string) =>
    tell({ kind: "mode", room: room.key, change: `${value === "yes" ? "+" : "-"}${letter}`, params: [] });
  return (
    <fieldset>
      <legend>{t("room.rules")}</legend>
      {shown.map((letter) => (
        <Choice
          key={letter}
          label={t(`mode.${letter}`)}
          value={room.modes.includes(letter) ? "yes" : "no"}
          options={[
            ["yes", t("yes")],
            ["no", t("no")],
          ]}
          onChange={set(letter)}
        />
      ))}
    </fieldset>
  );
}

/** Who may not enter, each to be let in again. */
function Bans({ room }: { room: Room }): VNode | null {
  const { tell } = usePage();
  const bans = room.bans ?? [];
  if (bans.length === 0) return null;
  return (
    <section aria-label={t("room.bans")}>
      <h3>{t("room.bans")}</h3>
      <ul class="admin-list">
        {bans.slice(0, BANS_DRAWN_MAX).map(({ mask, by }) => (
          <li key={mask}>
            <bdi class="admin-name">{mask}</bdi>
            {by !== "" && <span class="admin-about">{t("invitation.by", { account: by })}</span>}
            <div class="admin-acts">
              <Sure
                label={t("admin.unban")}
                question={t("admin.unbanSure", { what: mask })}
                onSure={() => tell({ kind: "mode", room: room.key, change: "-b", params: [mask] })}
              />
            </div>
          </li>
        ))}
      </ul>
      {bans.length > BANS_DRAWN_MAX && (
        <p class="hint">{t("room.moreBans", { count: bans.length - BANS_DRAWN_MAX })}</p>
      )}
    </section>
  );
}
