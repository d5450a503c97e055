//! Commands from a small grammar, mostly valid, by four clients in each other's way: the deep paths of the session as a whole.

use std::fmt::Write as _;

use irc::casemap::CaseMapping;

use super::choices::Choices;
use super::script::{LogStep, Step};
use super::simulated::{LogManner, Simulated};

/// What a parameter is.
#[derive(Clone, Copy, Debug)]
enum Param {
    Nick,
    Channel,
    /// A nick or a channel.
    Target,
    /// Several of them, with commas.
    Targets,
    Mask,
    Text,
    Number,
    ChannelModes,
    UserModes,
    Is(&'static str),
    OneOf(&'static [&'static str]),
}

use Param::{Channel, ChannelModes, Is, Mask, Nick, Number, OneOf, Target, Targets, Text, UserModes};

/// Messages that may be there.
const MESSAGES: &[&str] = &["1-5", "1-8", "1-a", "1-c", "1-f", "1-h", "1-m", "2-1", "nonsense"];

/// Questions that may be asked.
const SEARCHES: &[&str] = &[
    "text=hello",
    "text=two\\swords;limit=1",
    ":text=\"hello\"\\s-w*;in=#tea",
    "from=alice;in=bob",
    "after=2026-01-01T00:00:00.000Z",
    "text=?!;colour=red",
];

/// Addresses at push services.
const ENDPOINTS: &[&str] = &["https://push.example/1", "https://push.example/2", "http://push.example/1", "https://"];

/// What devices are notified with.
const PUSH_KEYS: &[&str] = &[
    "p256dh=BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4;auth=AAAAAAAAAAAAAAAAAAAAAA",
    "p256dh=BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4;auth=AAAA",
    // No point of the curve.
    "p256dh=BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA;auth=AAAAAAAAAAAAAAAAAAAAAA",
    "auth",
];

/// Accounts that somebody may make; one of them is no name.
const ACCOUNTS: &[&str] = &["*", "alice", "bob", "ALICE", "nobody", "1bad"];

/// Their passwords; one is too easy.
const PASSWORDS: &[&str] = &["sesame", "marzipan", "caffè", "abc"];

