/** Events in words. */

import type { ChatMessage } from "../state/state.ts";
import { stripFormatting } from "../irc/text.ts";
import { refusalText } from "./refusals.ts";
import { t } from "../texts/texts.ts";

export function eventText(message: ChatMessage): string {
  const { nick, other } = message;
  const text = stripFormatting(message.text);
  const because = text === "" ? "" : t("event.because", { text });
  switch (message.event) {
    case "join":
      return t("event.join", { nick });
    case "part":
      return t("event.part", { nick }) + because;
    case "quit":
      return t("event.quit", { nick }) + because;
    case "nick":
      return t("event.nick", { nick, other });
    case "kick":
      return t("event.kick", { nick, other }) + because;
    case "topic":
      return text === "" ? t("event.topicCleared", { nick }) : t("event.topic", { nick, text });
    case "mode":
      return t("event.mode", { nick, text });
    case "rename":
      return t("event.rename", { nick, other }) + because;
    case "invite":
      return t("event.invite", { nick, other });
    case "refused":
      return refusalText({ code: other, text });
    default:
      return text;
  }
}
