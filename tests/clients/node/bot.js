// A bot on npm's irc-framework; see ../README.md.
"use strict";

const { Client } = require("irc-framework");

const channel = "#tea";
const client = new Client();
// The library gives out a batch inside of another one before it, so what was said before is put in order by its time.
const past = [];

const say = (...words) => console.log(words.join(" "));

client.requestCap(["batch", "message-tags", "server-time", "draft/multiline", "draft/chathistory"]);

client.on("loggedin", (event) => say("account", event.account));
client.on("registered", () => client.join(channel));
client.on("join", (event) => {
  if (event.nick !== client.user.nick) return;
  client.say(channel, "one line from node");
  client.raw(`BATCH +1 draft/multiline ${channel}`);
  client.raw(`@batch=1 PRIVMSG ${channel} :first of node`);
  client.raw(`@batch=1 PRIVMSG ${channel} :second of node`);
  client.raw("BATCH -1");
  client.raw(`CHATHISTORY LATEST ${channel} * 10`);
});
client.on("batch end chathistory", () => {
  past.sort((one, other) => one.time - other.time);
  for (const event of past) say("history", event.nick, event.message);
  say("end");
});
client.on("privmsg", (event) => {
  // Without echo-message, what it said itself comes from history only.
  if (event.batch || event.nick === client.user.nick) return past.push(event);
  say("heard", event.nick, event.message);
  if (event.message === "bye") client.quit("as told");
});
client.on("close", () => process.exit(0));

client.connect({
  host: "127.0.0.1",
  port: Number(process.env.LOGGIA_PORT),
  nick: process.env.LOGGIA_NICK,
  account: { account: process.env.LOGGIA_ACCOUNT, password: process.env.LOGGIA_PASSWORD },
  auto_reconnect: false,
});
