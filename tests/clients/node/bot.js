// A bot on npm's irc-framework; see ../README.md.
"use strict";

const { Client } = require("irc-framework");

const channel = "#tea";
const client = new Client();
const say = (...words) => console.log(words.join(" "));

client.requestCap([
  "batch",
  "message-tags",
  "server-time",
  "echo-message",
  "draft/multiline",
  "draft/chathistory",
  "draft/read-marker",
  "draft/message-redaction",
]);
let mine; // the id of its own first line

client.on("loggedin", (event) => say("account", event.account));
client.on("registered", () => client.join(channel));
client.on("join", (event) => {
  if (event.nick !== client.user.nick) return;
  client.say(channel, "one line from node");
  client.raw(`BATCH +1 draft/multiline ${channel}`);
  client.raw(`@batch=1 PRIVMSG ${channel} :first of node`);
  client.raw(`@batch=1 PRIVMSG ${channel} :second of node`);
  client.raw("BATCH -1");
  // The library loses a batch inside of another one: in history each line is to come by itself.
  client.raw("CAP REQ :-draft/multiline");
  client.raw(`CHATHISTORY LATEST ${channel} * 10`);
});
client.on("batch end chathistory", () => say("end"));
client.on("privmsg", (event) => {
  const isHistory = event.batch?.type === "chathistory";
  say(isHistory ? "history" : "heard", event.nick, event.message);
  if (isHistory) return;
  if (event.nick === client.user.nick) {
    mine ??= event.tags.msgid;
  } else if (event.message === "react") {
    client.tagmsg(channel, { "+draft/reply": event.tags.msgid, "+draft/react": "👍" });
    client.raw(`MARKREAD ${channel} timestamp=${event.tags.time}`);
  } else if (event.message === "take it back") {
    client.raw(`REDACT ${channel} ${mine} :as asked`);
  } else if (event.message === "bye") {
    client.quit("as told");
  }
});
client.on("unknown command", (line) => {
  if (line.command === "MARKREAD" && line.params[1] !== "*") say("read", line.params[1].replace("timestamp=", ""));
  if (line.command === "REDACT") say("redacted", line.nick, line.params[1]);
});
client.on("close", () => process.exit(0));

client.connect({
  host: "127.0.0.1",
  port: Number(process.env.LOGGIA_PORT),
  nick: process.env.LOGGIA_NICK,
  account: { account: process.env.LOGGIA_ACCOUNT, password: process.env.LOGGIA_PASSWORD },
  auto_reconnect: false,
});
