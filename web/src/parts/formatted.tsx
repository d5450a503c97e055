/** A message's text as elements. */

import type { ComponentChild, VNode } from "preact";
import { memo } from "preact/compat";
import { blocks, type Span, type Style } from "../text/format.ts";
import { usePage } from "./context.ts";
import { PreviewCard } from "./preview.tsx";
import { Pictures } from "./uploads.tsx";

export const Formatted = memo(function Formatted({ text, nick }: { text: string; nick: string }): VNode {
  const all = blocks(text, nick);
  const isBig = /^(\p{Extended_Pictographic}\uFE0F?\s*){1,3}$/u.test(text);
  return (
    <div class={isBig ? "body big" : "body"} dir="auto">
      {all.map((block, index) => {
        // The blocks of a text never move.
        const key = `${index}`;
        if (block.kind === "code") {
          return (
            <pre key={key} tabIndex={0}>
              <code>{block.text}</code>
            </pre>
          );
        }
        if (block.kind === "quote") return <blockquote key={key}>{block.spans.map(show)}</blockquote>;
        return <p key={key}>{block.spans.length === 0 ? "\u00a0" : block.spans.map(show)}</p>;
      })}
      <Pictures blocks={all} />
      <PreviewCard blocks={all} />
    </div>
  );
});

/** One line, for where there is only room for one. */
export function Inline({ spans }: { spans: readonly Span[] }): VNode {
  return <>{spans.map(show)}</>;
}

function show(span: Span, index: number): ComponentChild {
  switch (span.kind) {
    case "text":
      return span.text;
    case "code":
      return <code key={index}>{span.text}</code>;
    case "link":
      return (
        <a key={index} href={span.href} target="_blank" rel="noopener noreferrer">
          {span.text}
        </a>
      );
    case "channel":
      return <ChannelLink key={index} name={span.text} />;
    case "mention":
      return (
        <mark key={index} class="mention">
          {span.text}
        </mark>
      );
    case "styled":
      return styled(span.style, span.spans.map(show), index);
  }
}

function styled(style: Style, inner: ComponentChild[], index: number): VNode {
  let shown: ComponentChild = inner;
  if (style.bold) shown = <strong>{shown}</strong>;
  if (style.italic) shown = <em>{shown}</em>;
  if (style.underline) shown = <u>{shown}</u>;
  if (style.strike) shown = <s>{shown}</s>;
  const colors = [
    style.color === undefined ? "" : `c${style.color}`,
    style.background === undefined ? "" : `b${style.background}`,
  ].filter((name) => name !== "");
  return (
    <span key={index} class={colors.length > 0 ? colors.join(" ") : undefined}>
      {shown}
    </span>
  );
}

function ChannelLink({ name }: { name: string }): VNode {
  const { tell } = usePage();
  return (
    <button type="button" class="channel-link" onClick={() => tell({ kind: "join", name })}>
      {name}
    </button>
  );
}