/// Every command and its parameters; some are left out now and then.
const COMMANDS: &[(&str, &[Param])] = &[
    ("JOIN", &[Targets, OneOf(&["key", "other", "x,key"])]),
    ("JOIN", &[Channel]),
    ("PART", &[Targets, Text]),
    ("PRIVMSG", &[Targets, Text]),
    ("PRIVMSG", &[Target, Text]),
    ("NOTICE", &[Target, Text]),
    ("TAGMSG", &[Targets]),
    ("TOPIC", &[Channel, Text]),
    ("TOPIC", &[Channel]),
    ("REDACT", &[Target, OneOf(MESSAGES), Text]),
    ("REDACT", &[Target, OneOf(MESSAGES)]),
    ("RENAME", &[Channel, Channel, Text]),
    ("SEARCH", &[OneOf(SEARCHES)]),
    ("ISUPPORT", &[]),
    ("KICK", &[Channel, Nick, Text]),
    ("INVITE", &[Nick, Channel]),
    ("INVITE", &[]),
    ("UNINVITE", &[Nick, Channel]),
    ("KNOCK", &[Channel, Text]),
    ("MODE", &[Channel, ChannelModes, Nick, Mask, Number]),
    ("MODE", &[Channel, ChannelModes, Mask]),
    ("MODE", &[Channel]),
    ("MODE", &[Nick, UserModes]),
    ("NAMES", &[Targets]),
    ("LIST", &[OneOf(&[">0", "<5", "#t*", "!*a*", "C>1", "T<5", "#tea,#piazza"])]),
    ("WHO", &[Target, OneOf(&["o", "%tcuihsnfdlaor,999", "%n", "%"])]),
    ("WHO", &[Mask]),
    ("WHOIS", &[Nick, Nick]),
    ("WHOIS", &[Targets]),
    ("WHOWAS", &[Nick, Number]),
    ("ISON", &[Nick, Nick]),
    ("USERHOST", &[Nick, Nick, Nick]),
    ("MONITOR", &[OneOf(&["+", "-", "C", "L", "S"]), Targets]),
    ("NICK", &[Nick]),
    ("SETNAME", &[Text]),
    ("AWAY", &[Text]),
    ("AWAY", &[]),
    ("OPER", &[OneOf(&["root", "mod", "nobody"]), OneOf(&["secret", "wrong"])]),
    ("KILL", &[Nick, Text]),
    ("WALLOPS", &[Text]),
    ("REHASH", &[]),
    ("STATS", &[OneOf(&["u", "k", "d", "m"])]),
    ("BAN", &[OneOf(&["ADD", "DEL", "LIST", ""]), OneOf(&["1s", "5", "1d12", ""]), Nick, Text]),
    ("BAN", &[OneOf(&["ADD", "DEL"]), Mask, Text]),
    ("KLINE", &[OneOf(&["2s", "99999999999999999999w", "*!~u@*"]), Mask, Text]),
    ("UNKLINE", &[Mask]),
    ("DLINE", &[OneOf(&["192.0.2.0/24", "::1", "2001:db8::/32", "10.0.0.0/99"]), Text]),
    ("UNDLINE", &[OneOf(&["192.0.2.0/24", "::1"])]),
    ("RAID", &[OneOf(&["ON", "OFF", "?"]), Text]),
    ("AUDIT", &[Number, Number]),
    ("UPLOADS", &[OneOf(&["LIST", "REMOVE", "?"]), Number, Text]),
    ("REGISTER", &[OneOf(ACCOUNTS), OneOf(&["*", "a@b.c", "nonsense"]), OneOf(PASSWORDS)]),
    ("VERIFY", &[OneOf(ACCOUNTS), Number]),
    ("AUTHENTICATE", &[OneOf(&["PLAIN", "SCRAM-SHA-256", "EXTERNAL", "TEAPOT", "*", "+"])]),
    // alice and sesame, bob and sesame, nobody; SCRAM's first words as alice and as nobody, and last words that prove nothing.
    ("AUTHENTICATE", &[OneOf(&["AGFsaWNlAHNlc2FtZQ==", "AGJvYgBzZXNhbWU=", "AG5vYm9keQBzZXNhbWU="])]),
    ("AUTHENTICATE", &[OneOf(&["biwsbj1hbGljZSxyPXg=", "biwsbj1ub2JvZHkscj14", "Yz1iaXdzLHI9eCxwPUFBQUE="])]),
    ("NICKSERV", &[OneOf(&["REGISTER", "IDENTIFY", "LOGIN"]), OneOf(PASSWORDS)]),
    ("NICKSERV", &[OneOf(&["IDENTIFY", "RESETPASS", "PASSWD"]), OneOf(ACCOUNTS), OneOf(PASSWORDS), OneOf(PASSWORDS)]),
    (
        "NICKSERV",
        &[OneOf(&["SET"]), OneOf(&["PASSWORD", "ENFORCE", "ALWAYS-ON", "EMAIL"]), OneOf(&["on", "off", "a@b.c"])],
    ),
    ("NICKSERV", &[OneOf(&["GHOST", "REGAIN", "RELEASE", "INFO", "RESETCODE", "DROP", "VERIFY"]), Nick, Number]),
    ("NICKSERV", &[OneOf(&["LOGOUT", "SESSIONS", "CERT", "HELP"]), OneOf(&["OTHERS", "ADD", "LIST", "DEL"]), Text]),
    ("CHANSERV", &[OneOf(&["REGISTER", "INFO", "DROP", "OP", "DEOP", "VOICE", "UNBAN", "INVITE"]), Channel, Nick]),
    ("CHANSERV", &[OneOf(&["TRANSFER", "KICK", "BAN", "TOPIC"]), Channel, Nick, Text]),
    (
        "CHANSERV",
        &[Is("ACCESS"), Channel, OneOf(&["ADD", "DEL", "LIST"]), OneOf(ACCOUNTS), OneOf(&["op", "voice", "x"])],
    ),
    ("INVITATION", &[OneOf(&["CREATE", "LIST", "REVOKE", "USE"]), OneOf(&["1", "2", "0", "abcde-abcde"]), Number]),
    ("PERSISTENCE", &[OneOf(&["GET", "SET"]), OneOf(&["ON", "OFF", "DEFAULT", "x"])]),
    ("WEBPUSH", &[OneOf(&["REGISTER", "UNREGISTER", "x"]), OneOf(ENDPOINTS), OneOf(PUSH_KEYS)]),
    ("WEBPUSH", &[Is("UNREGISTER"), OneOf(ENDPOINTS)]),
    ("LUSERS", &[]),
    ("LINKS", &[]),
    ("MOTD", &[]),
    ("INFO", &[]),
    ("ADMIN", &[]),
    ("TIME", &[]),
    ("VERSION", &[]),
    ("HELP", &[OneOf(&["JOIN", "INDEX", "?"])]),
    ("CAP", &[OneOf(&["LS", "LIST", "END", "REQ"]), OneOf(&["302", ":-echo-message", ":batch", ":nonsense -batch"])]),
    ("USER", &[Is("u"), Is("0"), Is("*"), Text]),
    ("PASS", &[Text]),
    ("PING", &[Text]),
    ("PONG", &[Text]),
    ("ERROR", &[Text]),
    ("QUIT", &[Text]),
    ("NONSENSE", &[Text]),
];

