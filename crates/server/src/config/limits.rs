//! `[limits]`: how long, how many, how often.
//!
//! The upper bounds of lengths come from the 512 bytes of an IRC line, those of counts and times from what a person
//! could mean; beyond them a typing mistake is likelier.

use super::schema::Kind::{Flag, Whole};
use super::schema::table;

table! {
    /// How long, how many, how often.
    Limits = "limits" {
        /// Longest nick, in bytes.
        nick_length: usize = 32, Whole { min: 1, max: 128 }, Restart;
        /// Longest channel name, in bytes.
        channel_length: usize = 64, Whole { min: 2, max: 200 }, Restart;
        /// Longest topic, in bytes.
        topic_length: usize = 390, Whole { min: 1, max: 450 }, Restart;
        /// Longest reason of a KICK, in bytes.
        kick_length: usize = 390, Whole { min: 1, max: 450 }, Restart;
        /// Longest away message, in bytes.
        away_length: usize = 200, Whole { min: 1, max: 450 }, Restart;
        /// Entries of each list mode (bans and the like) of a channel.
        list_mode_entries: usize = 60, Whole { min: 1, max: 10_000 }, Restart;
        /// Nicks that one session may MONITOR.
        monitor_entries: usize = 100, Whole { min: 1, max: 10_000 }, Restart;
        /// Read markers (channels and people) of one person.
        read_markers: usize = 1000, Whole { min: 1, max: 100_000 }, Restart;
        /// Days for which the ids are remembered that clients give what they send (`loggia.chat/delivery`).
        delivery_days: u32 = 30, Whole { min: 1, max: 3650 }, Restart;
        /// Clients' streams of ids that are known without a look at the store.
        delivery_streams: usize = 10_000, Whole { min: 1, max: 10_000_000 }, Restart;
        /// Time to take back what one said; 0: always. Operators of a channel may later.
        redact_seconds: u64 = 0, Whole { min: 0, max: 315_360_000 }, Reload;
        /// Time to edit what one said; 0: always.
        edit_seconds: u64 = 0, Whole { min: 0, max: 315_360_000 }, Reload;
        /// Former nicks that WHOWAS remembers.
        whowas_entries: usize = 100, Whole { min: 1, max: 1_000_000 }, Restart;
        /// Longest multi-line message, in bytes.
        multiline_max_bytes: usize = 4096, Whole { min: 1, max: 1_048_576 }, Restart;
        /// Most lines of a multi-line message.
        multiline_max_lines: usize = 32, Whole { min: 1, max: 10_000 }, Restart;
        /// Channels that one user may be in.
        channels_per_user: usize = 100, Whole { min: 1, max: 10_000 }, Restart;
        /// Channels that one account may register.
        registered_channels_per_account: usize = 20, Whole { min: 0, max: 10_000 }, Restart;
        /// Accounts on the access list of one registered channel.
        access_entries: usize = 100, Whole { min: 1, max: 10_000 }, Restart;
        /// Connections that one user may have at once.
        sessions_per_user: usize = 20, Whole { min: 1, max: 10_000 }, Restart;
        /// People without an account, from other machines, who may enter one channel within `newcomer_seconds`.
        newcomer_joins: u16 = 100, Whole { min: 1, max: 200 }, Reload;
        /// The same for each channel while the raid mode is on.
        raid_newcomer_joins: u16 = 5, Whole { min: 1, max: 200 }, Reload;
        /// In how many seconds they are counted.
        newcomer_seconds: u16 = 10, Whole { min: 1, max: 3600 }, Reload;
        /// Wrong passwords for one account, or one operator of the configuration, at once; this machine is exempt.
        guesses_per_account: u32 = 20, Whole { min: 1, max: 1_000_000 }, Reload;
        /// Until there is one more.
        guesses_per_account_seconds: u64 = 15, Whole { min: 1, max: 86_400 }, Reload;
        /// Wrong passwords from one address at once, for whatever account or operator.
        guesses_per_address: u32 = 10, Whole { min: 1, max: 1_000_000 }, Reload;
        /// Until there is one more.
        guesses_per_address_seconds: u64 = 10, Whole { min: 1, max: 86_400 }, Reload;
        /// Accounts that may be made from one address at once.
        accounts_per_address: u32 = 5, Whole { min: 1, max: 1_000_000 }, Reload;
        /// Until there may be one more.
        accounts_per_address_seconds: u64 = 300, Whole { min: 1, max: 86_400 }, Reload;
        /// What may wait to be sent to one session; over it the session is closed.
        sendq_bytes: usize = 1_048_576, Whole { min: 1024, max: 1_073_741_824 }, Reload;
        /// Connections from one address; loopback is exempt.
        connections_per_address: usize = 64, Whole { min: 1, max: 1_000_000 }, Reload;
        /// Time to register a connection.
        registration_seconds: u64 = 60, Whole { min: 1, max: 86_400 }, Reload;
        /// Time for a plain client to give a name; a person is typing.
        plain_name_seconds: u64 = 600, Whole { min: 1, max: 86_400 }, Reload;
        /// Idle time before a PING; as long again and the session is closed.
        ping_seconds: u64 = 90, Whole { min: 1, max: 86_400 }, Reload;
        /// Slows down who sends too fast; loopback is exempt.
        flood_control: bool = true, Flag, Reload;
    }
}
