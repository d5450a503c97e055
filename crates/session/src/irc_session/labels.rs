//! Labels: which answers belong to which command.
//!
//! Spec: `IRCv3` "labeled-response", and "batch" for batches within it. Proof: `scenarios/labeled-response.txt`.

use irc::tags::escape_into;
use irc::write::LineWriter;

/// The longest label, in bytes, that the specification has a server accept.
pub const LABEL_BYTES_MAX: usize = 64;

/// Writes finished answers with their label: on the only line, on the only batch, on a batch around several, or on an
/// `ACK` for none.
pub fn finish(label: &str, lines: &[u8], batch: u32, server: &str, out: &mut Vec<u8>) {
    let each = || lines.split_inclusive(|byte| *byte == b'\n');
    match each().count() {
        0 => LineWriter::new(out).tag("label", Some(label)).source(server).command("ACK").end(),
        1 => with_tag(lines, "label", label, out),
        _ if is_one_batch(lines) => with_tag(lines, "label", label, out),
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
                // What belongs to a batch within this one says so already.
                if line.starts_with(b"@batch=") {
                    out.extend_from_slice(line);
                } else {
                    with_tag(line, "batch", &name, out);
                }
            }
            LineWriter::new(out).source(server).command("BATCH").param(&format!("-{name}")).end();
        }
    }
}

/// Tells whether answers are one batch with nothing before and behind it: "an existing type applicable to the entire
/// response".
fn is_one_batch(lines: &[u8]) -> bool {
    let mut each = lines.split_inclusive(|byte| *byte == b'\n');
    let is_first = |line: &[u8]| !line.starts_with(b"@batch=");
    let begins = each.next().is_some_and(|first| is_first(first) && first.windows(8).any(|part| part == b" BATCH +"));
    let ends = each.next_back().is_some_and(|last| is_first(last) && last.windows(8).any(|part| part == b" BATCH -"));
    begins && ends && each.all(|line| !is_first(line))
}

/// Copies lines with one tag more on the first, in front of those it has.
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

    #[test]
    fn a_batch_is_labelled_itself_or_stands_within_another() {
        let batch = ":irc BATCH +3 tea\r\n@batch=3;x :irc 1\r\n:irc BATCH -3\r\n";
        assert_eq!(finished(batch), format!("@label=a\\sb {batch}"));
        assert_eq!(
            finished(":irc BATCH +3 tea\r\n:irc BATCH -3\r\n"),
            "@label=a\\sb :irc BATCH +3 tea\r\n:irc BATCH -3\r\n"
        );
        assert_eq!(
            finished(&format!(":irc 351\r\n{batch}")),
            "@label=a\\sb :irc BATCH +7 labeled-response\r\n@batch=7 :irc 351\r\n@batch=7 :irc BATCH +3 tea\r\n\
             @batch=3;x :irc 1\r\n@batch=7 :irc BATCH -3\r\n:irc BATCH -7\r\n"
        );
        let two = finished(&format!("{batch}{}", batch.replace('3', "4")));
        assert!(
            two.starts_with("@label=a\\sb :irc BATCH +7 labeled-response\r\n@batch=7 :irc BATCH +3 tea\r\n"),
            "{two}"
        );
    }
}
