/** One message: who, when, what, and what can be done about it. */

import { useComputed } from "@preact/signals";
import type { VNode } from "preact";
import { memo } from "preact/compat";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Input } from "../state/input.ts";
import type { Entry } from "../state/outbox.ts";
import { canEdit } from "../state/outbox.ts";
import type { ChatMessage, Key, State } from "../state/state.ts";
import { QUICK } from "../text/emoji.ts";
import { plain, spans } from "../text/format.ts";
import { clock, day, dayAndClock, plural, t } from "../texts/texts.ts";
import { Avatar, IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { EmojiPicker } from "./emoji_picker.tsx";
import { eventText } from "./events.ts";
import { Formatted, Inline } from "./formatted.tsx";
import { Icon } from "./icons.tsx";
import { colorOf, foldIn, isOperator } from "./names.ts";
import { refusalText } from "./refusals.ts";

interface RowProps {
  readonly message: ChatMessage;
  readonly entry: Entry | undefined;
  readonly room: Key;
  readonly isGrouped: boolean;
  /** The day that begins with it; 0 when none does. */
  readonly day: number;
  readonly startsNew: boolean;
  readonly isHighlighted: boolean;
  readonly reply: ChatMessage | undefined;
  readonly position: number;
  readonly nick: string;
  readonly tell: (input: Input) => void;
}

export const MessageRow = memo(function MessageRow(props: RowProps): VNode {
  // The buttons are most of what a row is made of, and are seen only under the pointer or with the focus: until then there are none.
  const [hasButtons, setButtons] = useState(false);
  const { message, room, tell } = props;
  const classes = ["row", message.kind];
  if (props.isGrouped) classes.push("grouped");
  if (message.mention && !message.own) classes.push("mentions-me");
  if (props.isHighlighted) classes.push("highlighted");
  if (message.own) classes.push("own");
  if (props.entry) classes.push(props.entry.state === "failed" ? "failed" : "pending");
  return (
    <div
      class={classes.join(" ")}
      role="article"
      data-row={props.position}
      aria-posinset={props.position}
      aria-setsize={-1}
      aria-label={t("row.label", { nick: message.nick, time: clock(message.time) })}
      tabIndex={-1}
      onKeyDown={(event) => keys(event, message, room, tell)}
      onPointerEnter={() => setButtons(true)}
      onFocusIn={() => setButtons(true)}
    >
      {props.day !== 0 && (
        <p class="day-line">
          <span>{day(props.day, Date.now())}</span>
        </p>
      )}
      {message.gap !== "" && <Gap room={room} message={message} tell={tell} />}
      {props.startsNew && (
        <p class="new-line">
          <span>{t("list.new")}</span>
        </p>
      )}
      {message.kind === "event" ? <EventLine message={message} /> : <Said {...props} hasButtons={hasButtons} />}
    </div>
  );
});

function EventLine({ message }: { message: ChatMessage }): VNode {
  return (
    <p class={`event-line ${message.event === "refused" ? "refusal" : ""}`}>
      <time dateTime={new Date(message.time).toISOString()}>{clock(message.time)}</time>
      <span dir="auto">{eventText(message)}</span>
    </p>
  );
}

function Said(props: RowProps & { hasButtons: boolean }): VNode {
  const { message, entry, isGrouped, nick, hasButtons } = props;
  const { state } = usePage();
  // Not the whole state: a row is drawn anew only when something of its own changes.
  const person = useComputed(() => state.value.people.get(foldIn(state.value, message.nick))).value;
  const name = person?.displayName || message.nick;
  const time = (
    <time class="time" dateTime={new Date(message.time).toISOString()} title={dayAndClock(message.time)}>
      {clock(message.time)}
    </time>
  );
  return (
    <div class="said">
      <div class="gutter">{isGrouped ? time : <Avatar name={message.nick} address={person?.avatar} />}</div>
      <div class="content">
        {message.replyTo !== "" && <ReplyLine {...props} />}
        {!isGrouped && message.kind !== "action" && (
          <p class="by">
            <bdi class={`nick ${colorOf(message.nick)}`}>{name}</bdi>
            {name !== message.nick && <bdi class="real-nick">{message.nick}</bdi>}
            {(message.bot || person?.bot) && <span class="badge">{t("members.bot")}</span>}
            {message.relayedBy !== "" && <span class="badge">{t("row.relayed", { by: message.relayedBy })}</span>}
            {message.kind === "notice" && <span class="badge">{t("row.notice")}</span>}
            {time}
          </p>
        )}
        {message.deleted ? (
          <p class="deleted">{t("row.deleted", { by: message.deleted.by })}</p>
        ) : message.kind === "action" ? (
          <p class="body action-text" dir="auto">
            <bdi class={`nick ${colorOf(message.nick)}`}>{name}</bdi> <Inline spans={spans(message.text, nick)} />
            {time}
          </p>
        ) : (
          <Formatted text={message.text} nick={nick} />
        )}
        {message.edited && (
          <span class="edited" title={message.before === "" ? undefined : t("row.before", { text: message.before })}>
            {t("row.edited")}
          </span>
        )}
        {message.reactions.size > 0 && <Reactions {...props} />}
        {entry && <Delivery entry={entry} />}
      </div>
      {hasButtons && !entry && !message.deleted && message.id !== "" && <Actions {...props} />}
    </div>
  );
}

function ReplyLine({ message, reply, room, tell }: RowProps): VNode {
  const { state } = usePage();
  const jump = (): void => tell({ kind: "jump", room: state.peek().rooms.get(room)?.name ?? "", id: message.replyTo });
  return (
    <button type="button" class="reply-line" onClick={jump}>
      <Icon name="reply" />
      {reply ? (
        <>
          <bdi class={`nick ${colorOf(reply.nick)}`}>{reply.nick}</bdi>
          <span class="reply-text" dir="auto">
            {reply.deleted ? t("row.deletedShort") : plain(reply.text)}
          </span>
        </>
      ) : (
        <span class="reply-text">{t("row.replyElsewhere")}</span>
      )}
    </button>
  );
}

function Reactions({ message, room, nick, tell }: RowProps): VNode {
  const { state } = usePage();
  const me = foldIn(state.peek(), nick);
  return (
    <p class="reactions">
      {[...message.reactions].map(([emoji, nicks]) => {
        const isMine = nicks.some((other) => foldIn(state.peek(), other) === me);
        return (
          <button
            key={emoji}
            type="button"
            class="reaction"
            aria-pressed={isMine}
            aria-label={plural("row.reaction", nicks.length, { emoji })}
            title={nicks.slice(0, 20).join(", ")}
            onClick={() => tell({ kind: "react", room, id: message.id, emoji })}
          >
            <span>{emoji}</span> <span class="reaction-count">{nicks.length}</span>
          </button>
        );
      })}
    </p>
  );
}

function Delivery({ entry }: { entry: Entry }): VNode {
  const { tell } = usePage();
  const { stream, number } = entry;
  if (entry.state !== "failed") {
    return (
      <p class="delivery">
        <Icon name="clock" /> {entry.state === "sent" ? t("delivery.sending") : t("delivery.waiting")}
      </p>
    );
  }
  return (
    <p class="delivery failed" role="alert">
      <Icon name="warning" /> {t("delivery.failed", { why: entry.refusal ? refusalText(entry.refusal) : "" })}
      <button type="button" class="small" onClick={() => tell({ kind: "retry", stream, number })}>
        {t("delivery.retry")}
      </button>
      <button type="button" class="small" onClick={() => tell({ kind: "discard", stream, number })}>
        {t("delivery.discard")}
      </button>
    </p>
  );
}

function Actions({ message, room, tell }: RowProps): VNode | null {
  const { state } = usePage();
  const [isPicking, setPicking] = useState(false);
  const [isSure, setSure] = useState(false);
  const may = useComputed(() => allowed(state.value, room, message.own)).value;
  if (may === "nothing") return null;
  const remove = (): void => {
    if (isSure) tell({ kind: "redact", room, id: message.id });
    setSure(!isSure);
  };
  return (
    <div class={`actions ${isPicking || isSure ? "kept" : ""}`} role="group" aria-label={t("row.actions")}>
      {QUICK.slice(0, 3).map((emoji) => (
        <button
          key={emoji}
          type="button"
          class="icon-button quick"
          aria-label={t("row.reactWith", { emoji })}
          onClick={() => tell({ kind: "react", room, id: message.id, emoji })}
        >
          {emoji}
        </button>
      ))}
      <IconButton icon="smile" label={t("row.react")} expanded={isPicking} onClick={() => setPicking(!isPicking)} />
      <IconButton icon="reply" label={t("row.reply")} onClick={() => tell({ kind: "reply", room, id: message.id })} />
      {may.includes("edit") && message.kind === "message" && (
        <IconButton icon="edit" label={t("row.edit")} onClick={() => tell({ kind: "edit", room, id: message.id })} />
      )}
      {may.includes("delete") && (
        <button
          type="button"
          class={`icon-button ${isSure ? "danger" : ""}`}
          aria-label={isSure ? t("row.deleteSure") : t("row.delete")}
          title={t("row.delete")}
          onClick={remove}
          onBlur={() => setSure(false)}
        >
          {isSure ? t("row.deleteSure") : <Icon name="trash" />}
        </button>
      )}
      {isPicking && (
        <EmojiPicker
          onPick={(emoji) => {
            setPicking(false);
            tell({ kind: "react", room, id: message.id, emoji });
          }}
          onClose={() => setPicking(false)}
        />
      )}
    </div>
  );
}

/** What one may do with a message, in words: rows are drawn anew only when they change. */
function allowed(now: State, room: Key, isOwn: boolean): string {
  const { enabled } = now.server;
  const here = now.rooms.get(room);
  if (!enabled.has("message-tags") || here?.membership !== "in" || here.kind === "server") return "nothing";
  const mayDelete = isOwn || isOperator(now, here.members.get(foldIn(now, now.me.nick)));
  const edit = isOwn && canEdit(enabled) ? "edit" : "";
  return `${edit} ${mayDelete && enabled.has("draft/message-redaction") ? "delete" : ""}`;
}

/** Where something may be missing: what is looked at is fetched. */
function Gap({ room, message, tell }: { room: Key; message: ChatMessage; tell: (input: Input) => void }): VNode {
  const element = useRef<HTMLButtonElement>(null);
  const load = (): void => tell({ kind: "loadGap", room, key: message.key });
  useEffect(() => {
    const watch = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) load();
    });
    if (element.current) watch.observe(element.current);
    return () => watch.disconnect();
  }, [message.gap]);
  return (
    <button ref={element} type="button" class="gap-line" onClick={load}>
      {t("list.gap")}
    </button>
  );
}

function keys(event: KeyboardEvent, message: ChatMessage, room: Key, tell: (input: Input) => void): void {
  if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey || message.id === "")
    return;
  if (event.key === "r") tell({ kind: "reply", room, id: message.id });
  else if (event.key === "e" && message.own) tell({ kind: "edit", room, id: message.id });
  else if (event.key === "+") tell({ kind: "react", room, id: message.id, emoji: QUICK[0] ?? "👍" });
  else return;
  event.preventDefault();
}
