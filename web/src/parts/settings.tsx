/** What one can set: oneself, and how the page looks and behaves on this device. */

import type { VNode } from "preact";
import { useRef, useState } from "preact/hooks";
import * as notifications from "../edge/notifications.ts";
import * as push from "../edge/push.ts";
import * as filehost from "../state/features/filehost.ts";
import * as webpush from "../state/features/webpush.ts";
import { t } from "../texts/texts.ts";
import { Avatar, Choice, Dialog, Field, Switch } from "./controls.tsx";
import { usePage } from "./context.ts";
import { foldIn, picture } from "./names.ts";
import { refusalText } from "./refusals.ts";
import { isTaking, refusalText as uploadRefusal } from "./uploads.tsx";

export function Settings({ onClose }: { onClose: () => void }): VNode {
  const { state, tell, view, isSecure, hosts } = usePage();
  const now = state.value;
  const { preferences, me, stage } = now;
  const [nick, setNick] = useState(me.nick || preferences.nick);
  const [displayName, setDisplayName] = useState(now.people.get(foldIn(now, me.nick))?.displayName ?? "");
  const [avatar, setAvatar] = useState(now.people.get(foldIn(now, me.nick))?.avatar ?? "");
  const isReady = stage.kind === "ready";
  const noNotifications = notifications.unavailable(isSecure);
  const [isRefused, setRefused] = useState(false);
  const askNotifications = async (wanted: boolean): Promise<void> => {
    const isAllowed = wanted && (await notifications.allow());
    setRefused(wanted && !isAllowed);
    tell({ kind: "prefer", preferences: { notifications: isAllowed } });
  };
  return (
    <Dialog title={t("settings.title")} onClose={onClose}>
      <h3>{t("settings.you")}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const wanted = nick.trim().replace(/\s+/g, "_");
          if (wanted !== "" && wanted !== me.nick) tell({ kind: "nick", nick: wanted });
          if (now.server.enabled.has("draft/metadata-2")) {
            tell({ kind: "displayName", name: displayName });
            tell({ kind: "avatar", address: avatar });
          }
          onClose();
        }}
      >
        <Field label={t("settings.nick")} value={nick} onInput={setNick} maxLength={60} />
        {now.server.enabled.has("draft/metadata-2") && (
          <>
            <Field
              label={t("settings.displayName")}
              value={displayName}
              onInput={setDisplayName}
              hint={t("settings.displayNameHint")}
              maxLength={100}
            />
            <div class="with-avatar">
              <Avatar name={me.nick} address={avatar} />
              <div>
                <Field
                  label={t("settings.avatar")}
                  value={avatar}
                  onInput={setAvatar}
                  hint={
                    avatar !== "" && picture(avatar, hosts) === undefined
                      ? t("settings.avatarElsewhere")
                      : t("settings.avatarHint")
                  }
                  maxLength={250}
                />
                <AvatarUpload onTaken={setAvatar} />
              </div>
            </div>
          </>
        )}
        <button type="submit" disabled={!isReady}>
          {t("save")}
        </button>
      </form>
      <Switch
        label={t("settings.away")}
        checked={me.away}
        disabled={!isReady}
        onChange={(away) => tell({ kind: "away", reason: away ? t("settings.awayReason") : "" })}
      />
      {isReady && now.server.offered.has("sasl") && (
        <div class="line">
          <span>{me.account === "" ? t("me.guest") : t("me.account", { account: me.account })}</span>
          {me.account === "" ? (
            <button type="button" onClick={() => (view.dialog.value = { kind: "account", tab: "login" })}>
              {t("me.login")}
            </button>
          ) : (
            <button type="button" onClick={() => tell({ kind: "logout" })}>
              {t("settings.logout")}
            </button>
          )}
        </div>
      )}
      <h3>{t("settings.page")}</h3>
      <Choice
        label={t("settings.language")}
        value={preferences.language}
        options={[
          ["en", "English"],
          ["it", "Italiano"],
        ]}
        onChange={(language) => tell({ kind: "prefer", preferences: { language } })}
      />
      <Choice
        label={t("settings.theme")}
        value={preferences.theme}
        options={[
          ["system", t("theme.system")],
          ["light", t("theme.light")],
          ["dark", t("theme.dark")],
        ]}
        onChange={(theme) => tell({ kind: "prefer", preferences: { theme } })}
      />
      <Switch
        label={t("settings.notifications")}
        checked={noNotifications === undefined && preferences.notifications}
        disabled={noNotifications !== undefined}
        hint={
          noNotifications === "insecure"
            ? t("settings.notificationsWhy")
            : noNotifications === "unknown"
              ? t("settings.notificationsUnknown")
              : isRefused
                ? t("settings.notificationsRefused")
                : undefined
        }
        onChange={(wanted) => void askNotifications(wanted)}
      />
      <PushSwitches />
      <Switch
        label={t("settings.events")}
        checked={preferences.showEvents}
        onChange={(showEvents) => tell({ kind: "prefer", preferences: { showEvents } })}
      />
      <Switch
        label={t("settings.typing")}
        checked={preferences.sendTyping}
        onChange={(sendTyping) => tell({ kind: "prefer", preferences: { sendTyping } })}
      />
      {filehost.previewPath(now.server.isupport) !== "" && (
        <Switch
          label={t("settings.previews")}
          hint={t("settings.previewsHint")}
          checked={preferences.showPreviews}
          onChange={(showPreviews) => tell({ kind: "prefer", preferences: { showPreviews } })}
        />
      )}
      {!isSecure && <p class="hint">{t("settings.installWhy")}</p>}
      {preferences.ignored.length > 0 && (
        <fieldset>
          <legend>{t("settings.ignored")}</legend>
          {preferences.ignored.map((key) => (
            <div key={key} class="line">
              <bdi>{key}</bdi>
              <button type="button" class="small" onClick={() => tell({ kind: "ignore", nick: key, ignore: false })}>
                {t("members.unignore")}
              </button>
            </div>
          ))}
        </fieldset>
      )}
      <div class="line">
        <button type="button" onClick={() => (view.dialog.value = { kind: "help" })}>
          {t("help.title")}
        </button>
        <button
          type="button"
          class="danger"
          onClick={() => {
            onClose();
            tell({ kind: "leave" });
          }}
        >
          {t("settings.leave")}
        </button>
      </div>
    </Dialog>
  );
}

