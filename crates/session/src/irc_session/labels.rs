//! Labels: which answers belong to which command.
//!
//! Spec: `IRCv3` "labeled-response", and "batch" for batches within it. Proof: `scenarios/labeled-response.txt`.

use irc::message::Message;
use irc::tags::escape_into;
use irc::write::LineWriter;

/// The longest label, in bytes, that the specification has a server accept.
pub const LABEL_BYTES_MAX: usize = 64;

/// Writes finished answers with their label: on the only line, on the only batch, on a batch around several, or on an
/// `ACK` for none.
///
/// Spec: `IRCv3` draft "multiline", "Labeled response with echo-message": "only […] on the opening BATCH command".
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
            put_into_batch(&name, lines, out);
            LineWriter::new(out).source(server).command("BATCH").param(&format!("-{name}")).end();
        }
    }
}

/// Copies lines that are to be part of a batch. Those that are part of a batch within it stay as they are.
pub fn put_into_batch(name: &str, lines: &[u8], out: &mut Vec<u8>) {
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        if is_in_batch(line) {
            out.extend_from_slice(line);
        } else {
            with_tag(line, "batch", name, out);
        }
    }
}

/// Tells whether a line has the tag `batch`.
fn is_in_batch(line: &[u8]) -> bool {
    let tags = line.strip_prefix(b"@").and_then(|line| line.split(|byte| *byte == b' ').next()).unwrap_or_default();
    tags.split(|byte| *byte == b';').any(|tag| tag.starts_with(b"batch="))
}

/// Tells whether answers are one batch with nothing before and behind it: "an existing type applicable to the entire
/// response".
fn is_one_batch(lines: &[u8]) -> bool {
    let each = || lines.split_inclusive(|byte| *byte == b'\n');
    let is_edge = |line: Option<&[u8]>, sign: char| {
        let message = line.map(<[u8]>::trim_ascii_end).and_then(|line| Message::parse(line).ok());
        message.is_some_and(|message| {
            message.is_command("BATCH") && message.params.get(0).is_some_and(|name| name.starts_with(sign))
        })
    };
    each().filter(|line| !is_in_batch(line)).count() == 2
        && is_edge(each().next(), '+')
        && is_edge(each().next_back(), '-')
}

/// Copies lines with one tag more on the first, in front of those it has.
pub(crate) fn with_tag(line: &[u8], key: &str, value: &str, out: &mut Vec<u8>) {
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

    #[test]
    fn a_batch_that_is_the_whole_answer_has_the_label_itself() {
        let batch = ":a BATCH +m1 x\r\n@batch=m1 :a B :one\r\n@y;batch=m1 :a B :two\r\n:irc BATCH -m1\r\n";
        assert_eq!(finished(batch), format!("@label=a\\sb {batch}"));
        assert_eq!(
            finished(&format!(":irc 301 b\r\n{batch}")),
            "@label=a\\sb :irc BATCH +7 labeled-response\r\n@batch=7 :irc 301 b\r\n@batch=7 :a BATCH +m1 x\r\n\
             @batch=m1 :a B :one\r\n@y;batch=m1 :a B :two\r\n@batch=7 :irc BATCH -m1\r\n:irc BATCH -7\r\n"
        );
    }
}
