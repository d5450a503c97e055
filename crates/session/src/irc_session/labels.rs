//! Labels: which answers belong to which command.
//!
//! Spec: `IRCv3` "labeled-response". Proof: `scenarios/labeled-response.txt`.

use irc::tags::escape_into;
use irc::write::LineWriter;

/// The longest label, in bytes, that the specification has a server accept.
pub const LABEL_BYTES_MAX: usize = 64;

/// Writes finished answers with their label: on the only line, on a batch around several, or on an `ACK` for none.
pub fn finish(label: &str, lines: &[u8], batch: u32, server: &str, out: &mut Vec<u8>) {
    let each = || lines.split_inclusive(|byte| *byte == b'\n');
    match each().count() {
        0 => LineWriter::new(out).tag("label", Some(label)).source(server).command("ACK").end(),
        1 => with_tag(lines, "label", label, out),
        _ => {
            let name = format!("{batch}");
            LineWriter::new(out)
                .tag("label", Some(label))
                .source(server)
                .command("BATCH")
                .param(&format!("+{name}"))
                .param("labeled-response")
                .end();
            for line in each() {
                with_tag(line, "batch", &name, out);
            }
            LineWriter::new(out).source(server).command("BATCH").param(&format!("-{name}")).end();
        }
    }
}

/// Copies a line with one tag more, in front of those it has.
fn with_tag(line: &[u8], key: &str, value: &str, out: &mut Vec<u8>) {
    out.push(b'@');
    out.extend_from_slice(key.as_bytes());
    out.push(b'=');
    escape_into(out, value);
    let (separator, rest) = line.strip_prefix(b"@").map_or((b' ', line), |tagged| (b';', tagged));
    out.push(separator);
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(lines: &str) -> String {
        let mut out = Vec::new();
        finish("a b", lines.as_bytes(), 7, "irc", &mut out);
        String::from_utf8_lossy(&out).into_owned()
    }

    #[test]
    fn the_label_stands_where_the_specification_wants_it() {
        assert_eq!(finished(""), "@label=a\\sb :irc ACK\r\n");
        assert_eq!(finished(":irc PONG x\r\n"), "@label=a\\sb :irc PONG x\r\n");
        assert_eq!(finished("@time=1 :a B\r\n"), "@label=a\\sb;time=1 :a B\r\n");
        assert_eq!(
            finished(":irc 1\r\n@x :irc 2\r\n"),
            "@label=a\\sb :irc BATCH +7 labeled-response\r\n@batch=7 :irc 1\r\n@batch=7;x :irc 2\r\n:irc BATCH -7\r\n"
        );
    }
}
