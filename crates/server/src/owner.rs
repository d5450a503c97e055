//! The owner of the server, at its machine: what they may do with all that is kept is asked of the rule book, as everything is.

use chat::permission::{ArchiveAction, Keeper, check_archive};
use irc::numerics::Language;
use session::texts;

/// Asks whether whoever has the data directory may do this.
///
/// # Errors
/// The reason why not, for people.
pub fn expect_may(action: ArchiveAction) -> anyhow::Result<()> {
    let answer = check_archive(Keeper::Console, action);
    answer.map_err(|refusal| anyhow::anyhow!("{}: {}", action.name(), texts::refusal(&refusal, Language::En)))
}
