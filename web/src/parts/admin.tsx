/** What operators of the server look after. Every button sends a command that any IRC client can send; docs/moderation.md. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as operator from "../state/features/operator.ts";
import type { Act, Answer, Deed, Question } from "../state/state.ts";
import { plain } from "../text/format.ts";
import { dayAndClock, plural, t } from "../texts/texts.ts";
import { Files } from "./admin_files.tsx";
import { Choice, Dialog, Field, Filter } from "./controls.tsx";
import { usePage } from "./context.ts";
import { InvitationForm } from "./invitation.tsx";
import { refusalText } from "./refusals.ts";
import { Sure } from "./sure.tsx";

const SECTIONS: readonly Question[] = ["people", "rooms", "bans", "invitations", "files", "raid", "journal"];
/** More than these are not drawn at once; the filter finds the others. */
const DRAWN_MAX = 200;

export function AdminDialog({ onClose }: { onClose: () => void }): VNode {
  const { state, tell } = usePage();
  const [section, setSection] = useState<Question>("people");
  useEffect(() => tell({ kind: "ask", question: section }), [section]);
  const answer = state.value.operator.answers.get(section);
  return (
    <Dialog title={t("admin.title")} onClose={onClose} wide>
      <nav class="admin-sections" aria-label={t("admin.sections")}>
        {SECTIONS.map((name) => (
          <button
            key={name}
            type="button"
            class="small"
            aria-current={name === section ? "page" : undefined}
            onClick={() => setSection(name)}
          >
            {t(`admin.${name}`)}
          </button>
        ))}
      </nav>
      <p class="hint" role="status">
        {about(section, answer)}
      </p>
      {section === "people" && <People answer={answer} />}
      {section === "rooms" && <RoomList answer={answer} />}
      {section === "bans" && <Bans answer={answer} />}
      {section === "invitations" && <Invitations answer={answer} />}
      {section === "files" && <Files answer={answer} />}
      {section === "raid" && <Raid answer={answer} />}
      {section === "journal" && <Journal answer={answer} />}
      <Acts />
    </Dialog>
  );
}

function about(section: Question, answer: Answer | undefined): string {
  const refusal = answer?.status === "failed" ? answer.refusal : undefined;
  if (!refusal) return t(`admin.${section}About`);
  return section === "files" && refusal.code === "DISABLED" ? t("admin.filesOff") : refusalText(refusal);
}

interface SectionProps {
  readonly answer: Answer | undefined;
}

/** A reason, and for how long: what is asked before somebody is kept away. */
function useBan(): { duration: string; reason: string; fields: VNode } {
  const [duration, setDuration] = useState("1d");
  const [reason, setReason] = useState("");
  const fields = (
    <>
      <Choice
        label={t("admin.duration")}
        value={duration}
        options={[
          ["1h", t("duration.1h")],
          ["1d", t("duration.1d")],
          ["1w", t("duration.1w")],
          ["", t("duration.ever")],
        ]}
        onChange={setDuration}
      />
      <Field label={t("reason")} value={reason} onInput={setReason} maxLength={200} />
    </>
  );
  return { duration, reason: reason.trim(), fields };
}

function People({ answer }: SectionProps): VNode {
  const [filter, setFilter] = useState("");
  const people = (answer?.lines ?? [])
    .filter((line) => line.command === "354" && line.params[1] === "2")
    .map(({ params }) => ({
      user: params[2] ?? "",
      host: params[3] ?? "",
      nick: params[4] ?? "",
      isOperator: (params[5] ?? "").includes("*"),
      account: params[6] === "0" ? "" : (params[6] ?? ""),
      name: params[7] ?? "",
    }));
  const wanted = filter.toLowerCase();
  const found = people.filter((one) =>
    `${one.nick} ${one.user}@${one.host} ${one.account}`.toLowerCase().includes(wanted),
  );
  return (
    <>
      <Filter label={t("admin.filter")} value={filter} onInput={setFilter} />
      <p>{plural("members.count", found.length)}</p>
      <ul class="admin-list">
        {found.slice(0, DRAWN_MAX).map((one) => (
          <li key={one.nick}>
            <bdi class="admin-name">{one.nick}</bdi>
            {one.isOperator && <span class="badge">{t("whois.313")}</span>}
            <span class="admin-about" dir="auto">
              {one.user}@{one.host} {one.account !== "" && t("admin.account", { account: one.account })}{" "}
              {plain(one.name)}
            </span>
            <PersonActs nick={one.nick} account={one.account} />
          </li>
        ))}
      </ul>
      {found.length > DRAWN_MAX && <p class="hint">{t("members.more", { count: found.length - DRAWN_MAX })}</p>}
    </>
  );
}

