/** A card about the page behind a link. */

import type { VNode } from "preact";
import * as filehost from "../state/features/filehost.ts";
import { pageLinks } from "../text/attachment.ts";
import type { Block } from "../text/format.ts";
import { t } from "../texts/texts.ts";
import { IconButton } from "./controls.tsx";
import { usePage } from "./context.ts";
import { useComputed } from "@preact/signals";

/** The card of a message's first link to a page, where the server looks at pages and the person wants to see it. */
export function PreviewCard({ blocks }: { blocks: readonly Block[] }): VNode | null {
  const { state, hosts } = usePage();
  const isWanted = useComputed(
    () => state.value.preferences.showPreviews && filehost.previewPath(state.value.server.isupport) !== "",
  ).value;
  const [link] = isWanted ? pageLinks(blocks, hosts) : [];
  // What was taken away is not even asked for.
  const isClosed = useComputed(() => state.value.preferences.closedPreviews.includes(link ?? "")).value;
  return link === undefined || isClosed ? null : <Card key={link} link={link} />;
}

function Card({ link }: { link: string }): VNode | null {
  const { previews, tell } = usePage();
  const preview = previews.of(link).value;
  if (!preview) return null;
  const { title, about, site, picture } = preview;
  return (
    <div class="preview" role="group" aria-label={t("preview.label", { site })}>
      {picture !== "" && <img src={picture} alt="" />}
      <div class="preview-words">
        {site !== "" && (
          <small>
            <bdi>{site}</bdi>
          </small>
        )}
        <a href={link} target="_blank" rel="noopener noreferrer" dir="auto">
          {title || link}
        </a>
        {about !== "" && <p dir="auto">{about}</p>}
      </div>
      <IconButton icon="close" label={t("preview.close")} onClick={() => tell({ kind: "closePreview", link })} />
    </div>
  );
}
