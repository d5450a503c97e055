//! A text cut into what fits messages.

use irc::text::truncate_at_char;

/// The most bytes of a line of IRC, its end included.
const LINE_BYTES_MAX: usize = 512;

/// What stands in a line beside nick, target and text, as others get it: `:`, `!`, user name, `@`, host, the longest command,
/// spaces, `\r\n`. User names and hosts have at most 10 and 63 bytes on known servers; a little more is left for others.
const AROUND_BYTES: usize = 1 + 1 + 16 + 1 + 63 + 9 + 2 + 2 + 2;

/// The least that is left for a text, whatever is said to whom.
const TEXT_BYTES_MIN: usize = 100;

/// How much of several lines goes into one message, as Loggia has it by default; servers with less say so, and refuse.
const MULTILINE_BYTES_MAX: usize = 4096;
const MULTILINE_LINES_MAX: usize = 32;

/// Cuts a text into messages that fit: at line ends, else at spaces, else between characters. With `has_lines`, lines stay
/// together. `nick` says it to `target`.
pub(crate) fn pieces(text: &str, nick: &str, target: &str, has_lines: bool) -> Vec<String> {
    let allowed = LINE_BYTES_MAX.saturating_sub(AROUND_BYTES + nick.len() + target.len()).max(TEXT_BYTES_MIN);
    let lines = text.split('\n').map(|line| line.trim_end_matches('\r')).flat_map(|line| cut(line, allowed));
    if !has_lines {
        return lines.filter(|line| !line.trim().is_empty()).map(str::to_owned).collect();
    }
    let mut messages: Vec<String> = Vec::new();
    let mut count = 0;
    for line in lines {
        match messages.last_mut() {
            Some(last) if count < MULTILINE_LINES_MAX && last.len() + 1 + line.len() <= MULTILINE_BYTES_MAX => {
                last.push('\n');
                last.push_str(line);
                count += 1;
            }
            _ => {
                messages.push(line.to_owned());
                count = 1;
            }
        }
    }
    // Empty lines at the ends are nothing that was said.
    messages
        .iter()
        .map(|message| message.trim_matches('\n').to_owned())
        .filter(|message| !message.trim().is_empty())
        .collect()
}

fn cut(line: &str, allowed: usize) -> Vec<&str> {
    let mut cut = Vec::new();
    let mut rest = line;
    while rest.len() > allowed {
        let fits = truncate_at_char(rest, allowed);
        // A word that is longer than half of it is cut itself.
        let end = fits.rfind(' ').filter(|place| *place >= allowed / 2).unwrap_or(fits.len());
        cut.push(&rest[..end]);
        rest = rest[end..].trim_start_matches(' ');
    }
    cut.push(rest);
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_cut_at_spaces_and_several_lines_stay_together_where_they_can() {
        assert_eq!(pieces("one\n\ntwo\r\n", "anna", "#tea", false), ["one", "two"]);
        assert_eq!(pieces("\none\n\ntwo\n", "anna", "#tea", true), ["one\n\ntwo"]);
        assert_eq!(pieces(" \n", "anna", "#tea", true), [""; 0]);
        let long = "perché ".repeat(100);
        let cut = pieces(&long, "anna", "#tea", false);
        assert!(cut.len() > 1 && cut.iter().all(|line| line.len() < 410 && !line.starts_with(' ')));
        assert_eq!(cut.join(" ").trim(), long.trim());
        assert!(pieces(&"è".repeat(1000), "anna", "#tea", false).iter().all(|line| line.len() <= 410));
        assert_eq!(pieces(&"x\n".repeat(70), "anna", "#tea", true).len(), 3);
    }
}
