/**
 * A conversation as a list of which only what is near the window is drawn, however long it is.
 *
 * It keeps its place: whatever is loaded above or measured anew, the row that was looked at stays where it is; whoever is at
 * the end stays at the end.
 */

import { Component, createRef, type VNode } from "preact";
import { isNew } from "../state/history.ts";
import type { Input } from "../state/input.ts";
import * as outbox from "../state/outbox.ts";
import type { ChatMessage, Room, State } from "../state/state.ts";
import { RowHeights } from "../text/row_heights.ts";
import { plural, startOfDay, t } from "../texts/texts.ts";
import { Icon } from "./icons.tsx";
import { MessageRow } from "./message_row.tsx";
import { foldIn } from "./names.ts";

/** What is drawn above and below the window; when less than the margin is left of it, more is. */
const OVERSCAN_PX = 1_200;
const MARGIN_PX = 400;
/** How near the end counts as the end. */
const AT_END_PX = 48;
/** How near the beginning older messages are asked for. */
const LOAD_WITHIN_PX = 900;
/** Messages of one person within this time stand under one name. */
const GROUP_MS = 5 * 60_000;
/** Where a message that was jumped to stands, as a part of the window's height. */
const JUMP_PLACE = 0.3;
const SEEN_EVERY_MS = 400;
const HIGHLIGHT_MS = 2_500;

interface Props {
  readonly room: Room;
  readonly state: State;
  readonly tell: (input: Input) => void;
}

interface Drawn {
  readonly first: number;
  readonly last: number;
  readonly atEnd: boolean;
  /** Whether what is new begins above what is seen, and was not seen yet. */
  readonly newAbove: boolean;
  readonly highlighted: string;
}

interface Anchor {
  readonly key: string;
  /** From the top of the window to the top of the row. */
  readonly offset: number;
  /** Where the row was; rows may have come before it since. */
  readonly index: number;
}

export class MessageList extends Component<Props, Drawn> {
  override state: Drawn = { first: 0, last: 0, atEnd: true, newAbove: false, highlighted: "" };
  readonly #element = createRef<HTMLDivElement>();
  readonly #heights = new RowHeights();
  #rows: readonly ChatMessage[] = [];
  #made:
    | { messages: readonly ChatMessage[]; outbox: unknown; preferences: unknown; rows: readonly ChatMessage[] }
    | undefined;
  /** What is to stay in its place; none at the end of the list. */
  #anchor: Anchor | undefined;
  #jumped = 0;
  /** The first message that was new when one came, or looked away; nothing that comes before one's eyes. */
  #firstNew = "";
  /** Where that row was; rows may have come before it since. */
  #firstNewAt = 0;
  /** What came after this time is new. */
  #newSince = 0;
  #hasSeenFirstNew = false;
  #seenAt = 0;
  #seeing: ReturnType<typeof setTimeout> | undefined;
  #resizing: ResizeObserver | undefined;

