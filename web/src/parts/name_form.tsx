/** The first thing one sees: say how you are called, and you are in. */

import type { VNode } from "preact";
import { useState } from "preact/hooks";
import { t } from "../texts/texts.ts";
import { ConnectionLine } from "./connection_line.tsx";
import { Field } from "./controls.tsx";
import { usePage } from "./context.ts";
import { refusalText } from "./refusals.ts";

/** What is said about the account that was to be made, and not about the name. */
const ABOUT_ACCOUNTS: readonly string[] = [
  "INVALID_INVITATION",
  "INVITATION_REQUIRED",
  "WEAK_PASSWORD",
  "TEMPORARILY_UNAVAILABLE",
];

export function NameForm(): VNode {
  const { state, tell, network, description, suggestedName, isSecure } = usePage();
  const { stage, preferences, firstRoom, invitation } = state.value;
  const [name, setName] = useState(preferences.nick || suggestedName);
  const [password, setPassword] = useState("");
  const [signUp, setSignUp] = useState("");
  const refusal = stage.kind === "unnamed" || stage.kind === "refused" ? stage.refusal : undefined;
  const wantsPassword = refusal?.code === "464";
  const isAboutInvitation = refusal !== undefined && ABOUT_ACCOUNTS.includes(refusal.code);
  const isBusy = stage.kind === "connecting" || stage.kind === "registering";
  return (
    <main class="welcome">
      <form
        class="welcome-card"
        onSubmit={(event) => {
          event.preventDefault();
          const nick = name.trim().replace(/\s+/g, "_");
          if (nick !== "") tell({ kind: "name", nick, password, signUp });
        }}
      >
        <Arches />
        <h1>{network}</h1>
        {description !== "" && <p class="welcome-about">{description}</p>}
        <Field
          label={t("name.label")}
          value={name}
          onInput={setName}
          autofocus
          required
          autocomplete="nickname"
          maxLength={60}
          hint={t("name.hint")}
          error={refusal && !wantsPassword && !isAboutInvitation ? refusalText(refusal) : undefined}
        />
        {wantsPassword && (
          <Field
            label={t("name.password")}
            type="password"
            value={password}
            onInput={setPassword}
            autocomplete="current-password"
            error={password === "" ? t("name.passwordNeeded") : undefined}
          />
        )}
        {invitation !== "" && (
          <Field
            label={t("name.signUp")}
            type="password"
            value={signUp}
            onInput={setSignUp}
            autocomplete="new-password"
            hint={isSecure ? t("name.signUpHint") : `${t("name.signUpHint")} ${t("account.notEncrypted")}`}
            error={isAboutInvitation && refusal ? `${refusalText(refusal)} ${t("name.asGuest")}` : undefined}
          />
        )}
        <button type="submit" class="primary" disabled={isBusy}>
          {isBusy ? t("name.entering") : firstRoom === "" ? t("name.enter") : t("name.enterRoom", { room: firstRoom })}
        </button>
        {stage.kind === "waiting" && <ConnectionLine />}
        <p class="welcome-foot">{t("name.foot")}</p>
      </form>
    </main>
  );
}

/** The gallery on the square. */
function Arches(): VNode {
  return (
    <svg class="arches" viewBox="0 0 120 44" aria-hidden="true">
      <path d="M2 6h116M2 10h116M6 42V26a12 12 0 0 1 24 0v16M34 42V26a12 12 0 0 1 24 0v16M62 42V26a12 12 0 0 1 24 0v16M90 42V26a12 12 0 0 1 24 0v16M0 42h120" />
    </svg>
  );
}
