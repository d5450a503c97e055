/** A panel of emoji with a field to find one. */

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { EMOJI, find } from "../text/emoji.ts";
import { t } from "../texts/texts.ts";

export function EmojiPicker({ onPick, onClose }: { onPick: (emoji: string) => void; onClose: () => void }): VNode {
  const [query, setQuery] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const shown = query === "" ? EMOJI : find(query, 60);
  useEffect(() => input.current?.focus(), []);
  return (
    <div
      class="emoji-picker"
      role="group"
      aria-label={t("emoji.label")}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.stopPropagation();
        onClose();
      }}
    >
      <input
        ref={input}
        type="search"
        value={query}
        placeholder={t("emoji.find")}
        aria-label={t("emoji.find")}
        onInput={(event) => setQuery(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && shown[0]) {
            event.preventDefault();
            onPick(shown[0].sign);
          }
        }}
      />
      <div class="emoji-grid">
        {shown.map((emoji) => (
          <button
            key={emoji.sign}
            type="button"
            title={emoji.words}
            aria-label={emoji.words}
            onClick={() => onPick(emoji.sign)}
          >
            {emoji.sign}
          </button>
        ))}
      </div>
    </div>
  );
}
