//! Telnet negotiation among the bytes: noticed and dropped (RFC 854; section 6, "Input").

const IAC: u8 = 255;
const SUBNEGOTIATION_BEGIN: u8 = 250;
const SUBNEGOTIATION_END: u8 = 240;

/// Where the stream stands between two bytes, also between two reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Position {
    #[default]
    Data,
    /// After IAC.
    Command,
    /// After WILL, WON'T, DO or DON'T.
    Option,
    Subnegotiation,
    /// After IAC within a subnegotiation.
    SubnegotiationCommand,
}

/// Takes telnet commands out of a byte stream.
#[derive(Debug, Default)]
pub(crate) struct Telnet {
    position: Position,
    negotiated: bool,
    after_return: bool,
}

impl Telnet {
    /// Appends the data among `read` to `data`.
    pub(crate) fn strip(&mut self, read: &[u8], data: &mut Vec<u8>) {
        for &byte in read {
            self.position = match self.position {
                Position::Data if byte == IAC => Position::Command,
                Position::Data => {
                    self.keep(byte, data);
                    Position::Data
                }
                Position::Command => self.command(byte, data),
                Position::Option => Position::Data,
                Position::Subnegotiation if byte == IAC => Position::SubnegotiationCommand,
                Position::SubnegotiationCommand if byte == SUBNEGOTIATION_END => Position::Data,
                Position::Subnegotiation | Position::SubnegotiationCommand => Position::Subnegotiation,
            };
        }
    }

    /// Tells whether a command was ever seen.
    pub(crate) fn negotiated(&self) -> bool {
        self.negotiated
    }

    /// Tells whether the last byte was an IAC of which nobody knows yet whether it is one.
    pub(crate) fn undecided(&self) -> bool {
        self.position == Position::Command
    }

    /// Nothing more comes: an undecided IAC was the letter ÿ of Windows-1252.
    pub(crate) fn settle(&mut self, data: &mut Vec<u8>) {
        if self.undecided() {
            self.position = Position::Data;
            data.push(IAC);
        }
    }

    fn command(&mut self, byte: u8, data: &mut Vec<u8>) -> Position {
        match byte {
            IAC => {
                data.push(IAC);
                Position::Data
            }
            251..=254 => {
                self.negotiated = true;
                Position::Option
            }
            SUBNEGOTIATION_BEGIN => {
                self.negotiated = true;
                Position::Subnegotiation
            }
            240..=249 => {
                self.negotiated = true;
                Position::Data
            }
            // No command has such a code, so this was a ÿ of Windows-1252.
            other => {
                data.push(IAC);
                self.keep(other, data);
                Position::Data
            }
        }
    }

    fn keep(&mut self, byte: u8, data: &mut Vec<u8>) {
        // A terminal may send its return key as CR NUL (RFC 854, "NVT").
        let byte = if byte == 0 && self.after_return && self.negotiated { b'\n' } else { byte };
        self.after_return = byte == b'\r';
        data.push(byte);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stripped(reads: &[&[u8]]) -> (Vec<u8>, bool) {
        let mut telnet = Telnet::default();
        let mut data = Vec::new();
        for read in reads {
            telnet.strip(read, &mut data);
        }
        telnet.settle(&mut data);
        (data, telnet.negotiated())
    }

    #[test]
    fn negotiation_is_dropped_however_it_is_split() {
        let stream = b"\xff\xfb\x18an\xff\xfa\x18\x00xterm\xff\xff\xff\xf0na\xff\xf1\r\x00";
        for cut in 0..=stream.len() {
            assert_eq!(stripped(&[&stream[..cut], &stream[cut..]]), (b"anna\r\n".to_vec(), true), "cut at {cut}");
        }
    }

    #[test]
    fn a_doubled_iac_is_one_letter_and_no_negotiation() {
        assert_eq!(stripped(&[b"a\xff\xffb"]), (b"a\xffb".to_vec(), false));
        assert_eq!(stripped(&[b"a\xff", b"\xffb"]), (b"a\xffb".to_vec(), false));
    }

    #[test]
    fn a_lone_iac_is_a_letter() {
        assert_eq!(stripped(&[b"a\xff b\xff"]), (b"a\xff b\xff".to_vec(), false));
    }
}
