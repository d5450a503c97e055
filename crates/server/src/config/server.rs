//! `[server]`: what this server is called, where it keeps its data, how it runs.

use super::form;
use super::schema::Kind::{Flag, OneOf, Text, Texts, Whole};
use super::schema::{table, words};

words! {
    /// What must have happened to a message before anyone sees it.
    Durability {
        /// It is synced to the disk.
        Disk = "disk",
        /// The kernel has it: it survives the death of the process, not the loss of power.
        Process = "process",
        /// Nothing: it is written behind, and a crash costs the last second.
        Memory = "memory",
    }
}

words! {
    /// Which thread the hall runs on.
    Hall {
        /// Chosen for this machine.
        Auto = "auto",
        /// The only shard's.
        Inline = "inline",
        /// Whichever shard holds commands.
        Shared = "shared",
        /// Its own.
        Thread = "thread",
    }
}

words! {
    /// The language of hints, help, refusals and pages.
    Language {
        /// English.
        English = "en",
        /// Italian.
        Italian = "it",
    }
}

words! {
    /// How nicks and channel names are compared.
    Casemapping {
        /// ASCII letters fold.
        Ascii = "ascii",
        /// UTF-8 names, RFC 8265.
        Precis = "precis",
    }
}

words! {
    /// Whether addresses are hidden from other users.
    Cloak {
        /// All but loopback addresses are hidden.
        Auto = "auto",
        /// Addresses are shown.
        Off = "off",
    }
}

table! {
    /// What this server is called, where it keeps its data, how it runs.
    Server = "server" {
        /// Host part of server messages.
        name: String = "loggia.local".to_owned(), Text(form::HOST), Restart;
        /// The network's name, shown to clients.
        network: String = "Loggia".to_owned(), Text(form::TOKEN), Restart;
        /// The address of a square picture for the network, shown by clients; may hold {size}. Empty: none.
        icon: String = String::new(), Text(form::PICTURE), Reload;
        /// One line about this server.
        description: String = "A Loggia server".to_owned(), Text(form::LINE), Reload;
        /// The directory where everything is kept.
        data: String = "./loggia-data".to_owned(), Text(form::PATH), Restart;
        /// The message of the day, one element per line.
        motd: Vec<String> = vec!["Welcome.".to_owned()], Texts(form::LINE), Reload;
        /// Connection password (PASS); empty: none.
        password: String = String::new(), Text(form::LINE), Reload;
        /// "disk": synced to the disk before anyone sees it; "process": handed to the kernel before anyone sees it
        /// (survives kill -9, not power loss); "memory": written behind (a crash costs the last second).
        durability: Durability = Durability::Disk, OneOf(Durability::WORDS), Restart;
        /// Threads that own connections; 0: chosen for this machine.
        shards: usize = 0, Whole { min: 0, max: 255 }, Restart;
        /// "auto", "inline" (needs shards = 1), "shared" (whichever shard holds commands) or "thread".
        hall: Hall = Hall::Auto, OneOf(Hall::WORDS), Restart;
        /// Hints, help, refusals and pages: "en" or "it"; plain prompts keep their variant's strings.
        language: Language = Language::English, OneOf(Language::WORDS), Restart;
        /// "ascii", or "precis" for UTF-8 nicks and channel names (RFC 8265).
        casemapping: Casemapping = Casemapping::Ascii, OneOf(Casemapping::WORDS), Restart;
        /// User modes that everybody begins with, such as "+i".
        default_user_modes: String = String::new(), Text(form::USER_MODES), Reload;
        /// For links and QR codes; empty: from the interfaces.
        public_address: String = String::new(), Text(form::PUBLIC_ADDRESS), Restart;
        /// Announces the server on the local network; never on loopback-only listeners.
        mdns: bool = true, Flag, Restart;
        /// Hides addresses in user@host from other users: "auto" (all but loopback) or "off".
        cloak: Cloak = Cloak::Auto, OneOf(Cloak::WORDS), Restart;
        /// Addresses or networks whose PROXY, WEBIRC and X-Forwarded-For are believed.
        trusted_proxies: Vec<String> = Vec::new(), Texts(form::NETWORK), Restart;
        /// What gateways have to say with WEBIRC, besides being listed in trusted_proxies; empty: anything.
        webirc_password: String = String::new(), Text(form::LINE), Reload;
    }
}