function PersonActs({ nick, account }: { nick: string; account: string }): VNode | null {
  const { state, tell } = usePage();
  const ban = useBan();
  const [why, setWhy] = useState("");
  if (nick === state.value.me.nick) return null;
  const act = (deed: Deed): void => tell({ kind: "act", deed });
  return (
    <div class="admin-acts">
      <Sure
        label={t("admin.disconnect")}
        question={t("admin.disconnectSure", { nick })}
        onSure={() => act({ kind: "disconnect", nick, reason: why.trim() })}
      >
        <Field label={t("reason")} value={why} onInput={setWhy} maxLength={200} />
      </Sure>
      <Sure
        label={t("admin.ban")}
        question={t("admin.banSure", { what: nick })}
        onSure={() => act({ kind: "ban", what: nick, duration: ban.duration, reason: ban.reason })}
      >
        {ban.fields}
      </Sure>
      {account !== "" && (
        <Sure
          label={t("admin.banAccount")}
          question={t("admin.banSure", { what: account })}
          onSure={() => act({ kind: "ban", what: `account:${account}`, duration: ban.duration, reason: ban.reason })}
        >
          {ban.fields}
        </Sure>
      )}
    </div>
  );
}

function RoomList({ answer }: SectionProps): VNode {
  const { tell, view } = usePage();
  const [filter, setFilter] = useState("");
  const rooms = (answer?.lines ?? [])
    .filter((line) => line.command === "322")
    .map(({ params }) => ({ name: params[1] ?? "", members: Number(params[2]) || 0, topic: params[3] ?? "" }))
    .filter((room) => room.name.toLowerCase().includes(filter.toLowerCase()));
  return (
    <>
      <Filter label={t("admin.filter")} value={filter} onInput={setFilter} />
      <ul class="admin-list">
        {rooms.slice(0, DRAWN_MAX).map((room) => (
          <li key={room.name}>
            <bdi class="admin-name">{room.name}</bdi>
            <span class="admin-about" dir="auto">
              {plural("members.count", room.members)} {plain(room.topic)}
            </span>
            <div class="admin-acts">
              <button
                type="button"
                class="small"
                onClick={() => {
                  tell({ kind: "join", name: room.name });
                  view.dialog.value = undefined;
                }}
              >
                {t("admin.enter")}
              </button>
              <Rename room={room.name} />
            </div>
          </li>
        ))}
      </ul>
      {rooms.length > DRAWN_MAX && <p class="hint">{t("members.more", { count: rooms.length - DRAWN_MAX })}</p>}
    </>
  );
}

function Rename({ room }: { room: string }): VNode {
  const { tell } = usePage();
  const [name, setName] = useState(room);
  const clean = name.trim().replace(/\s+/g, "-");
  return (
    <Sure
      label={t("admin.rename")}
      question={t("admin.renameSure", { room })}
      onSure={() => {
        if (clean !== "" && clean !== room) tell({ kind: "act", deed: { kind: "rename", room, name: clean } });
      }}
    >
      <Field label={t("admin.newName")} value={name} onInput={setName} maxLength={60} />
    </Sure>
  );
}

function Bans({ answer }: SectionProps): VNode {
  const { tell } = usePage();
  const [what, setWhat] = useState("");
  const ban = useBan();
  const bans = operator.bansIn(answer, Date.now());
  const clean = what.trim();
  return (
    <>
      <form class="admin-form" onSubmit={(event) => event.preventDefault()}>
        <Field label={t("admin.banWhat")} value={what} onInput={setWhat} hint={t("admin.banHint")} maxLength={200} />
      </form>
      <div class="admin-acts">
        <Sure
          label={t("admin.ban")}
          question={t("admin.banSure", { what: clean })}
          disabled={clean === "" || /\s/.test(clean)}
          onSure={() => {
            tell({ kind: "act", deed: { kind: "ban", what: clean, duration: ban.duration, reason: ban.reason } });
            setWhat("");
          }}
        >
          {ban.fields}
        </Sure>
      </div>
      {answer?.status === "done" && bans.length === 0 && <p class="hint">{t("admin.noBans")}</p>}
      <ul class="admin-list">
        {bans.slice(0, DRAWN_MAX).map(({ text, ...deed }) => (
          <li key={deed.what}>
            <bdi class="admin-name">{deed.what}</bdi>
            <span class="admin-about" dir="auto">
              {text.slice(deed.what.length)}
            </span>
            <div class="admin-acts">
              <Sure
                label={t("admin.unban")}
                question={t("admin.unbanSure", { what: deed.what })}
                onSure={() => tell({ kind: "act", deed })}
              />
            </div>
          </li>
        ))}
      </ul>
      {bans.length > DRAWN_MAX && <p class="hint">{t("members.more", { count: bans.length - DRAWN_MAX })}</p>}
    </>
  );
}