const NICKS: &[&str] = &["alice", "bob", "carla", "Dino", "ALICE", "nobody", "Dino_B", "*", "", "1bad", "è", "[x]"];
const CHANNELS: &[&str] = &["#tea", "#piazza", "#TEA", "#a", "#b", "#c", "#d", "#caffè", "#", "&local", "0", "#x\u{7}"];
const MASKS: &[&str] =
    &["*", "*!*@*", "alice", "*!*@localhost", "b?b!*", "a:alice", "~a:*", "", "$x", "x!y", "*é*", "127.0.0.*"];
const TEXTS: &[&str] = &[
    "hello",
    "",
    "two words",
    ":colon",
    "è 日本 😀",
    "\u{1}ACTION waves\u{1}",
    "\u{1}VERSION\u{1}",
    "\u{2}bold\u{2} \u{3}04,12red",
    "Anna: ciao",
    "quit",
];
const CHANNEL_MODES: &str = "+-ovhimnstklbeIqaCcQSTRMBz";
const USER_MODES: &str = "+-iwosBxrRz";
const TAGS: &[&str] = &["", "@label=a1 ", "@+typing=active ", "@+draft/reply=x;label=\\s ", "@time=x ", "@label "];
const CAPS: &[&str] = &[
    "",
    "message-tags server-time batch labeled-response echo-message",
    "multi-prefix userhost-in-names extended-join away-notify setname chghost invite-notify",
    "batch draft/search draft/chathistory labeled-response soju.im/search",
    "cap-notify extended-monitor standard-replies draft/no-implicit-names message-tags account-tag",
];

/// Connections and their nicks; two at the IRC door, one from another machine, one at the door for all.
const CLIENTS: [(usize, usize, bool, &str); 4] =
    [(0, 1, false, "alice"), (1, 1, false, "bob"), (2, 1, true, "carla"), (3, 0, false, "Dino")];

