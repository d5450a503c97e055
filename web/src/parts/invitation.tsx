/** An invitation: a word that makes an account, in a link that opens a room. Made by operators of the server; docs/protocol/invite.md. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { wordOf } from "../state/features/operator.ts";
import { t } from "../texts/texts.ts";
import { Choice } from "./controls.tsx";
import { usePage } from "./context.ts";
import { refusalText } from "./refusals.ts";

const USES = ["1", "5", "30", "100"] as const;
const DAYS = ["1", "7", "30", "0"] as const;

/** Makes one, and shows the link and the code of the newest. */
export function InvitationForm({ room }: { room: string }): VNode {
  const { state, tell } = usePage();
  const [uses, setUses] = useState<(typeof USES)[number]>("1");
  const [days, setDays] = useState<(typeof DAYS)[number]>("7");
  const [since] = useState(state.value.counter);
  // Words are shown once, so only what was made while this stood on the screen.
  const made = state.value.operator.acts.findLast(
    (act) => act.deed.kind === "invite" && act.number > since && !act.undone,
  );
  const word = wordOf(made);
  return (
    <>
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          tell({ kind: "act", deed: { kind: "invite", uses: Number(uses), days: Number(days) } });
        }}
      >
        <Choice
          label={t("invitation.for")}
          value={uses}
          options={USES.map((count) => [count, t(`invitation.for${count}`)])}
          onChange={setUses}
        />
        <Choice
          label={t("invitation.holds")}
          value={days}
          options={DAYS.map((count) => [count, t(`invitation.days${count}`)])}
          onChange={setDays}
        />
        <button type="submit" class="small primary">
          {t("invitation.make")}
        </button>
      </form>
      {made?.status === "failed" && made.refusal && (
        <p class="error" role="alert">
          {refusalText(made.refusal)}
        </p>
      )}
      {word !== "" && <JoinLink room={room} token={word} />}
    </>
  );
}

/** A link into a room, with the code that a camera reads. Where the server is on several networks, one chooses. */
export function JoinLink({ room, token = "" }: { room: string; token?: string }): VNode {
  const { address, addresses, fingerprint } = usePage();
  const [isCopied, setCopied] = useState(false);
  const [chosen, setChosen] = useState(address);
  const all = addresses.includes(address) || addresses.length === 0 ? addresses : [address, ...addresses];
  const query = `room=${encodeURIComponent(room)}${token === "" ? "" : `&token=${encodeURIComponent(token)}`}`;
  const link = `${chosen}/#join?${query}${fingerprint === "" ? "" : `&fp=sha256:${fingerprint}`}`;
  const host = URL.canParse(chosen) ? new URL(chosen).hostname.replace(/^\[|\]$/g, "") : "";
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(link);
      setCopied(true);
    } catch {
      // Unencrypted pages have no clipboard: the link can be selected.
      setCopied(false);
    }
  };
  return (
    <div class="join-link">
      {token !== "" && <p>{t("invitation.text", { room })}</p>}
      <img
        class="code"
        src={`/invite.svg?${query}${host === "" ? "" : `&at=${encodeURIComponent(host)}`}`}
        alt={t("share.code", { room })}
      />
      {all.length > 1 && (
        <Choice
          label={t("share.network")}
          value={chosen}
          options={all.map((one) => [one, one.replace(/^https?:\/\//, "")])}
          onChange={setChosen}
        />
      )}
      <input
        class="share-link"
        readOnly
        value={link}
        aria-label={token === "" ? t("share.link") : t("invitation.link")}
        onFocus={(event) => event.currentTarget.select()}
      />
      {window.isSecureContext && (
        <button type="button" class="primary" onClick={copy}>
          {isCopied ? t("share.copied") : t("share.copy")}
        </button>
      )}
    </div>
  );
}
