/** Something that is done only after it was asked once: what exactly, why, for how long. */

import type { ComponentChildren, VNode } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "../texts/texts.ts";

interface SureProps {
  /** What stands on the button. */
  readonly label: string;
  /** What is asked. */
  readonly question: string;
  readonly onSure: () => void;
  /** What can be said about it first. */
  readonly children?: ComponentChildren;
  readonly class?: string;
  readonly disabled?: boolean;
}

/** A button; once it is pressed, the question with its answers stands in its place. */
export function Sure({ label, question, onSure, children, class: name = "small", disabled = false }: SureProps): VNode {
  const [isAsking, setAsking] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const group = useRef<HTMLFormElement>(null);
  const wasAsking = useRef(false);
  // The focus goes along, at once: to the first thing to answer, and back to the button.
  useLayoutEffect(() => {
    if (isAsking) group.current?.querySelector<HTMLElement>("input, select, button")?.focus();
    else if (wasAsking.current) button.current?.focus();
    wasAsking.current = isAsking;
  }, [isAsking]);
  if (!isAsking)
    return (
      <button ref={button} type="button" class={name} disabled={disabled} onClick={() => setAsking(true)}>
        {label}
      </button>
    );
  return (
    <form
      ref={group}
      class="sure"
      aria-label={question}
      onSubmit={(event) => {
        event.preventDefault();
        setAsking(false);
        onSure();
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        setAsking(false);
      }}
    >
      <p dir="auto">{question}</p>
      {children}
      <div class="line">
        <button type="submit" class="small danger">
          {label}
        </button>
        <button type="button" class="small" onClick={() => setAsking(false)}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