/// The first bytes choose capabilities; then each command is a row of decisions.
pub fn command(data: &[u8]) {
    let mut choices = Choices::new(data);
    let manner = if choices.byte() & 1 == 0 { LogManner::AtOnce } else { LogManner::WhenTold };
    let mut simulated = Simulated::start(manner, CaseMapping::Ascii);
    for (connection, door, remote, nick) in CLIENTS {
        simulated.open(connection, door, remote);
        let caps = choices.of(CAPS);
        let hello = format!("CAP LS 302\r\nNICK {nick}\r\nUSER u 0 * :{nick} B\r\nCAP REQ :{caps}\r\nCAP END\r\n");
        // The last is a person at a terminal.
        let hello = if connection == 3 { format!("{nick}\n") } else { hello };
        simulated.send(connection, hello.as_bytes(), 512);
    }
    simulated.step(Step::Log(LogStep::Commit));
    while !choices.is_empty() {
        step(&mut simulated, &mut choices);
    }
    simulated.finish();
}

fn step(simulated: &mut Simulated, choices: &mut Choices<'_>) {
    let who = choices.byte();
    let connection = usize::from(who) % CLIENTS.len();
    match who >> 4 {
        0 => simulated.step(Step::Pass { milliseconds: 1 << (choices.byte() % 18) }),
        1 | 2 => simulated.step(Step::Log(LogStep::Commit)),
        3 => {
            let several = [
                LogStep::Void,
                LogStep::Order,
                LogStep::OrderLater(true),
                LogStep::OrderLater(false),
                LogStep::Refuse,
                LogStep::Accept,
            ];
            simulated.step(Step::Log(choices.of(&several)));
        }
        4 => {
            let bytes = choices.of(&[None, Some(0), Some(1), Some(100), Some(1000)]);
            simulated.step(Step::Window { connection, bytes });
        }
        _ if connection == 3 => {
            let line = choices.of(&[
                "/who",
                "/me waves",
                "/nick Dino_B",
                "/msg alice ciao",
                "ciao",
                "/help",
                "/x",
                "quit",
                "\u{1b}[2J",
            ]);
            simulated.send(3, format!("{line}\n").as_bytes(), 512);
        }
        _ => {
            let line = written(choices);
            simulated.send(connection, line.as_bytes(), 512);
        }
    }
}

fn written(choices: &mut Choices<'_>) -> String {
    let (name, params) = COMMANDS[choices.below(COMMANDS.len())];
    let how = choices.byte();
    let tags = if how & 0x30 == 0 { choices.of(TAGS) } else { "" };
    let mut line = format!("{tags}{name}");
    let left_out = usize::from(how.is_multiple_of(16));
    for param in &params[..params.len().saturating_sub(left_out)] {
        line.push(' ');
        write_param(&mut line, *param, choices);
    }
    line.push_str("\r\n");
    line
}

fn write_param(line: &mut String, param: Param, choices: &mut Choices<'_>) {
    match param {
        Nick => line.push_str(choices.of(NICKS)),
        Channel => line.push_str(choices.of(CHANNELS)),
        Target => line.push_str(if choices.byte() & 1 == 0 { choices.of(CHANNELS) } else { choices.of(NICKS) }),
        Targets => {
            for index in 0..=choices.below(4) {
                line.push_str(if index == 0 { "" } else { "," });
                write_param(line, Target, choices);
            }
        }
        Mask => line.push_str(choices.of(MASKS)),
        Text => {
            let text = choices.of(TEXTS);
            let times = if choices.byte() < 24 { 60 } else { 1 };
            // Formatting into a String cannot fail.
            let _ = write!(line, ":{}", text.repeat(times));
        }
        Number => {
            let _ = write!(line, "{}", choices.of(&[0_i64, 1, 5, -1, 999_999_999_999]));
        }
        ChannelModes => write_modes(line, CHANNEL_MODES, choices),
        UserModes => write_modes(line, USER_MODES, choices),
        Is(word) => line.push_str(word),
        OneOf(words) => line.push_str(choices.of(words)),
    }
}

fn write_modes(line: &mut String, letters: &str, choices: &mut Choices<'_>) {
    for _ in 0..=choices.below(6) {
        line.push(char::from(choices.of(letters.as_bytes())));
    }
}
