/** How the connection stands, where it does not. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../texts/texts.ts";
import { usePage } from "./context.ts";

/** Says that the server cannot be reached, and when it is tried again. */
export function ConnectionLine(): VNode | null {
  const { state, tell } = usePage();
  const { stage, outbox } = state.value;
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    if (stage.kind !== "waiting") return;
    const timer = setInterval(() => setNow(Date.now()), 500);
    return () => clearInterval(timer);
  }, [stage.kind]);
  if (stage.kind === "ready") return null;
  const waiting = outbox.length > 0 ? t("connection.waiting") : "";
  const text =
    stage.kind === "waiting"
      ? t("connection.lost", { seconds: Math.max(1, Math.ceil((stage.until - now) / 1000)) })
      : t("connection.connecting");
  return (
    <p class="connection" role="status">
      {text} {waiting}
      {stage.kind === "waiting" && (
        <button type="button" class="small" onClick={() => tell({ kind: "reconnect" })}>
          {t("connection.now")}
        </button>
      )}
    </p>
  );
}
