//! Prints the table of numerics: `cargo run -p irc --example numerics > crates/irc/numerics.txt`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(irc::numerics::printed_table().as_bytes())
}
