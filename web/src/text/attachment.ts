/** The links of a message: which are pictures that were sent to this server, and which lead to pages; how large something is in words. */

import type { Block, Span } from "./format.ts";

const PICTURE = /^\/uploads\/([0-9abcdefghjkmnpqrstvwxyz]{26}\.(?:jpg|png|gif|webp))$/;
const UNITS = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

/** The address of the smaller picture on this site; "" for a link to anything else. `hosts` are the names of this site. */
export function thumbnail(href: string, hosts: readonly string[]): string {
  let url: URL;
  try {
    url = new URL(href);
  } catch {
    return "";
  }
  const name = PICTURE.exec(url.pathname)?.[1];
  const isPlain = (url.protocol === "http:" || url.protocol === "https:") && url.search === "" && url.username === "";
  return name !== undefined && isPlain && hosts.includes(url.host) ? `/thumbnails/${name}` : "";
}

/** The links of a message, but for those that are quoted. */
export function links(blocks: readonly Block[]): string[] {
  return blocks.flatMap((block) => (block.kind === "paragraph" ? block.spans.flatMap(linksOf) : []));
}

function linksOf(span: Span): string[] {
  if (span.kind === "link") return [span.href];
  return span.kind === "styled" ? span.spans.flatMap(linksOf) : [];
}

/** The links of a message that lead to pages elsewhere. */
export function pageLinks(blocks: readonly Block[], hosts: readonly string[]): string[] {
  return links(blocks).filter(
    (href) => /^https?:/i.test(href) && URL.canParse(href) && !hosts.includes(new URL(href).host),
  );
}

/** A number of bytes as people say it. */
export function size(bytes: number, language: string): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  const number = bytes / 1024 ** unit;
  return new Intl.NumberFormat(language, {
    style: "unit",
    unit: UNITS[unit] ?? "byte",
    unitDisplay: "short",
    maximumFractionDigits: number < 10 && unit > 0 ? 1 : 0,
  }).format(number);
}
