/** Looking for what was said. */

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Room } from "../state/state.ts";
import { plain } from "../text/format.ts";
import { clock, plural, shortDay, t } from "../texts/texts.ts";
import { IconButton, Switch } from "./controls.tsx";
import { usePage } from "./context.ts";
import { colorOf } from "./names.ts";
import { refusalText } from "./refusals.ts";

export function SearchPanel({ room }: { room: Room }): VNode {
  const { state, tell, view } = usePage();
  const { search } = state.value;
  const [query, setQuery] = useState(search?.query ?? "");
  const [isHere, setHere] = useState(false);
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const close = (): void => {
    tell({ kind: "closeSearch" });
    view.search.value = false;
  };
  return (
    <aside class="search" aria-label={t("search.title")} onKeyDown={(event) => event.key === "Escape" && close()}>
      <header class="members-head">
        <h2>{t("search.title")}</h2>
        <IconButton icon="close" label={t("close")} onClick={close} />
      </header>
      <form
        role="search"
        onSubmit={(event) => {
          event.preventDefault();
          tell({ kind: "search", query, room: isHere && room.kind !== "server" ? room.name : "" });
        }}
      >
        <input
          ref={input}
          type="search"
          value={query}
          aria-label={t("search.words")}
          placeholder={t("search.words")}
          onInput={(event) => setQuery(event.currentTarget.value)}
        />
        {room.kind !== "server" && (
          <Switch label={t("search.here", { room: room.name })} checked={isHere} onChange={setHere} />
        )}
        <p class="hint">{t("search.hint")}</p>
      </form>
      <p role="status" class="search-status">
        {search?.status === "asked" && t("search.looking")}
        {search?.status === "failed" && search.refusal && refusalText(search.refusal)}
        {search?.status === "done" && plural("search.found", search.results.length)}
        {search?.incomplete && ` ${t("search.incomplete")}`}
      </p>
      <ul class="results">
        {search?.results.map(({ room: where, message }) => (
          <li key={message.key}>
            <button
              type="button"
              onClick={() => {
                tell({ kind: "jump", room: where, id: message.id });
                if (matchMedia("(max-width: 60rem)").matches) view.search.value = false;
              }}
            >
              <span class="result-head">
                <bdi class={`nick ${colorOf(message.nick)}`}>{message.nick}</bdi>
                <bdi>{where}</bdi>
                <time dateTime={new Date(message.time).toISOString()}>
                  {shortDay(message.time)} {clock(message.time)}
                </time>
              </span>
              <span class="result-text" dir="auto">
                {plain(message.text)}
              </span>
            </button>
          </li>
        ))}
      </ul>
    </aside>
  );
}
