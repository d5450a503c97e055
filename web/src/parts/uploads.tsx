/** Files: the button to send some, how far they are, and pictures in what was said. */

import type { VNode } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Upload } from "../edge/uploads.ts";
import * as filehost from "../state/features/filehost.ts";
import type { Key, State } from "../state/state.ts";
import { links, size, thumbnail } from "../text/attachment.ts";
import type { Block } from "../text/format.ts";
import { language, maybe, t } from "../texts/texts.ts";
import { IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";

/** Whether the server takes files. */
export function isTaking(state: State): boolean {
  return filehost.address(state.server.isupport) !== "";
}

/** Opens the device's own dialogue to choose files. */
export function AttachButton({ room }: { room: Key }): VNode | null {
  const { state, uploads } = usePage();
  const field = useRef<HTMLInputElement>(null);
  if (!isTaking(state.value)) return null;
  return (
    <>
      <input
        ref={field}
        type="file"
        multiple
        hidden
        id="attach"
        onChange={(event) => {
          uploads.add(room, event.currentTarget.files ?? []);
          event.currentTarget.value = "";
        }}
      />
      <IconButton icon="clip" label={t("upload.attach")} onClick={() => field.current?.click()} />
    </>
  );
}

/** Takes files that are pasted, or dropped anywhere on the page: a browser would leave the page for them. */
export function useFiles(room: Key): { isDropping: boolean; take: (data: DataTransfer | null) => boolean } {
  const { state, uploads } = usePage();
  const [isDropping, setDropping] = useState(false);
  const canTake = isTaking(state.value);
  const take = (data: DataTransfer | null): boolean => {
    const files = canTake ? [...(data?.files ?? [])] : [];
    uploads.add(room, files);
    return files.length > 0;
  };
  useEffect(() => {
    if (!canTake) return;
    const over = (event: DragEvent): void => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      setDropping(true);
    };
    const leave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setDropping(false);
    };
    const drop = (event: DragEvent): void => {
      setDropping(false);
      if (take(event.dataTransfer)) event.preventDefault();
    };
    addEventListener("dragover", over);
    addEventListener("dragleave", leave);
    addEventListener("drop", drop);
    return () => {
      removeEventListener("dragover", over);
      removeEventListener("dragleave", leave);
      removeEventListener("drop", drop);
    };
  }, [room, canTake]);
  return { isDropping, take };
}

/** The files of a room that are on their way, and those that were not taken. */
export function UploadList({ room }: { room: Key }): VNode | null {
  const { uploads } = usePage();
  const all = uploads.list.value.filter((upload) => upload.room === room);
  if (all.length === 0) return null;
  return (
    <ul class="uploads" aria-label={t("upload.label")}>
      {all.map((upload) => (
        <li key={upload.number} class={upload.refusal === "" ? "upload" : "upload refused"}>
          <span class="upload-name">
            <bdi>{upload.name}</bdi> <small>{size(upload.bytes, language.value)}</small>
          </span>
          {upload.refusal === "" ? (
            <progress value={upload.done} max={1} aria-label={t("upload.progress", { name: upload.name })} />
          ) : (
            <span role="alert">{refusalText(upload)}</span>
          )}
          <IconButton
            icon="close"
            label={upload.refusal === "" ? t("upload.cancel", { name: upload.name }) : t("upload.dismiss")}
            onClick={() => uploads.cancel(upload.number)}
          />
        </li>
      ))}
    </ul>
  );
}

export function refusalText({ refusal, limit }: Pick<Upload, "refusal" | "limit">): string {
  const most =
    refusal === "TOO_MANY_PIXELS" ? new Intl.NumberFormat(language.value).format(limit) : size(limit, language.value);
  const key = limit > 0 ? `upload.refused.${refusal}.limit` : `upload.refused.${refusal}`;
  return maybe(key, { limit: most }) ?? maybe(`upload.refused.${refusal}`) ?? t("upload.refused.FAILED");
}

/** The pictures that a message links to, where this server has them. */
export function Pictures({ blocks }: { blocks: readonly Block[] }): VNode | null {
  const { hosts } = usePage();
  const pictures = links(blocks)
    .map((href) => ({ href, source: thumbnail(href, hosts) }))
    .filter(({ source }) => source !== "");
  if (pictures.length === 0) return null;
  return (
    <div class="pictures">
      {pictures.slice(0, PICTURES_MAX).map(({ href, source }) => (
        <a key={href} href={source.replace("/thumbnails/", "/uploads/")} target="_blank" rel="noopener noreferrer">
          <img src={source} alt={t("upload.picture")} loading="lazy" decoding="async" />
        </a>
      ))}
    </div>
  );
}

/** More pictures than these in one message are links only. */
const PICTURES_MAX = 6;
