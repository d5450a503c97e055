/** Who is in the room: their rank, whether they are away, and what one can do about them. */

import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { memo } from "preact/compat";
import { useCallback, useMemo, useState } from "preact/hooks";
import type { Key, Member, Room } from "../state/state.ts";
import { plural, t } from "../texts/texts.ts";
import { Avatar, Field, Filter, IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { foldIn, isOperator, rankOf, type Rank } from "./names.ts";
import { Sure } from "./sure.tsx";

/** More than these are not drawn at once; the filter finds the others. */
const DRAWN_MAX = 300;
const ORDER: readonly Rank[] = ["owner", "admin", "operator", "halfop", "voice", "none"];

export function Members({ room }: { room: Room }): VNode {
  const { view } = usePage();
  const [filter, setFilter] = useState("");
  const [open, setOpen] = useState("");
  const toggle = useCallback((nick: string) => setOpen((before) => (before === nick ? "" : nick)), []);
  const sorted = useMemo(() => {
    const place = (member: Member): number => ORDER.indexOf(rankOf(member));
    return [...room.members.values()].sort(
      (one, other) => place(one) - place(other) || one.nick.localeCompare(other.nick),
    );
  }, [room.members]);
  const wanted = filter.toLowerCase();
  const shown = sorted.filter((member) => member.nick.toLowerCase().includes(wanted));
  return (
    <aside class="members" aria-label={t("members.label")}>
      <header class="members-head">
        <h2>{plural("members.count", room.members.size)}</h2>
        <IconButton icon="close" label={t("close")} onClick={() => (view.members.value = false)} />
      </header>
      {room.members.size > 12 && <Filter label={t("members.filter")} value={filter} onInput={setFilter} />}
      <ul>
        {shown.slice(0, DRAWN_MAX).map((member) => (
          <li key={member.nick}>
            <MemberLine member={member} room={room.key} isOpen={open === member.nick} onToggle={toggle} />
          </li>
        ))}
      </ul>
      {shown.length > DRAWN_MAX && <p class="hint">{t("members.more", { count: shown.length - DRAWN_MAX })}</p>}
    </aside>
  );
}

interface MemberLineProps {
  readonly member: Member;
  readonly room: Key;
  readonly isOpen: boolean;
  readonly onToggle: (nick: string) => void;
}

/** Drawn anew when something of this member changes, and not with every message. */
const MemberLine = memo(function MemberLine({ member, room, isOpen, onToggle }: MemberLineProps): VNode {
  const { state } = usePage();
  const person = useComputed(() => state.value.people.get(foldIn(state.value, member.nick))).value;
  const rank = rankOf(member);
  return (
    <>
      <button
        type="button"
        class={`member ${person?.away ? "is-away" : ""}`}
        aria-expanded={isOpen}
        onClick={() => onToggle(member.nick)}
      >
        <span class="with-presence">
          <Avatar name={member.nick} size="small" address={person?.avatar} />
          <span class={`presence ${person?.away ? "away" : "here"}`} />
        </span>
        <bdi class="member-name">{person?.displayName || member.nick}</bdi>
        {person?.bot && <span class="badge">{t("members.bot")}</span>}
        {rank !== "none" && <span class="badge">{t(`rank.${rank}`)}</span>}
        {person?.away && <span class="visually-hidden">{t("members.away")}</span>}
      </button>
      {isOpen && <MemberMenu member={member} room={room} />}
    </>
  );
});

function MemberMenu({ member, room: key }: { member: Member; room: Key }): VNode | null {
  const { state, tell, view } = usePage();
  const now = state.value;
  const nick = member.nick;
  const isMe = foldIn(now, nick) === foldIn(now, now.me.nick);
  const [reason, setReason] = useState("");
  const room = now.rooms.get(key);
  if (!room) return null;
  const mine = room.members.get(foldIn(now, now.me.nick));
  const mayModerate = isOperator(now, mine) || now.me.modes.includes("o");
  const isIgnored = now.preferences.ignored.includes(foldIn(now, nick));
  const item = (label: string, act: () => void): VNode => (
    <button type="button" onClick={act}>
      {label}
    </button>
  );
  const mode = (change: string): void => tell({ kind: "mode", room: room.key, change, params: [nick] });
  const kick = (ban: boolean): void => tell({ kind: "kick", room: room.key, nick, reason: reason.trim(), ban });
  const why = <Field label={t("reason")} value={reason} onInput={setReason} maxLength={200} />;
  return (
    <div class="member-menu">
      {!isMe &&
        item(t("members.message"), () => {
          tell({ kind: "openPerson", nick });
          if (matchMedia("(max-width: 60rem)").matches) view.members.value = false;
        })}
      {item(t("members.whois"), () => tell({ kind: "whois", nick }))}
      {!isMe &&
        item(isIgnored ? t("members.unignore") : t("members.ignore"), () =>
          tell({ kind: "ignore", nick, ignore: !isIgnored }),
        )}
      {mayModerate && (
        <>
          {member.ranks.includes("o")
            ? item(t("members.deop"), () => mode("-o"))
            : item(t("members.op"), () => mode("+o"))}
          {member.ranks.includes("v")
            ? item(t("members.unvoice"), () => mode("-v"))
            : item(t("members.voice"), () => mode("+v"))}
          {!isMe && (
            <>
              <Sure
                class=""
                label={t("members.kick")}
                question={t("members.kickSure", { nick })}
                onSure={() => kick(false)}
              >
                {why}
              </Sure>
              <Sure
                class=""
                label={t("members.ban")}
                question={t("members.banSure", { nick })}
                onSure={() => kick(true)}
              >
                {why}
              </Sure>
            </>
          )}
        </>
      )}
    </div>
  );
}
