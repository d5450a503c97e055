/** Logging in and signing up, while the conversation goes on. */

import type { VNode } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../texts/texts.ts";
import { word } from "../edge/random.ts";
import { Dialog, Field, Switch } from "./controls.tsx";
import { usePage } from "./context.ts";
import { refusalText } from "./refusals.ts";

export function AccountDialog({ tab, onClose }: { tab: "login" | "register"; onClose: () => void }): VNode {
  const { state, tell, view, isSecure } = usePage();
  const now = state.value;
  const { login, me, server } = now;
  const [account, setAccount] = useState(me.nick);
  const [password, setPassword] = useState("");
  const [invitation, setInvitation] = useState(now.invitation);
  const [isRemembered, setRemembered] = useState(true);
  const [hasAsked, setAsked] = useState(false);
  const canRegister = server.offered.has("draft/account-registration");
  const needsInvitation = (server.offered.get("loggia.chat/invite") ?? "").includes("required");
  const isBusy = login !== undefined && login.step !== "failed";
  const refusal = hasAsked && login?.step === "failed" ? login.refusal : undefined;
  useEffect(() => {
    if (hasAsked && me.account !== "" && login === undefined) onClose();
  }, [hasAsked, me.account, login]);
  const isNew = tab === "register";
  return (
    <Dialog title={isNew ? t("account.register") : t("account.login")} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          const random = word(144);
          if (isNew) tell({ kind: "register", password, invitation, random });
          else tell({ kind: "login", account: account.trim(), password, remember: isRemembered, random });
        }}
      >
        {isNew ? (
          <p>{t("account.registerText", { nick: me.nick })}</p>
        ) : (
          <Field label={t("account.name")} value={account} onInput={setAccount} autocomplete="username" required />
        )}
        <Field
          label={t("account.password")}
          type="password"
          value={password}
          onInput={setPassword}
          autocomplete={isNew ? "new-password" : "current-password"}
          required
          error={refusal ? refusalText(refusal) : undefined}
          hint={isNew && !isSecure ? t("account.notEncrypted") : undefined}
        />
        {isNew && needsInvitation && (
          <Field label={t("account.invitation")} value={invitation} onInput={setInvitation} required />
        )}
        {!isNew && (
          <Switch
            label={t("account.remember")}
            checked={isRemembered}
            onChange={setRemembered}
            hint={t("account.rememberHint")}
          />
        )}
        <button type="submit" class="primary" disabled={isBusy || password === ""}>
          {isBusy ? t("account.busy") : isNew ? t("account.registerButton") : t("account.loginButton")}
        </button>
      </form>
      {(canRegister || isNew) && (
        <button
          type="button"
          class="plain"
          onClick={() => (view.dialog.value = { kind: "account", tab: isNew ? "login" : "register" })}
        >
          {isNew ? t("account.haveOne") : t("account.haveNone")}
        </button>
      )}
    </Dialog>
  );
}
