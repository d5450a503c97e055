//! What is asked of the server's bans.

/// How bans of the server are spoken of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BanWord {
    /// BAN: whatever is given.
    Any,
    /// KLINE: masks and accounts.
    Mask,
    /// DLINE: addresses and networks.
    Network,
}

/// What is to be done about bans of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BanCommand {
    /// Sets one, or sets it anew.
    Add {
        /// The command's word.
        word: BanWord,
        /// An address, a network, a mask, `account:name`, or the nick of somebody online.
        what: Box<str>,
        /// For how long; `None` or 0: until it is undone.
        seconds: Option<u64>,
        /// Why.
        reason: Box<str>,
    },
    /// Undoes one; with a nick, those that were set on it.
    Remove {
        /// The command's word.
        word: BanWord,
        /// As for [`Self::Add`].
        what: Box<str>,
    },
    /// Lists them.
    List {
        /// The command's word.
        word: BanWord,
        /// The query of STATS that asked, if one did; the hall hands it back.
        statistics: Option<char>,
    },
}
