//! A bot on the crate `irc`; see ../README.md.

use futures::StreamExt as _;
use irc::client::prelude::{Capability, Client, Command, Config, Message, Prefix, Response};
use irc::proto::CapSubCommand;
use irc::proto::message::Tag;

const CHANNEL: &str = "#tea";
const CAPABILITIES: [&str; 8] = [
    "batch",
    "message-tags",
    "server-time",
    "echo-message",
    "draft/multiline",
    "draft/chathistory",
    "draft/read-marker",
    "draft/message-redaction",
];

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| panic!("{name} is missing"))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), irc::error::Error> {
    let nick = variable("LOGGIA_NICK");
    let config = Config {
        nickname: Some(nick.clone()),
        server: Some("127.0.0.1".to_owned()),
        port: variable("LOGGIA_PORT").parse().ok(),
        ..Config::default()
    };
    let mut client = Client::from_config(config).await?;
    client.send(Command::CAP(None, CapSubCommand::LS, Some("302".to_owned()), None))?;
    let wanted: Vec<Capability> = [Capability::Sasl].into_iter().chain(CAPABILITIES.map(Capability::Custom)).collect();
    client.send_cap_req(&wanted)?;
    client.send(Command::NICK(nick.clone()))?;
    client.send(Command::USER(nick.clone(), "0".to_owned(), "A bot in Rust".to_owned()))?;
    client.send_sasl_plain()?;

    let mut stream = client.stream()?;
    let mut history: Option<String> = None;
    // The id of its own first line.
    let mut mine: Option<String> = None;
    while let Some(message) = stream.next().await.transpose()? {
        let sender = match &message.prefix {
            Some(Prefix::Nickname(nick, ..)) => nick.as_str(),
            _ => "",
        };
        match &message.command {
            Command::AUTHENTICATE(_) => {
                let (account, password) = (variable("LOGGIA_ACCOUNT"), variable("LOGGIA_PASSWORD"));
                client.send_sasl(base64(format!("\0{account}\0{password}").as_bytes()))?;
            }
            Command::Response(Response::RPL_LOGGEDIN, words) => println!("account {}", words[2]),
            Command::Response(Response::RPL_SASLSUCCESS, _) => {
                client.send(Command::CAP(None, CapSubCommand::END, None, None))?;
            }
            Command::Response(Response::RPL_WELCOME, _) => client.send_join(CHANNEL)?,
            Command::JOIN(..) if sender == nick => {
                client.send_privmsg(CHANNEL, "one line from rust")?;
                // The library has no function for these, and would write the batch's type in capitals.
                client.send(raw("BATCH", &["+1", "draft/multiline", CHANNEL]))?;
                for text in ["first of rust", "second of rust"] {
                    let tags = Some(vec![Tag("batch".to_owned(), Some("1".to_owned()))]);
                    let line = Command::PRIVMSG(CHANNEL.to_owned(), text.to_owned());
                    client.send(Message { tags, prefix: None, command: line })?;
                }
                client.send(raw("BATCH", &["-1"]))?;
                client.send(raw("CHATHISTORY", &["LATEST", CHANNEL, "*", "10"]))?;
            }
            Command::BATCH(reference, Some(kind), _) if kind.to_str().eq_ignore_ascii_case("chathistory") => {
                history = reference.strip_prefix('+').map(str::to_owned);
            }
            Command::BATCH(reference, ..)
                if reference.strip_prefix('-').is_some_and(|end| Some(end) == history.as_deref()) =>
            {
                history = None;
                println!("end");
            }
            Command::PRIVMSG(_, text) => {
                println!("{} {sender} {text}", if history.is_some() { "history" } else { "heard" });
                if history.is_some() {
                    continue;
                }
                if sender == nick {
                    mine = mine.or_else(|| Some(tag(&message, "msgid").to_owned()));
                    continue;
                }
                match text.as_str() {
                    "react" => {
                        let tags = [("+draft/reply", tag(&message, "msgid")), ("+draft/react", "👍")];
                        let tags = tags.map(|(key, value)| Tag(key.to_owned(), Some(value.to_owned())));
                        let command = raw("TAGMSG", &[CHANNEL]);
                        client.send(Message { tags: Some(tags.into()), prefix: None, command })?;
                        let time = format!("timestamp={}", tag(&message, "time"));
                        client.send(raw("MARKREAD", &[CHANNEL, &time]))?;
                    }
                    "take it back" => {
                        client.send(raw("REDACT", &[CHANNEL, mine.as_deref().unwrap_or_default(), "as asked"]))?;
                    }
                    "bye" => client.send_quit("as told")?,
                    _ => {}
                }
            }
            Command::Raw(name, words) if name == "MARKREAD" && words[1] != "*" => {
                println!("read {}", words[1].trim_start_matches("timestamp="));
            }
            Command::Raw(name, words) if name == "REDACT" => println!("redacted {sender} {}", words[1]),
            _ => {}
        }
    }
    Ok(())
}

/// The value of a tag; nothing where it is missing.
fn tag<'a>(message: &'a Message, key: &str) -> &'a str {
    let tags = message.tags.iter().flatten();
    tags.filter(|tag| tag.0 == key).find_map(|tag| tag.1.as_deref()).unwrap_or_default()
}

fn raw(command: &str, parameters: &[&str]) -> Command {
    Command::Raw(command.to_owned(), parameters.iter().map(|word| (*word).to_owned()).collect())
}

/// Encodes as RFC 4648 says: the library leaves that to its users.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().chain([0, 0].iter()).take(3).fold(0_usize, |sum, byte| sum << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = DIGITS[number >> (18 - 6 * place) & 63];
            text.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    text
}
