//! `[[operator]]`: who may become an operator with OPER.

use super::form;
use super::schema::Kind::{OneOf, Text};
use super::schema::{Form, table, words};

words! {
    /// What an operator may do.
    OperatorClass {
        /// Everything.
        Admin = "admin",
        /// What keeps rooms in order.
        Moderator = "moderator",
    }
}

/// The form of a password or its hash.
const SECRET: Form =
    Form { allowed: "text that is not empty", fits: |text| !text.is_empty() && (form::LINE.fits)(text) };

table! {
    /// Who may become an operator with OPER; one password or one hash each.
    Operator = "operator" {
        /// The name given to OPER.
        name: String = "admin".to_owned(), Text(form::TOKEN), Reload;
        /// "admin" or "moderator".
        class: OperatorClass = OperatorClass::Admin, OneOf(OperatorClass::WORDS), Reload;
        /// The password's hash; `loggia account hash` makes one.
        password_hash: Option<String> = None, Text(SECRET), Reload;
        /// The password itself (tests only).
        password: Option<String> = None, Text(SECRET), Reload;
    }
}