function Invitations({ answer }: SectionProps): VNode {
  const { state, tell } = usePage();
  const known = (answer?.lines ?? [])
    .filter((line) => line.command === "INVITATION" && line.params[0] === "ENTRY")
    .map(({ params }) => ({
      id: params[1] ?? "",
      uses: Number(params[2]) || 1,
      until: params[3] ?? "*",
      by: params[4] ?? "*",
    }));
  return (
    <>
      <InvitationForm room={state.value.firstRoom} />
      <ul class="admin-list">
        {known.map(({ id, uses, until, by }) => (
          <li key={id}>
            <bdi class="admin-name">{id}</bdi>
            <span class="admin-about" dir="auto">
              {plural("invitation.uses", uses)}{" "}
              {until === "*"
                ? t("invitation.forEver")
                : t("invitation.until", { time: dayAndClock(Date.parse(until)) })}{" "}
              {by === "*" ? "" : t("invitation.by", { account: by })}
            </span>
            <div class="admin-acts">
              <Sure
                label={t("invitation.revoke")}
                question={t("invitation.revokeSure", { id })}
                onSure={() => tell({ kind: "act", deed: { kind: "revoke", id, uses } })}
              />
            </div>
          </li>
        ))}
      </ul>
    </>
  );
}

function Raid({ answer }: SectionProps): VNode {
  const { tell } = usePage();
  const [reason, setReason] = useState("");
  const isOn = operator.isRaid(answer);
  const set = (on: boolean): void => tell({ kind: "act", deed: { kind: "raid", on, reason: on ? reason.trim() : "" } });
  return (
    <>
      <p role="status" dir="auto">
        {(answer?.lines ?? []).map((line) => line.params.at(-1) ?? "").join(" ")}
      </p>
      {isOn ? (
        <Sure key="off" label={t("admin.raidOff")} question={t("admin.raidOffSure")} onSure={() => set(false)} />
      ) : (
        <Sure key="on" label={t("admin.raidOn")} question={t("admin.raidOnSure")} onSure={() => set(true)}>
          <Field label={t("reason")} value={reason} onInput={setReason} maxLength={200} />
        </Sure>
      )}
    </>
  );
}

function Journal({ answer }: SectionProps): VNode {
  const { tell } = usePage();
  const before = operator.earlier(answer);
  const entries = (answer?.lines ?? []).slice(0, -1).map((line) => line.params.at(-1) ?? "");
  return (
    <>
      {before !== "" && (
        <button type="button" class="small" onClick={() => tell({ kind: "ask", question: "journal", before })}>
          {t("admin.earlier")}
        </button>
      )}
      <ol class="admin-journal">
        {entries.map((text) => (
          <li key={text} dir="auto">
            {text}
          </li>
        ))}
      </ol>
    </>
  );
}

/** What was done from here, the newest first, each with what takes it back. */
function Acts(): VNode | null {
  const { state, tell } = usePage();
  const { acts } = state.value.operator;
  if (acts.length === 0) return null;
  return (
    <section class="admin-done" aria-label={t("admin.done")}>
      <h3>{t("admin.done")}</h3>
      <ul class="admin-list" aria-live="polite">
        {[...acts].reverse().map((act) => (
          <li key={act.number}>
            <code class="admin-name" dir="auto">
              {operator.written(act.deed)}
            </code>
            <span class="admin-about" dir="auto">
              {outcome(act)}
            </span>
            <div class="admin-acts">
              {act.undo && !act.undone && (
                <button type="button" class="small" onClick={() => tell({ kind: "undo", number: act.number })}>
                  {t("admin.undo")}
                </button>
              )}
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function outcome(act: Act): string {
  if (act.status === "asked") return t("admin.asked");
  if (act.status === "failed") return act.refusal ? refusalText(act.refusal) : t("admin.failed");
  if (act.undone) return t("admin.undone");
  if (act.deed.kind === "disconnect") return t("admin.mayReturn");
  if (act.deed.kind === "removeFile") return t("admin.fileGone");
  return act.deed.kind === "invite" || act.deed.kind === "revoke" ? t("admin.isDone") : act.told || t("admin.isDone");
}
