//! What is said under load: texts that tell who said them and as which of their texts, at places that are found from the line's end.

/// Bytes of a text, and of the message that servers hand on (its sender and channel come in front of it).
pub(crate) const TEXT_BYTES: usize = 100;

/// Stands before and behind the numbers.
const MARK: u8 = b'~';
/// Numbers are written with six bits in each letter, from here on: reading them back must cost next to nothing.
const ZERO: u8 = b'0';
const SENDER_LETTERS: usize = 3;
const NUMBER_LETTERS: usize = 5;
/// How many senders of a room can be told apart.
pub(crate) const SENDERS_MAX: u32 = 1 << (6 * SENDER_LETTERS);

/// Which text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Said {
    /// The sender's number in their room.
    pub(super) sender: u32,
    /// The text's number among the sender's, from 1 on.
    pub(super) number: u32,
}

impl Said {
    /// Appends the text.
    pub(super) fn write(self, out: &mut Vec<u8>) {
        let begin = out.len();
        out.push(MARK);
        write_number(self.sender, SENDER_LETTERS, out);
        write_number(self.number, NUMBER_LETTERS, out);
        out.push(MARK);
        out.resize(begin + TEXT_BYTES, b'.');
    }

    /// Reads it at the end of a line; `None` of a line that is something else.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        let text = &line[line.len().checked_sub(TEXT_BYTES)?..];
        let (sender, rest) = text.strip_prefix(&[MARK])?.split_at_checked(SENDER_LETTERS)?;
        let (number, rest) = rest.split_at_checked(NUMBER_LETTERS)?;
        (rest.first() == Some(&MARK)).then(|| Self { sender: read_number(sender), number: read_number(number) })
    }
}

fn write_number(number: u32, letters: usize, out: &mut Vec<u8>) {
    for place in (0..letters).rev() {
        let bits = (number >> (6 * place)) & 0x3f;
        out.push(ZERO + u8::try_from(bits).unwrap_or_default());
    }
}

fn read_number(letters: &[u8]) -> u32 {
    letters.iter().fold(0, |number, letter| number << 6 | u32::from(letter.wrapping_sub(ZERO) & 0x3f))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (sender, number) in [(0, 1), (63, 64), (SENDERS_MAX - 1, (1 << 30) - 1)] {
            let mut line = b":m1!~m1@localhost PRIVMSG #bench0 :".to_vec();
            let begin = line.len();
            Said { sender, number }.write(&mut line);
            assert_eq!(line.len() - begin, TEXT_BYTES);
            assert!(line.iter().all(|byte| byte.is_ascii_graphic() || *byte == b' '), "{line:?}");
            assert_eq!(Said::read(&line), Some(Said { sender, number }));
        }
        assert_eq!(Said::read(b":m1!~m1@localhost JOIN #bench0"), None);
        assert_eq!(Said::read(&[b'~'; 50]), None);
    }
}