  override componentDidMount(): void {
    const { room } = this.props;
    const firstNew = this.#rows.findIndex((row) => isNew(row, room.newSince));
    this.#setFirstNew(this.#rows[firstNew]?.key ?? "", room.newSince);
    // Where the new begins; at the end when there is nothing new, or so little that it fits.
    if (room.jump) this.#jump();
    else if (firstNew > 0 && this.#rows.length - firstNew > 8) this.#goTo(firstNew);
    this.#resizing = new ResizeObserver(() => this.#settle());
    if (this.#element.current) this.#resizing.observe(this.#element.current);
    this.#settle();
  }

  override componentDidUpdate(before: Props): void {
    this.#markNew(before);
    this.#jump();
    this.#settle();
  }

  override componentWillUnmount(): void {
    this.#resizing?.disconnect();
    clearTimeout(this.#seeing);
  }

  render({ room, state }: Props, { first, last, atEnd, newAbove, highlighted }: Drawn): VNode {
    const rows = this.#makeRows(room, state);
    this.#heights.update(rows);
    const end = Math.min(last, rows.length);
    const begin = Math.min(first, end);
    const drawn = rows.slice(begin, end);
    return (
      <div class="list-frame">
        {newAbove && (
          <button type="button" class="to-new" onClick={this.#toNew}>
            <Icon name="up" />
            {t("list.toNew")}
          </button>
        )}
        {/* The list scrolls, so it can be reached by keyboard. */}
        <div
          ref={this.#element}
          class="list"
          role="feed"
          aria-label={t("list.label", { room: room.name })}
          aria-busy={room.loading !== undefined}
          tabIndex={0}
          onScroll={this.#scrolled}
          onKeyDown={this.#key}
        >
          <div class="list-space" style={{ height: `${this.#heights.offsetOf(begin)}px` }}>
            {begin === 0 && this.#beginning(room)}
          </div>
          {drawn.map((row, index) => this.#row(row, begin + index, rows, highlighted))}
          <div style={{ height: `${this.#heights.total - this.#heights.offsetOf(end)}px` }} />
        </div>
        {!atEnd && (
          <button type="button" class="to-end" onClick={this.#toEnd}>
            <Icon name="down" />
            {room.unread > 0 ? plural("list.newMessages", room.unread) : t("list.toEnd")}
          </button>
        )}
      </div>
    );
  }

  #beginning(room: Room): VNode | null {
    if (room.loading) return <p class="list-note">{t("list.loading")}</p>;
    if (room.kind === "server" || room.membership === "joining") return null;
    if (!room.reachedBeginning) return null;
    return (
      <p class="list-note">
        {this.props.state.server.enabled.has("draft/chathistory") ? t("list.beginning") : t("list.noHistory")}
      </p>
    );
  }

  #row(row: ChatMessage, index: number, rows: readonly ChatMessage[], highlighted: string): VNode {
    const { room, state, tell } = this.props;
    const before = rows[index - 1];
    const isFirstOfDay = !before || startOfDay(before.time) !== startOfDay(row.time);
    const startsNew = row.key === this.#firstNew && before !== undefined;
    const isGrouped =
      before !== undefined &&
      !isFirstOfDay &&
      !startsNew &&
      row.gap === "" &&
      row.replyTo === "" &&
      isSamePerson(before, row);
    const entry = row.own && row.id === "" ? state.outbox.find((other) => outbox.keyOf(other) === row.key) : undefined;
    return (
      <MessageRow
        key={row.key}
        message={row}
        entry={entry}
        room={room.key}
        isGrouped={isGrouped}
        day={isFirstOfDay ? startOfDay(row.time) : 0}
        startsNew={startsNew}
        isHighlighted={row.id !== "" && row.id === highlighted}
        reply={row.replyTo === "" ? undefined : rows.findLast((other) => other.id === row.replyTo)}
        position={index + 1}
        nick={state.me.nick}
        tell={tell}
      />
    );
  }

  /** What is shown: what was said, without what one does not want to see, and what is still to be sent. */
  #makeRows(room: Room, state: State): readonly ChatMessage[] {
    const { outbox: entries, preferences } = state;
    const made = this.#made;
    if (made && made.messages === room.messages && made.outbox === entries && made.preferences === preferences)
      return made.rows;
    const ignored = new Set(preferences.ignored);
    const isShown = (message: ChatMessage): boolean =>
      (preferences.showEvents ||
        message.kind !== "event" ||
        !["join", "part", "quit", "nick"].includes(message.event ?? "")) &&
      !(ignored.size > 0 && ignored.has(foldIn(state, message.nick)));
    const said = preferences.showEvents && ignored.size === 0 ? room.messages : room.messages.filter(isShown);
    const pending = entries
      .filter((entry) => foldIn(state, entry.target) === room.key)
      .map((entry) => outbox.preview(entry, state.me.nick || preferences.nick))
      .filter((message) => message !== undefined);
    const rows = pending.length > 0 ? [...said, ...pending] : said;
    this.#made = { messages: room.messages, outbox: entries, preferences, rows };
    this.#rows = rows;
    return rows;
  }

  /** What comes while one looks elsewhere is new; saying something oneself ends it. */
  #markNew(before: Props): void {
    const { room, state } = this.props;
    const last = this.#rows.at(-1);
    const isWatching = state.visible && this.#anchor === undefined;
    let firstNew = this.#firstNew;
    let since = this.#newSince;
    if (last?.own && before.room.messages.at(-1) !== room.messages.at(-1)) firstNew = "";
    else if (!isWatching && room.unread > 0 && before.room.unread === 0) {
      since = room.readUpTo;
      firstNew = this.#rows.find((row) => isNew(row, since))?.key ?? "";
    } else if (before.room.oldest === "" && room.oldest !== "") {
      since = room.newSince;
      firstNew = this.#rows.find((row) => isNew(row, since))?.key ?? "";
    } else if (firstNew !== "" && (before.room.oldest !== room.oldest || before.room.jump !== room.jump)) {
      // What was loaded above may be new as well.
      firstNew = this.#rows.find((row) => isNew(row, since))?.key ?? "";
    }
    if (firstNew === this.#firstNew) return;
    this.#setFirstNew(firstNew, since);
    this.forceUpdate();
  }

  #setFirstNew(key: string, since: number): void {
    if (since !== this.#newSince || key === "") this.#hasSeenFirstNew = false;
    this.#firstNew = key;
    this.#newSince = since;
  }

  /** Where the first new row stands now; -1 when there is none. */
  #indexOfFirstNew(): number {
    if (this.#firstNew === "") return -1;
    if (this.#rows[this.#firstNewAt]?.key !== this.#firstNew)
      this.#firstNewAt = this.#rows.findIndex((row) => row.key === this.#firstNew);
    return this.#firstNewAt;
  }

  /** Whether more that is new may stand before the first new row that is known. */
  #isNewUnknown(index: number): boolean {
    const { room, state } = this.props;
    const isBeginning = index === 0 && !room.reachedBeginning;
    return state.server.enabled.has("draft/chathistory") && (isBeginning || this.#rows[index]?.gap !== "");
  }

  /** Whether the way to the first new message is worth a button: it stands above the window and was not seen yet. */
  #isNewAbove(top: number): boolean {
    const index = this.#indexOfFirstNew();
    if (index < 0 || this.#hasSeenFirstNew) return false;
    if (this.#heights.offsetOf(index) < top) return true;
    this.#hasSeenFirstNew = !this.#isNewUnknown(index);
    return !this.#hasSeenFirstNew;
  }

  readonly #toNew = (): void => {
    const { room, tell } = this.props;
    const index = this.#indexOfFirstNew();
    if (index < 0) return;
    if (this.#isNewUnknown(index)) tell({ kind: "jumpToNew", room: room.key, since: this.#newSince });
    else this.#goTo(index);
    this.#element.current?.focus();
  };

  readonly #scrolled = (): void => {
    const list = this.#element.current;
    if (!list) return;
    const atEnd = list.scrollHeight - list.scrollTop - list.clientHeight < AT_END_PX;
    this.#anchor = atEnd ? undefined : this.#anchorAt(list);
    this.#draw(atEnd);
    this.#look();
  };

  /** After something was drawn: measures it, puts the list back where it was, and draws more if there is room. */
  #settle(): void {
    const list = this.#element.current;
    if (!list) return;
    let isNews = false;
    for (const row of list.querySelectorAll<HTMLElement>("[data-row]")) {
      // Fractions of pixels add up over a thousand rows.
      if (this.#heights.set(Number(row.dataset.row) - 1, row.getBoundingClientRect().height)) isNews = true;
    }
    if (isNews) this.forceUpdate();
    if (this.#anchor) {
      const { key, index: before } = this.#anchor;
      const index = this.#rows[before]?.key === key ? before : this.#rows.findIndex((row) => row.key === key);
      if (index >= 0) list.scrollTop = this.#heights.offsetOf(index) - this.#anchor.offset;
    } else {
      list.scrollTop = list.scrollHeight;
    }
    if (!isNews) {
      this.#draw(this.#anchor === undefined);
      this.#look();
    }
  }

  #draw(atEnd: boolean): void {
    const list = this.#element.current;
    if (!list) return;
    const top = atEnd ? this.#heights.total - list.clientHeight : list.scrollTop;
    const around = (pixels: number): [number, number] => [
      this.#heights.indexAt(Math.max(0, top - pixels)),
      Math.min(this.#rows.length, this.#heights.indexAt(top + list.clientHeight + pixels) + 1),
    ];
    const { state } = this;
    const [first, last] = around(MARGIN_PX);
    const [farthest, latest] = around(OVERSCAN_PX * 2);
    // Most scrolling moves within what is drawn already.
    const isDrawn = state.first <= first && last <= state.last && farthest <= state.first && state.last <= latest;
    const newAbove = this.#isNewAbove(top);
    if (isDrawn && atEnd === state.atEnd && newAbove === state.newAbove) return;
    const [begin, end] = around(OVERSCAN_PX);
    this.setState({ first: begin, last: end, atEnd, newAbove });
  }

  #anchorAt(list: HTMLElement): Anchor | undefined {
    const index = this.#heights.indexAt(list.scrollTop);
    const row = this.#rows[index];
    return row && { key: row.key, index, offset: this.#heights.offsetOf(index) - list.scrollTop };
  }

  /** Sees what is to be loaded, and tells what has been seen. */
  #look(): void {
    const { room, tell } = this.props;
    const list = this.#element.current;
    if (!list) return;
    if (list.scrollTop < LOAD_WITHIN_PX && !room.loading && !room.reachedBeginning && room.oldest !== "")
      tell({ kind: "loadOlder", room: room.key });
    const last = this.#rows[this.#heights.indexAt(list.scrollTop + list.clientHeight - 2)];
    if (!last || !this.props.state.visible || last.time <= room.readUpTo || (last.own && last.id === "")) return;
    clearTimeout(this.#seeing);
    const wait = Math.max(0, SEEN_EVERY_MS - (Date.now() - this.#seenAt));
    this.#seeing = setTimeout(() => {
      this.#seenAt = Date.now();
      tell({ kind: "seen", room: room.key, time: last.time });
    }, wait);
  }

  #jump(): void {
    const { jump } = this.props.room;
    if (!jump || jump.turn === this.#jumped) return;
    const index = this.#rows.findLastIndex((row) => row.id === jump.id);
    if (index < 0) return;
    this.#jumped = jump.turn;
    this.#goTo(index);
    this.setState({ highlighted: jump.id });
    setTimeout(() => this.setState({ highlighted: "" }), HIGHLIGHT_MS);
  }

  #goTo(index: number): void {
    const list = this.#element.current;
    const row = this.#rows[index];
    if (!list || !row) return;
    this.#anchor = { key: row.key, index, offset: Math.round(list.clientHeight * JUMP_PLACE) };
    list.scrollTop = this.#heights.offsetOf(index) - this.#anchor.offset;
    this.#draw(false);
  }

  readonly #toEnd = (): void => {
    this.#anchor = undefined;
    this.#draw(true);
    this.#settle();
    this.#element.current?.focus();
  };

  readonly #key = (event: KeyboardEvent): void => {
    const list = this.#element.current;
    if (!list) return;
    if (event.key === "End") {
      event.preventDefault();
      this.#toEnd();
      return;
    }
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const rows = [...list.querySelectorAll<HTMLElement>("[data-row]")];
    const at = rows.findIndex((row) => row.contains(document.activeElement));
    const top = list.getBoundingClientRect();
    const next =
      at < 0
        ? (rows.findLast((row) => row.getBoundingClientRect().bottom <= top.bottom + 1) ?? rows.at(-1))
        : rows[at + (event.key === "ArrowUp" ? -1 : 1)];
    if (!next) return;
    event.preventDefault();
    next.focus({ preventScroll: true });
    next.scrollIntoView({ block: "nearest" });
  };
}

function isSamePerson(before: ChatMessage, message: ChatMessage): boolean {
  const isSaid = (kind: ChatMessage["kind"]): boolean => kind === "message" || kind === "notice";
  return (
    before.nick === message.nick &&
    isSaid(before.kind) &&
    before.kind === message.kind &&
    message.time - before.time < GROUP_MS &&
    before.relayedBy === message.relayedBy
  );
}
