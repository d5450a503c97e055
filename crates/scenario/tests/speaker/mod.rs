//! Somebody who only speaks, with a server in process.

use std::time::Duration;

use irc::message::Message;
use scenario::driver::{Driver, Received};
use scenario::in_process::InProcess;

/// A connection of somebody who only speaks.
pub(crate) struct Speaker {
    pub(crate) number: usize,
    unread: Vec<u8>,
}

impl Speaker {
    /// Connects with these capabilities, and enters both channels.
    pub(crate) fn connect(server: &mut InProcess, nick: &str, caps: &str) -> Self {
        let mut speaker = Self { number: server.connect().unwrap(), unread: Vec::new() };
        speaker.say(server, &format!("CAP REQ :{caps}\r\nNICK {nick}\r\nUSER {nick} 0 * :{nick}\r\nCAP END"));
        speaker.say(server, "JOIN #tea,#milk");
        speaker
    }

    /// Says something, and returns what is answered.
    pub(crate) fn say(&mut self, server: &mut InProcess, line: &str) -> String {
        server.send(self.number, format!("{line}\r\n").as_bytes()).unwrap();
        self.unread.clear();
        while let Received::Bytes(bytes) = server.receive(self.number, Duration::ZERO) {
            self.unread.extend_from_slice(&bytes);
        }
        String::from_utf8_lossy(&self.unread).into_owned()
    }
}

/// Returns the id of the message with this text among the lines of somebody who has seen it.
pub(crate) fn id_in(lines: &str, text: &str) -> Option<String> {
    let line = lines.lines().find(|line| line.ends_with(&format!(" :{text}")))?;
    Some(Message::parse(line.as_bytes()).ok()?.tags.value("msgid")?.into_owned())
}
