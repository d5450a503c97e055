//! What every key of the configuration is: its name, what it may hold, what it is for.
//!
//! Each table is declared once, with `table!`: the struct that the program reads, the defaults, the checks, the
//! documentation of `config print-defaults` and what a reload may change all come from that one place.

/// What a key may hold.
#[derive(Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number between two bounds, both allowed.
    Whole {
        /// The smallest number allowed.
        min: u64,
        /// The largest number allowed.
        max: u64,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Text of a certain form.
    Text(Form),
    /// A list of texts, each of a certain form.
    Texts(Form),
    /// One of these words, or a table.
    WordOrTable(&'static [&'static str], &'static Table),
}

/// The form of a text: how it is described to people, and how it is recognised.
#[derive(Clone, Copy)]
pub struct Form {
    /// What is allowed, as the end of the sentence "… is allowed here".
    pub allowed: &'static str,
    /// Whether a text has this form.
    pub fits: fn(&str) -> bool,
}

/// When a changed value takes effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Applies {
    /// At SIGHUP or REHASH.
    Reload,
    /// At the next start.
    Restart,
}

/// One key of a table.
pub struct Key {
    /// The name, as written in the file.
    pub name: &'static str,
    /// What it may hold.
    pub kind: Kind,
    /// When a changed value takes effect.
    pub applies: Applies,
    /// Its documentation, one element per line.
    pub docs: &'static [&'static str],
}

/// One table of the file.
pub struct Table {
    /// The table's name, as written in the file.
    pub name: &'static str,
    /// Its documentation, one element per line.
    pub docs: &'static [&'static str],
    /// Its keys, in the order in which they are printed.
    pub keys: &'static [Key],
}

impl Table {
    /// Returns the key of that name.
    pub fn key(&self, name: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

/// How often a table may stand in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// `[name]`; the defaults hold where it is absent.
    Always,
    /// `[name]`; what it configures does not exist where it is absent.
    Optional,
    /// `[[name]]`, any number of times.
    Repeated,
}

/// Declares one table of the configuration: struct, defaults and schema, from one list of keys.
macro_rules! table {
    (
        $(#[doc = $table_doc:literal])*
        $name:ident = $written:literal {
            $(
                $(#[doc = $doc:literal])*
                $key:ident: $type:ty = $default:expr, $kind:expr, $applies:ident;
            )*
        }
    ) => {
        $(#[doc = $table_doc])*
        #[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[allow(clippy::struct_excessive_bools, reason = "a table of switches is what the file has")]
        pub struct $name {
            $( $(#[doc = $doc])* pub $key: $type, )*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $( $key: $default, )* }
            }
        }

        impl $name {
            /// The keys of this table.
            pub const TABLE: $crate::config::schema::Table = $crate::config::schema::Table {
                name: $written,
                docs: &[$( $table_doc ),*],
                keys: &[$(
                    $crate::config::schema::Key {
                        name: stringify!($key),
                        kind: $kind,
                        applies: $crate::config::schema::Applies::$applies,
                        docs: &[$( $doc ),*],
                    }
                ),*],
            };
        }
    };
}
pub(crate) use table;

/// Declares a choice between words: the enum, and the list of words for the schema.
macro_rules! words {
    ( $(#[$attribute:meta])* $name:ident { $( $(#[$variant_attribute:meta])* $variant:ident = $word:literal, )* } ) => {
        $(#[$attribute])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[$variant_attribute])* #[serde(rename = $word)] $variant, )*
        }

        impl $name {
            /// The words as they stand in the file.
            pub const WORDS: &'static [&'static str] = &[$( $word ),*];
        }
    };
}
pub(crate) use words;
