//! The session as a whole: bytes in at several doors, one shard, one hall, a log in memory.
//!
//! What must hold is in `simulated.rs`; how inputs are written, in `script.rs`.

use irc::casemap::CaseMapping;

use super::script;
use super::simulated::{LogManner, Simulated};

/// Steps, and what clients send in them.
pub const WORDS: &[&[u8]] = &[
    b"\n+1b\n",
    b"\n+0a\n",
    b"\n+2c\n",
    b"\n+3D\n",
    b"\nl1",
    b"\nl5",
    b"\ns0",
    b"\ns2",
    b"\np1",
    b"\ne1",
    b"\nx0",
    b"\nt300\n",
    b"\nt30\n",
    b"\nt90000\n",
    b"\nt5000\n",
    b"\nw1 0\n",
    b"\nw0100\n",
    b"\nw1\n",
    b"\nb1\n",
    b"\nk\n",
    b"\no\n",
    b"\nd\n",
    b"\nL\n",
    b"\nl\n",
    b"\nR\n",
    b"\nA\n",
    b"\n!\n",
    b"NICK ",
    b"USER u 0 * :U",
    b"WEBIRC p g h 203.0.113.7 :secure",
    b"CAP LS 302",
    b"CAP REQ :",
    b"CAP END",
    b"JOIN #tea",
    b"JOIN #piazza",
    b"PART #tea",
    b"PRIVMSG #piazza :",
    b"PRIVMSG ",
    b"BATCH +1 draft/multiline #piazza",
    b"BATCH +1 ",
    b"BATCH -1",
    b"RELAYMSG #tea smt/d :",
    b"@batch=1 ",
    b"@batch=1;draft/multiline-concat PRIVMSG #piazza :",
    b"draft/multiline",
    b"NOTICE ",
    b"TAGMSG #piazza",
    b"@label=1 ",
    b"@+typing=active ",
    b"MODE #tea +o ",
    b"MODE #tea +b *!*@*",
    b"KICK #tea ",
    b"TOPIC #tea :",
    b"RENAME #tea #",
    b"REDACT #piazza 1-",
    b"@draft/target-msgid=1-4;draft/edit-text=x EDIT #piazza",
    b"@loggia.chat/id=aaaaaaaaaaaaaaaa.1 PRIVMSG #piazza :x",
    b"@loggia.chat/id=aaaaaaaaaaaaaaaa.2 NOTICE alice :x",
    b"@loggia.chat/id=aaaaaaaaaaaaaaaa.1;draft/target-msgid=1-4;draft/edit-text=x EDIT #piazza",
    b"@loggia.chat/id=aaaaaaaaaaaaaaaa.3 BATCH +1 draft/multiline #piazza",
    b"@loggia.chat/id=x TAGMSG a,b",
    b"METADATA * SET url :x",
    b"METADATA #tea SET url :x",
    b"METADATA * SUB url",
    b"METADATA *ALL SYNC",
    b"METADATA * CLEAR",
    b"CAP REQ :batch draft/metadata-3",
    b"CAP REQ :batch draft/metadata-2",
    b"ISUPPORT",
    b"WHO #tea %tcuhnfar,1",
    b"WHOIS ",
    b"NAMES",
    b"LIST",
    b"QUIT :",
    b"CAP REQ sasl",
    b"AUTHENTICATE PLAIN",
    b"AUTHENTICATE SCRAM-SHA-256",
    b"AUTHENTICATE EXTERNAL",
    b"AUTHENTICATE AHJvb3QAc2VjcmV0",
    b"AUTHENTICATE biwsbj1yb290LHI9eA==",
    b"AUTHENTICATE *",
    b"AUTHENTICATE +",
    b"REGISTER root * secret",
    b"REGISTER * a@b.c secret",
    b"VERIFY root 1",
    b"account-notify",
    b"account-tag",
    b"MODE #tea +b a:root",
    b"AWAY :",
    b"OPER root secret",
    b"KILL ",
    b"MONITOR + ",
    b"SETNAME :",
    b"PING x",
    b"labeled-response",
    b"message-tags",
    b"echo-message",
    b"batch",
    b"server-time",
    b"extended-join",
    b"draft/no-implicit-names",
    b"draft/extended-isupport",
    b"draft/pre-away",
    b"draft/channel-rename",
    b"/who\\n",
    b"/nick ",
    b"/me ",
    b"/quit\\n",
    b"Anna\\n",
    b"GET / HTTP/1.1\\r\\n",
    b"\\x16\\x03\\x01",
    b"\\xff\\xfd\\x03",
    b"\\xff",
];

/// The log commits at once.
pub fn session(data: &[u8]) {
    run(data, LogManner::AtOnce, CaseMapping::Ascii);
}

/// The log commits, loses and refuses when the script says so; nicks may be in any script.
pub fn session_late(data: &[u8]) {
    run(data, LogManner::WhenTold, CaseMapping::Precis);
}

fn run(data: &[u8], manner: LogManner, casemapping: CaseMapping) {
    let mut simulated = Simulated::start(manner, casemapping);
    for step in script::steps(data) {
        simulated.step(step);
    }
    simulated.finish();
}
