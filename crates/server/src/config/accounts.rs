//! `[accounts]`: who may register, and what an account means here.

use super::form;
use super::schema::Kind::{Flag, OneOf, Texts};
use super::schema::{table, words};

words! {
    /// Who may register an account.
    Registration {
        /// Everybody.
        Open = "open",
        /// Who has an invitation.
        Invite = "invite",
        /// Nobody; the administrator makes accounts.
        Closed = "closed",
    }
}

words! {
    /// How passwords are hashed.
    PasswordHash {
        /// Argon2id at its recommended cost.
        Strong = "strong",
        /// Cheap, for tests only.
        Test = "test",
    }
}

words! {
    /// Who stays in rooms while disconnected.
    AlwaysOn {
        /// Nobody.
        Off = "off",
        /// Who asks for it.
        OptIn = "opt-in",
        /// Every account that does not ask otherwise.
        Default = "default",
    }
}

table! {
    /// Who may register, and what an account means here.
    Accounts = "accounts" {
        /// "open", "invite" or "closed".
        registration: Registration = Registration::Open, OneOf(Registration::WORDS), Reload;
        /// Whether an account may be made before the connection is registered.
        registration_before_connect: bool = true, Flag, Restart;
        /// Whether an account needs an electronic mail address.
        require_email: bool = false, Flag, Restart;
        /// The SASL mechanisms offered.
        sasl_mechanisms: Vec<String> = ["PLAIN", "SCRAM-SHA-256", "EXTERNAL"].map(str::to_owned).to_vec(), Texts(form::SASL_MECHANISM), Restart;
        /// "strong" (argon2id) or "test" (cheap: tests only).
        password_hash: PasswordHash = PasswordHash::Strong, OneOf(PasswordHash::WORDS), Restart;
        /// Whether a nick may differ from the account's name.
        nick_may_differ_from_account: bool = true, Flag, Reload;
        /// "off", "opt-in" or "default": stay in rooms while disconnected.
        always_on: AlwaysOn = AlwaysOn::OptIn, OneOf(AlwaysOn::WORDS), Reload;
        /// Whether only accounts may enter.
        require_account: bool = false, Flag, Reload;
    }
}
