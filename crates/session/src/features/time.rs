//! TIME on the wire: what the server's clock says. Proof: `scenarios/time.txt`.
//!
//! Spec: Modern IRC, "TIME message".

use chat::time::Timestamp;
use irc::numerics;

use crate::render::Render;

/// Writes 391.
pub fn reply(now: Timestamp, render: &mut Render<'_>) {
    render.numeric(numerics::RPL_TIME, &[render.settings.server_name(), &in_words(now)]);
}

/// Returns a moment as people read it, `2026-11-21 03:45:00 UTC`.
pub fn in_words(at: Timestamp) -> String {
    let written = at.to_string();
    let (date, rest) = written.split_once('T').unwrap_or((&written, ""));
    let (time, _milliseconds) = rest.split_once('.').unwrap_or((rest, ""));
    format!("{date} {time} UTC")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_for_people() {
        assert_eq!(in_words(Timestamp(0)), "1970-01-01 00:00:00 UTC");
        assert_eq!(in_words(Timestamp(1_795_233_599_999)), "2026-11-21 03:59:59 UTC");
    }
}
