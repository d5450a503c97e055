/** Where one writes: several lines, a draft for each room, completion, commands. */

import type { VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import * as history from "../state/history.ts";
import type { Room } from "../state/state.ts";
import { NAMES } from "../state/commands.ts";
import { type Completion, complete } from "../text/completion.ts";
import { plain } from "../text/format.ts";
import { maybe, t } from "../texts/texts.ts";
import { IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { EmojiPicker } from "./emoji_picker.tsx";
import { AttachButton, UploadList, useFiles } from "./uploads.tsx";

export function Composer({ room }: { room: Room }): VNode {
  const { state, tell, view } = usePage();
  const now = state.value;
  const field = useRef<HTMLTextAreaElement>(null);
  const [text, setText] = useState(now.preferences.drafts[room.key] ?? "");
  const [completion, setCompletion] = useState<Completion | undefined>();
  const [chosen, setChosen] = useState(0);
  const [isPicking, setPicking] = useState(false);

  // The text of what is edited takes the draft's place, and gives it back. At once: a frame later something may be typed already.
  useLayoutEffect(() => {
    const edited = room.messages[history.indexOf(room.messages, room.editing)];
    setText(edited ? edited.text : (now.preferences.drafts[room.key] ?? ""));
    if (room.editing !== "" || room.replyTo !== "") field.current?.focus();
  }, [room.key, room.editing, room.replyTo]);
  useLayoutEffect(() => {
    if (!matchMedia("(pointer: coarse)").matches) field.current?.focus();
  }, [room.key]);
  useLayoutEffect(() => {
    const area = field.current;
    if (!area) return;
    area.style.height = "auto";
    area.style.height = `${Math.min(area.scrollHeight, innerHeight * 0.4)}px`;
  }, [text]);

  const write = (value: string, cursor?: number): void => {
    setText(value);
    if (room.editing === "") tell({ kind: "draft", room: room.key, text: value });
    if (cursor === undefined) return;
    requestAnimationFrame(() => field.current?.setSelectionRange(cursor, cursor));
  };
  const lookFor = (value: string, cursor: number, asked: boolean): Completion | undefined => {
    const nicks = [...room.members.values()].map((member) => member.nick).sort();
    const channels = [...now.rooms.values()].filter((other) => other.kind === "channel").map((other) => other.name);
    const found = complete(
      value.slice(0, cursor),
      { nicks: nicks.length > 0 ? nicks : [room.name], channels, commands: NAMES },
      asked,
    );
    setCompletion(found);
    setChosen(0);
    return found;
  };
  const insert = (found: Completion, index: number): void => {
    const candidate = found.candidates[index];
    const area = field.current;
    if (!candidate || !area) return;
    const before = text.slice(0, found.start) + candidate.insert;
    write(before + text.slice(area.selectionStart), before.length);
    setCompletion(undefined);
    area.focus();
  };
  const send = (): void => {
    const said = text.trim() === "" ? "" : text.replace(/\s+$/, "");
    if (said === "") return;
    if (said === "/help") view.dialog.value = { kind: "help" };
    else if (/^\/[a-z]+(\s|$)/i.test(said) && room.editing === "")
      tell({ kind: "command", room: room.key, text: said });
    else tell({ kind: "say", room: room.key, text: said.replace(/^\/\//, "/") });
    if (said.startsWith("/search ")) view.search.value = true;
    setText("");
    tell({ kind: "draft", room: room.key, text: "" });
    setCompletion(undefined);
  };
  const stop = (): void => tell({ kind: room.editing !== "" ? "edit" : "reply", room: room.key, id: "" });
  const keys = (event: KeyboardEvent & { currentTarget: HTMLTextAreaElement }): void => {
    if (event.isComposing) return;
    if (completion && steer(event, completion)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      send();
    } else if (event.key === "Tab" && !event.shiftKey && text !== "" && !text.endsWith(" ")) {
      const found = lookFor(text, event.currentTarget.selectionStart, true);
      if (!found) return;
      event.preventDefault();
      if (found.candidates.length === 1) insert(found, 0);
    } else if (event.key === "Escape" && (room.editing !== "" || room.replyTo !== "")) {
      stop();
    } else if (event.key === "ArrowUp" && text === "") {
      const last = room.messages.findLast(
        (message) => message.own && message.id !== "" && message.kind === "message" && !message.deleted,
      );
      if (!last) return;
      event.preventDefault();
      tell({ kind: "edit", room: room.key, id: last.id });
    }
  };
  /** Moves in the list of candidates; tells whether the key was for it. */
  const steer = (event: KeyboardEvent, found: Completion): boolean => {
    const count = found.candidates.length;
    if (event.key === "ArrowDown" || event.key === "ArrowUp")
      setChosen((chosen + (event.key === "ArrowDown" ? 1 : count - 1)) % count);
    else if (event.key === "Tab" || event.key === "Enter") insert(found, chosen);
    else if (event.key === "Escape") setCompletion(undefined);
    else return false;
    event.preventDefault();
    return true;
  };

  const answered = room.messages[history.indexOf(room.messages, room.replyTo)];
  const command = /^\/([a-z]+)/i.exec(text)?.[1]?.toLowerCase();
  const help = command === undefined ? undefined : maybe(`help.${command}`);
  const files = useFiles(room.key);
  return (
    <div class={files.isDropping ? "composer dropping" : "composer"}>
      <UploadList room={room.key} />
      {completion && (
        <div class="completion" id="completion" role="listbox" aria-label={t("composer.completion")}>
          {completion.candidates.map((candidate, index) => (
            <div
              key={candidate.label}
              class="candidate"
              tabIndex={-1}
              id={`candidate-${index}`}
              role="option"
              aria-selected={index === chosen}
              onMouseDown={(event) => {
                event.preventDefault();
                insert(completion, index);
              }}
            >
              <bdi>{candidate.label}</bdi>
              {candidate.kind === "command" && <small>{maybe(`help.${candidate.label.slice(1)}`)}</small>}
            </div>
          ))}
        </div>
      )}
      {help !== undefined && !completion && <p class="composer-note">{help}</p>}
      {room.editing !== "" && <Note text={t("composer.editing")} onStop={stop} />}
      {room.editing === "" && room.replyTo !== "" && (
        <Note
          text={t("composer.replying", { nick: answered?.nick ?? "", text: plain(answered?.text ?? "").slice(0, 80) })}
          onStop={stop}
        />
      )}
      <div class="composer-box">
        <textarea
          id="composer"
          ref={field}
          rows={1}
          value={text}
          aria-label={t("composer.label", { room: room.name })}
          placeholder={t("composer.label", { room: room.name })}
          aria-autocomplete="list"
          aria-controls={completion ? "completion" : undefined}
          aria-activedescendant={completion ? `candidate-${chosen}` : undefined}
          onInput={(event) => {
            write(event.currentTarget.value);
            lookFor(event.currentTarget.value, event.currentTarget.selectionStart, false);
          }}
          onKeyDown={keys}
          onPaste={(event) => {
            if (files.take(event.clipboardData)) event.preventDefault();
          }}
          onBlur={() => setCompletion(undefined)}
        />
        <AttachButton room={room.key} />
        <div class="composer-emoji">
          <IconButton
            icon="smile"
            label={t("emoji.label")}
            expanded={isPicking}
            onClick={() => setPicking(!isPicking)}
          />
          {isPicking && (
            <EmojiPicker
              onPick={(emoji) => {
                setPicking(false);
                write(text + emoji, text.length + emoji.length);
                field.current?.focus();
              }}
              onClose={() => {
                setPicking(false);
                field.current?.focus();
              }}
            />
          )}
        </div>
        <IconButton
          icon="send"
          class="send"
          label={room.editing === "" ? t("composer.send") : t("composer.save")}
          onClick={send}
        />
      </div>
      <Typing room={room} />
    </div>
  );
}

function Note({ text, onStop }: { text: string; onStop: () => void }): VNode {
  return (
    <p class="composer-note">
      <span dir="auto">{text}</span>
      <IconButton icon="close" label={t("cancel")} onClick={onStop} />
    </p>
  );
}

function Typing({ room }: { room: Room }): VNode {
  const nicks = [...room.typing.values()].map((typing) => typing.nick);
  const text =
    nicks.length === 0
      ? ""
      : nicks.length === 1
        ? t("typing.single", { nick: nicks[0] ?? "" })
        : nicks.length === 2
          ? t("typing.two", { one: nicks[0] ?? "", two: nicks[1] ?? "" })
          : t("typing.many");
  return <p class="typing">{text}</p>;
}