/** Chooses a picture on this device, and sends it to the server. */
function AvatarUpload({ onTaken }: { onTaken: (address: string) => void }): VNode | null {
  const { state, uploads } = usePage();
  const field = useRef<HTMLInputElement>(null);
  const [isBusy, setBusy] = useState(false);
  const [refusal, setRefusal] = useState("");
  if (!isTaking(state.value)) return null;
  const send = async (file: File | undefined): Promise<void> => {
    if (!file || isBusy) return;
    setBusy(true);
    const sent = await uploads.deliver(file, () => undefined, new AbortController().signal);
    setBusy(false);
    setRefusal(sent.address === "" ? uploadRefusal(sent) : "");
    if (sent.address !== "") onTaken(sent.address);
  };
  return (
    <>
      <input
        ref={field}
        type="file"
        accept="image/*"
        hidden
        id="avatar-file"
        onChange={(event) => {
          void send(event.currentTarget.files?.[0]);
          event.currentTarget.value = "";
        }}
      />
      <button type="button" class="small" disabled={isBusy} onClick={() => field.current?.click()}>
        {isBusy ? t("settings.avatarSending") : t("settings.avatarChoose")}
      </button>
      {refusal !== "" && (
        <p class="error" role="alert">
          {refusal}
        </p>
      )}
    </>
  );
}

/** Being notified while the page is closed, and staying in one's rooms meanwhile: both need the server, and an account there. */
function PushSwitches(): VNode {
  const { state, tell, isSecure } = usePage();
  const now = state.value;
  const { preferences, me, webPush, server } = now;
  const [isRefused, setRefused] = useState(notifications.isForbidden());
  const why = push.unavailable(isSecure) ?? webpush.unavailable(now);
  const isOn = preferences.push !== "";
  const change = async (wanted: boolean): Promise<void> => {
    const isAllowed = wanted && (await notifications.allow());
    setRefused(wanted && !isAllowed);
    if (!wanted || isAllowed) tell({ kind: "push", on: wanted });
  };
  const hint = (): string => {
    if (why !== undefined) return t(`push.why.${why}`);
    if (isRefused && !isOn) return t("settings.notificationsRefused");
    if (webPush.step === "failed" && webPush.refusal) return refusalText(webPush.refusal);
    if (isOn && me.stays?.effective === false) return t("push.notStaying");
    return server.enabled.has("draft/persistence") ? t("push.about") : t("push.aboutOnly");
  };
  return (
    <>
      <Switch
        label={t("push.switch")}
        checked={isOn}
        disabled={why !== undefined && !isOn}
        hint={hint()}
        onChange={(wanted) => void change(wanted)}
      />
      {me.stays !== undefined && me.account !== "" && (
        <Switch
          label={t("push.stay")}
          checked={me.stays.wish || me.stays.effective}
          disabled={now.stage.kind !== "ready"}
          hint={t("push.stayAbout")}
          onChange={(stays) => tell({ kind: "stay", stays })}
        />
      )}
    </>
  );
}
