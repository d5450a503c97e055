/** What a line of the server's means: one table, from its command to the feature that takes it. */

import type { Message } from "../irc/message.ts";
import * as connection from "./connection.ts";
import * as authenticate from "./features/authenticate.ts";
import * as batch from "./features/batch.ts";
import * as cap from "./features/cap.ts";
import * as edit from "./features/edit.ts";
import * as filehost from "./features/filehost.ts";
import * as join from "./features/join.ts";
import * as list from "./features/list.ts";
import * as message from "./features/message.ts";
import * as metadata from "./features/metadata.ts";
import * as operator from "./features/operator.ts";
import * as names from "./features/names.ts";
import * as persistence from "./features/persistence.ts";
import * as presence from "./features/presence.ts";
import * as readMarker from "./features/read_marker.ts";
import * as register from "./features/register.ts";
import * as resume from "./features/resume.ts";
import * as standardReplies from "./features/standard_replies.ts";
import * as typing from "./features/typing.ts";
import * as webpush from "./features/webpush.ts";
import * as welcome from "./features/welcome.ts";
import * as outbox from "./outbox.ts";
import type { Turn } from "./turn.ts";

type Handler = (turn: Turn, line: Message) => void;

const nothing: Handler = () => {};

const HANDLERS: ReadonlyMap<string, Handler> = new Map<string, Handler>([
  // The connection.
  ["CAP", cap.cap],
  ["AUTHENTICATE", authenticate.authenticate],
  ["PING", (turn, line) => turn.send({ command: "PONG", params: line.params, trailing: true })],
  ["PONG", nothing],
  ["ERROR", connection.error],
  ["001", welcome.welcome],
  ["005", welcome.isupport],
  ["375", welcome.motd],
  ["372", welcome.motd],
  ["376", welcome.ready],
  ["422", welcome.ready],
  ["432", connection.nickRefused],
  ["433", connection.nickRefused],
  ["436", connection.nickRefused],
  ["437", connection.nickRefused],
  ["464", connection.refused],
  ["465", connection.refused],
  ["900", authenticate.loggedIn],
  ["901", authenticate.loggedIn],
  ["902", authenticate.failed],
  ["903", authenticate.succeeded],
  ["904", authenticate.failed],
  ["905", authenticate.failed],
  ["906", authenticate.failed],
  ["907", authenticate.failed],
  ["908", authenticate.failed],
  ["REGISTER", register.answered],
  ["INVITATION", nothing],
  ["TOKEN", filehost.token],
  ["WEBPUSH", webpush.webpush],
  ["PERSISTENCE", persistence.persistence],
  // Talking.
  ["PRIVMSG", message.said],
  ["NOTICE", message.said],
  ["TAGMSG", typing.tagmsg],
  ["BATCH", batch.batch],
  ["EDIT", edit.edit],
  ["REDACT", edit.redact],
  ["MARKREAD", readMarker.markread],
  ["ACK", outbox.acknowledged],
  // Who is where.
  ["JOIN", join.join],
  ["PART", join.part],
  ["KICK", join.kick],
  ["QUIT", join.quit],
  ["NICK", join.nick],
  ["INVITE", join.invite],
  ["RENAME", join.rename],
  ["353", names.names],
  ["366", join.namesEnded],
  ["354", names.whox],
  ["315", nothing],
  ["403", join.refused],
  ["405", join.refused],
  ["471", join.refused],
  ["473", join.refused],
  ["474", join.refused],
  ["475", join.refused],
  ["476", join.refused],
  ["477", join.refused],
  // What channels and people are like.
  ["TOPIC", names.topic],
  ["331", names.topic],
  ["332", names.topic],
  ["333", nothing],
  ["MODE", names.mode],
  ["324", names.channelModes],
  ["329", nothing],
  ["221", nothing],
  ["367", names.ban],
  ["368", names.bansEnded],
  ["AWAY", presence.away],
  ["301", presence.isAway],
  ["305", presence.ownAway],
  ["306", presence.ownAway],
  ["ACCOUNT", presence.account],
  ["CHGHOST", presence.chghost],
  ["SETNAME", presence.setname],
  ["730", presence.monitored],
  ["731", presence.monitored],
  ["METADATA", metadata.metadata],
  ["761", metadata.metadata],
  ["766", metadata.metadata],
  ["770", nothing],
  ["771", nothing],
  ["772", nothing],
  ["774", nothing],
  // Questions.
  ["321", nothing],
  ["322", list.list],
  ["323", list.list],
  ...[
    "276",
    "307",
    "311",
    "312",
    "313",
    "317",
    "318",
    "319",
    "320",
    "330",
    "335",
    "338",
    "378",
    "379",
    "671",
    "760",
  ].map((numeric): [string, Handler] => [numeric, list.whois]),
  ["FAIL", standardReplies.reply],
  ["WARN", standardReplies.reply],
  ["NOTE", standardReplies.reply],
]);

/** Takes one line. */
export function lineFromServer(turn: Turn, line: Message): void {
  if (batch.collect(turn, line)) return;
  if (operator.answered(turn, line)) return;
  const handler = HANDLERS.get(line.command);
  if (handler) handler(turn, line);
  else if (/^[4-9]\d\d$/.test(line.command)) standardReplies.error(turn, line);
  else if (/^\d\d\d$/.test(line.command)) standardReplies.information(turn, line);
  resume.note(turn, line);
}
