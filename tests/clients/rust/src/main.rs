//! A bot on the crate `irc`; see ../README.md.

use futures::StreamExt as _;
use irc::client::prelude::{Capability, Client, Command, Config, Message, Prefix, Response};
use irc::proto::CapSubCommand;
use irc::proto::message::Tag;

const CHANNEL: &str = "#tea";
const CAPABILITIES: [&str; 6] =
    ["batch", "message-tags", "server-time", "echo-message", "draft/multiline", "draft/chathistory"];

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
                if history.is_none() && text == "bye" {
                    client.send_quit("as told")?;
                }
            }
            _ => {}
        }
    }
    Ok(())
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
