//! Scripts: what happens to a whole server, one step per line, readable and yet every row of bytes is one.
//!
//! ```text
//! +1b      connection 1 comes to door b; a capital letter: from another machine
//! l1TEXT   it sends TEXT and CR LF            s1TEXT   it sends TEXT as it is
//! p1TEXT   it sends TEXT byte by byte
//! e1       it closes its half                 x1       it is lost
//! w1N      its socket takes N bytes at most from now on; without N, all
//! b1       its next write fails
//! tN       N milliseconds pass
//! k  o     the log commits everything; orders everything
//! d        the log loses the messages that it has not committed
//! L  l     (alone) from now on it orders later; at once
//! R  A     the log refuses facts; takes them again
//! !        the server stops
//! ```
//!
//! In TEXT `\r`, `\n`, `\0`, `\\` and `\xHH` stand for what cannot stand in a line. What is no step is skipped.

/// Connections are numbered from 0; of a number above, the rest counts.
pub(super) const CONNECTIONS: usize = 8;

/// Something that happens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Open { connection: usize, door: usize, remote: bool },
    Send { connection: usize, bytes: Vec<u8> },
    SendSingly { connection: usize, bytes: Vec<u8> },
    EndOfInput { connection: usize },
    Lost { connection: usize },
    Window { connection: usize, bytes: Option<usize> },
    Break { connection: usize },
    Pass { milliseconds: u64 },
    Log(LogStep),
    Stop,
}

/// Something that the log does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LogStep {
    Order,
    Commit,
    Void,
    OrderLater(bool),
    Refuse,
    Accept,
}

/// The longest that one step lets pass.
const PASS_MILLISECONDS_MAX: u64 = 300_000;

/// Reads a script.
pub(super) fn steps(script: &[u8]) -> impl Iterator<Item = Step> {
    script.split(|byte| *byte == b'\n').filter_map(step)
}

fn step(line: &[u8]) -> Option<Step> {
    let (&what, rest) = line.split_first()?;
    let log = match (what, rest) {
        (b'k', _) => Some(LogStep::Commit),
        (b'o', _) => Some(LogStep::Order),
        (b'd', _) => Some(LogStep::Void),
        (b'L', []) => Some(LogStep::OrderLater(true)),
        (b'l', []) => Some(LogStep::OrderLater(false)),
        (b'R', _) => Some(LogStep::Refuse),
        (b'A', _) => Some(LogStep::Accept),
        _ => None,
    };
    if let Some(log) = log {
        return Some(Step::Log(log));
    }
    match what {
        b't' => return Some(Step::Pass { milliseconds: number(rest).unwrap_or(1).min(PASS_MILLISECONDS_MAX) }),
        b'!' => return Some(Step::Stop),
        _ => {}
    }
    let (&which, rest) = rest.split_first()?;
    let connection = usize::from(which) % CONNECTIONS;
    Some(match what {
        b'+' => {
            let door = rest.first().copied().unwrap_or(b'a');
            let index = usize::from(door.to_ascii_lowercase().wrapping_sub(b'a'));
            Step::Open { connection, door: index, remote: door.is_ascii_uppercase() }
        }
        b'l' => Step::Send { connection, bytes: [&unescaped(rest)[..], b"\r\n"].concat() },
        b's' => Step::Send { connection, bytes: unescaped(rest) },
        b'p' => Step::SendSingly { connection, bytes: unescaped(rest) },
        b'e' => Step::EndOfInput { connection },
        b'x' => Step::Lost { connection },
        b'w' => Step::Window { connection, bytes: number(rest).and_then(|bytes| usize::try_from(bytes).ok()) },
        b'b' => Step::Break { connection },
        _ => return None,
    })
}

fn number(digits: &[u8]) -> Option<u64> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, behind)) = rest.split_first() {
        rest = behind;
        let (meant, taken) = match (byte, rest) {
            (b'\\', [b'r', ..]) => (b'\r', 1),
            (b'\\', [b'n', ..]) => (b'\n', 1),
            (b'\\', [b'0', ..]) => (0, 1),
            (b'\\', [b'\\', ..]) => (b'\\', 1),
            (b'\\', [b'x', high, low, ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => (high << 4 | low, 3),
                _ => (byte, 0),
            },
            _ => (byte, 0),
        };
        bytes.push(meant);
        rest = &rest[taken..];
    }
    bytes
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_read() {
        let read: Vec<Step> = steps(b"+1B\nl1NICK a\ns2\\xff\\r\\n\\\\\nt300\nwx\n\n?\nL\nl\nw15").collect();
        assert_eq!(
            read,
            [
                Step::Open { connection: 1, door: 1, remote: true },
                Step::Send { connection: 1, bytes: b"NICK a\r\n".to_vec() },
                Step::Send { connection: 2, bytes: b"\xff\r\n\\".to_vec() },
                Step::Pass { milliseconds: 300 },
                Step::Window { connection: 0, bytes: None },
                Step::Log(LogStep::OrderLater(true)),
                Step::Log(LogStep::OrderLater(false)),
                Step::Window { connection: 1, bytes: Some(5) },
            ]
        );
    }
}
