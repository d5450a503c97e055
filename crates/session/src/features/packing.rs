//! Lists of words on as few lines as they fit on: names, watched nicks, hosts, a user's channels.
//!
//! Spec: Modern IRC, "Message Format" (512 bytes with the line end).

use core::fmt::{Display, Write as _};

use irc::numerics::Numeric;
use irc::write::BODY_CONTENT_BYTES_MAX;

use crate::render::Render;

/// Writes a numeric whose last parameter is a list, as often as the list needs lines. `args` stand in front of the list.
/// No line ends with the separator. Without words nothing is written.
pub fn write_list<W: Display>(
    render: &mut Render<'_>,
    numeric: &Numeric,
    args: &[&str],
    separator: char,
    words: impl IntoIterator<Item = W>,
) {
    let room = room(render, args);
    let mut line = String::new();
    for word in words {
        let before = line.len();
        if before > 0 {
            line.push(separator);
        }
        // Writing to a String cannot fail.
        let _ = write!(line, "{word}");
        if before > 0 && line.len() > room {
            write_line(render, numeric, args, &line[..before]);
            line.drain(..before + separator.len_utf8());
        }
    }
    if !line.is_empty() {
        write_line(render, numeric, args, &line);
    }
}

/// The same, but an empty list is one line with an empty text: where clients wait for an answer.
pub fn write_list_or_empty<W: Display>(
    render: &mut Render<'_>,
    numeric: &Numeric,
    args: &[&str],
    separator: char,
    words: impl IntoIterator<Item = W>,
) {
    let mut words = words.into_iter().peekable();
    if words.peek().is_none() {
        write_line(render, numeric, args, "");
    } else {
        write_list(render, numeric, args, separator, words);
    }
}

fn write_line(render: &mut Render<'_>, numeric: &Numeric, args: &[&str], text: &str) {
    let all: Vec<&str> = args.iter().copied().chain([text]).collect();
    render.numeric(numeric, &all);
}

/// Returns the bytes that are left for the list behind `:server 353 client args :`.
fn room(render: &Render<'_>, args: &[&str]) -> usize {
    let words = [render.settings.server_name(), "353", render.client];
    let head: usize = words.iter().chain(args).map(|word| word.len() + 1).sum();
    // The colons of the source and of the list.
    BODY_CONTENT_BYTES_MAX.saturating_sub(head + 2)
}

#[cfg(test)]
mod tests {
    use irc::capability::CapSet;
    use irc::numerics;

    use super::*;
    use crate::features::testing::{rendered, rendered_with};

    #[test]
    fn short_lists_are_one_line_and_empty_ones_none() {
        let written =
            |words: &[&str]| rendered(|render| write_list(render, numerics::RPL_NAMREPLY, &["=", "#tea"], ' ', words));
        assert_eq!(written(&["@alice", "bob"]), ":loggia.local 353 alice = #tea :@alice bob\r\n");
        assert_eq!(written(&[]), "");
        let empty = rendered(|render| write_list_or_empty::<&str>(render, numerics::RPL_ISON, &[], ' ', []));
        assert_eq!(empty, ":loggia.local 303 alice :\r\n");
    }

    #[test]
    fn long_lists_fill_lines_to_512_bytes_and_lose_nothing() {
        for length in 1..40 {
            let words: Vec<String> = (0..200).map(|number| format!("{number:0length$}")).collect();
            let written = rendered_with(CapSet::empty(), |render| {
                write_list(render, numerics::RPL_MONOFFLINE, &[], ',', &words);
            });
            let lines: Vec<&str> = written.split_terminator("\r\n").collect();
            let lists: Vec<&str> =
                lines.iter().filter_map(|line| line.strip_prefix(":loggia.local 731 alice :")).collect();
            assert_eq!(lists.join(","), words.join(","));
            assert!(lines.iter().all(|line| line.len() <= 510 && !line.ends_with(',')));
            // One word more would not have fitted.
            let next_word = |place: usize| lists[place].split(',').next().unwrap_or_default().len();
            assert!((1..lines.len()).all(|place| lines[place - 1].len() + 1 + next_word(place) > 510), "{length}");
        }
    }
}
