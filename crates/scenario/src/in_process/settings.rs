//! From a transcript's settings to what the pure crates go by: the keys of the configuration file that mean something
//! without sockets and files.

use std::sync::Arc;
use std::time::Duration;

use chat::modes::UserModes;
use chat::settings::{AlwaysOn, Registration};
use chat::time::Timestamp;
use chat::user::OperatorClass;
use irc::casemap::CaseMapping;
use irc::numerics::Language;
use plain::{OnStop, Prefix, Variant, VariantOverrides};
use session::cloak::Cloak;
use session::push_reach::PushReach;
use session::sasl::Mechanism;
use session::secrets::Secrets;
use session::settings::{Door, DoorTls, FileHost, Settings, Sts};
use session::trusted_proxies::{TrustedProxies, network};

use crate::driver::Trouble;
use crate::model::Setting;

/// What a run in process is set up with.
#[derive(Debug, Clone)]
pub(super) struct SetUp {
    pub(super) session: Settings,
    chat: chat::settings::Settings,
    pub(super) operator: Option<Operator>,
    room: Arc<str>,
}

/// The `[[operator]]` of a transcript.
#[derive(Debug, Clone)]
pub(super) struct Operator {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) class: OperatorClass,
}

/// Where files are sent; no door here has an address.
fn file_host(is_enabled: bool) -> Option<FileHost> {
    is_enabled.then(|| FileHost { secure: None, plain: Some("http://127.0.0.1:53000/upload".into()), previews: false })
}

impl SetUp {
    /// Reads the settings over the configuration's defaults.
    pub(super) fn read(settings: &[Setting], started: Timestamp) -> Result<Self, Trouble> {
        let mut set_up = Self::defaults(started);
        for setting in settings {
            set_up
                .set(setting)
                .ok_or_else(|| Trouble(format!("{}.{} cannot be set in process", setting.table, setting.key)))?;
        }
        if let Some(door) = set_up.session.doors.first_mut() {
            door.room = Arc::clone(&set_up.room);
        }
        set_up.chat.permanent_channels = vec![Arc::clone(&set_up.room)];
        if &*set_up.room != DEFAULT_ROOM {
            set_up.chat.permanent_channels.push(DEFAULT_ROOM.into());
        }
        set_up.session.chat = Arc::new(set_up.chat.clone());
        Ok(set_up)
    }

    fn defaults(started: Timestamp) -> Self {
        let chat = chat::settings::Settings::default();
        let door = Door {
            web: true,
            irc: true,
            plain: Some(Arc::new(Variant::quit())),
            room: DEFAULT_ROOM.into(),
            tls: DoorTls::Off,
        };
        let session = Settings {
            chat: Arc::new(chat.clone()),
            network: "Loggia".into(),
            icon: None,
            description: "A Loggia server".into(),
            version: "loggia-in-process".into(),
            motd: vec!["Welcome.".into()],
            language: Language::En,
            password: None,
            secrets: Secrets { kept: [1; 32], fresh: [2; 32] },
            sasl_mechanisms: Mechanism::ALL.to_vec(),
            scram_iterations: 4096,
            registration_before_connect: true,
            require_email: false,
            started,
            cloak: Cloak::Off,
            trusted_proxies: TrustedProxies::default(),
            webirc_password: None,
            flood_control: true,
            registration_time: Duration::from_mins(1),
            plain_name_time: Duration::from_mins(10),
            ping_time: Duration::from_secs(90),
            sendq_bytes: 1 << 20,
            multiline_max_bytes: 4096,
            multiline_max_lines: 32,
            metadata_before_connect: true,
            plain_replay: 10,
            sts: None,
            filehost: file_host(true),
            vapid: Some(VAPID.into()),
            push_reach: push_reach(&[]),
            doors: vec![door],
        };
        Self { session, chat, operator: None, room: DEFAULT_ROOM.into() }
    }

    /// Sets one key; nothing when there is no such key here, or the value does not suit it.
    fn set(&mut self, setting: &Setting) -> Option<()> {
        let value = &setting.value;
        match setting.table.as_str() {
            "server" => self.set_server(&setting.key, value),
            "listen" => self.set_listen(&setting.key, value),
            "relaymsg" => self.set_relaymsg(&setting.key, value),
            "accounts" => self.set_account(&setting.key, value),
            "push" => self.set_push(&setting.key, value),
            "uploads" => self.set_uploads(&setting.key, value),
            "limits" => self.set_limit(&setting.key, value),
            "operator" => self.set_operator(&setting.key, value),
            "metadata" => self.set_metadata(&setting.key, value),
            "history" => self.set_history(&setting.key, value),
            "sts" => self.set_sts(&setting.key, value),
            _ => None,
        }
    }

    fn set_push(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "enabled" => self.session.vapid = value.as_bool()?.then(|| VAPID.into()),
            "allow_addresses" => {
                let allowed: Option<Vec<&str>> = value.as_array()?.iter().map(toml::Value::as_str).collect();
                self.session.push_reach = push_reach(&allowed?);
            }
            "subscriptions_per_account" => self.chat.push_subscriptions = usize::try_from(value.as_integer()?).ok()?,
            _ => return None,
        }
        Some(())
    }

    fn set_history(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "enabled" => {
                self.chat.history = value.as_bool()?;
                self.session.plain_replay = if self.chat.history { self.session.plain_replay } else { 0 };
            }
            "plain_replay" => self.session.plain_replay = count(value)?,
            "max_messages_per_request" => self.chat.history_messages = count(value)?,
            _ => return None,
        }
        Some(())
    }

    /// The port is the usual one of TLS: no door here has a number.
    fn set_sts(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        let seconds = u64::try_from(value.as_integer()?).ok().filter(|_| key == "seconds")?;
        self.session.sts = (seconds > 0).then_some(Sts { seconds, port: TLS_PORT });
        Some(())
    }

    fn set_server(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "name" => self.chat.server_name = value.as_str()?.into(),
            "network" => self.session.network = value.as_str()?.into(),
            "icon" => self.session.icon = Some(value.as_str()?).filter(|icon| !icon.is_empty()).map(Arc::from),
            "description" => self.session.description = value.as_str()?.into(),
            "motd" => {
                let lines = value.as_array()?.iter().map(|line| line.as_str().map(Box::from));
                self.session.motd = lines.collect::<Option<_>>()?;
            }
            "password" => self.session.password = Some(value.as_str()?).filter(|word| !word.is_empty()).map(Box::from),
            "language" => self.session.language = if value.as_str()? == "it" { Language::It } else { Language::En },
            "casemapping" => {
                let precis = value.as_str()? == "precis";
                self.chat.names.casemapping = if precis { CaseMapping::Precis } else { CaseMapping::Ascii };
            }
            "default_user_modes" => {
                let letters = value.as_str()?.chars().filter(|letter| *letter != '+');
                self.chat.default_user_modes = letters.map(UserModes::from_letter).collect::<Option<_>>()?;
            }
            // In process nobody is cloaked.
            "cloak" => return (value.as_str()? == "off").then_some(()),
            "trusted_proxies" => {
                let networks: Option<Vec<&str>> = value.as_array()?.iter().map(toml::Value::as_str).collect();
                self.session.trusted_proxies = TrustedProxies::new(networks?);
            }
            "webirc_password" => {
                self.session.webirc_password = Some(value.as_str()?).filter(|word| !word.is_empty()).map(Box::from);
            }
            // What happens on disk makes no difference here: everything is committed at once.
            "durability" => {}
            _ => return None,
        }
        Some(())
    }

    fn set_listen(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        let door = self.session.doors.first_mut()?;
        match key {
            "room" => self.room = value.as_str()?.into(),
            "plain" => door.plain = Some(Arc::new(variant(value)?)),
            "tls" => door.tls = if value.as_str()? == "off" { DoorTls::Off } else { DoorTls::Offered },
            "dialects" => {
                let has = |name| value.as_array().is_some_and(|list| list.iter().any(|one| one.as_str() == Some(name)));
                (door.web, door.irc) = (has("web"), has("irc"));
                door.plain = door.plain.take().filter(|_| has("plain"));
            }
            _ => return None,
        }
        Some(())
    }

    fn set_account(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "always_on" => {
                self.chat.always_on = match value.as_str()? {
                    "off" => AlwaysOn::Off,
                    "opt-in" => AlwaysOn::OptIn,
                    "default" => AlwaysOn::Default,
                    _ => return None,
                }
            }
            "registration" => {
                self.chat.registration = match value.as_str()? {
                    "open" => Registration::Open,
                    "invite" => Registration::Invite,
                    "closed" => Registration::Closed,
                    _ => return None,
                }
            }
            "registration_before_connect" => self.session.registration_before_connect = value.as_bool()?,
            "require_email" => self.session.require_email = value.as_bool()?,
            "sasl_mechanisms" => {
                let names = value.as_array()?.iter().map(|name| Mechanism::from_name(name.as_str()?));
                self.session.sasl_mechanisms = names.collect::<Option<_>>()?;
            }
            "nick_may_differ_from_account" => self.chat.nick_may_differ_from_account = value.as_bool()?,
            "require_account" => self.chat.require_account = value.as_bool()?,
            // Here passwords are not hashed at all.
            "password_hash" => {}
            _ => return None,
        }
        Some(())
    }

    fn set_limit(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        let seconds = || value.as_integer().and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        match key {
            "nick_length" => self.chat.names.nick_bytes_max = count(value)?,
            "channel_length" => self.chat.names.channel_bytes_max = count(value)?,
            "topic_length" => self.chat.topic_length = count(value)?,
            "kick_length" => self.chat.kick_length = count(value)?,
            "away_length" => self.chat.away_length = count(value)?,
            "list_mode_entries" => self.chat.list_mode_entries = count(value)?,
            "monitor_entries" => self.chat.monitor_entries = count(value)?,
            "read_markers" => self.chat.read_markers = count(value)?,
            "delivery_days" => self.chat.delivery_days = u32::try_from(value.as_integer()?).ok()?,
            "delivery_streams" => self.chat.delivery_streams = count(value)?,
            "redact_seconds" => self.chat.redact_seconds = seconds()?.as_secs(),
            "edit_seconds" => self.chat.edit_seconds = seconds()?.as_secs(),
            "whowas_entries" => self.chat.whowas_entries = count(value)?,
            "registered_channels_per_account" => self.chat.registered_channels_per_account = count(value)?,
            "access_entries" => self.chat.access_entries = count(value)?,
            "sessions_per_user" => self.chat.sessions_per_user = count(value)?,
            "channels_per_user" => self.chat.channels_per_user = count(value)?,
            "newcomer_joins" => self.chat.newcomers.joins = small(value)?,
            "raid_newcomer_joins" => self.chat.newcomers_in_raid.joins = small(value)?,
            "newcomer_seconds" => {
                self.chat.newcomers.seconds = small(value)?;
                self.chat.newcomers_in_raid.seconds = small(value)?;
            }
            "guesses_per_account" => self.chat.guesses.of_account.burst = u32::from(small(value)?),
            "guesses_per_account_seconds" => self.chat.guesses.of_account.every = seconds()?,
            "guesses_per_address" => self.chat.guesses.of_address.burst = u32::from(small(value)?),
            "guesses_per_address_seconds" => self.chat.guesses.of_address.every = seconds()?,
            "accounts_per_address" => self.chat.guesses.registrations.burst = u32::from(small(value)?),
            "accounts_per_address_seconds" => self.chat.guesses.registrations.every = seconds()?,
            "multiline_max_bytes" => self.session.multiline_max_bytes = count(value)?,
            "multiline_max_lines" => self.session.multiline_max_lines = count(value)?,
            "sendq_bytes" => self.session.sendq_bytes = count(value)?,
            "registration_seconds" => self.session.registration_time = seconds()?,
            "plain_name_seconds" => self.session.plain_name_time = seconds()?,
            "ping_seconds" => self.session.ping_time = seconds()?,
            "flood_control" => self.session.flood_control = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    fn set_relaymsg(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        let relaymsg = &mut self.chat.relaymsg;
        match key {
            "enabled" => relaymsg.enabled = value.as_bool()?,
            "separators" => relaymsg.separators = value.as_str()?.into(),
            "chanops" => relaymsg.chanops = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    fn set_uploads(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "enabled" => self.session.filehost = file_host(value.as_bool()?),
            "require_account" => self.chat.uploads_need_account = value.as_bool()?,
            _ => return None,
        }
        Some(())
    }

    fn set_metadata(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        match key {
            "before_connect" => self.session.metadata_before_connect = value.as_bool()?,
            "max_keys" => self.chat.metadata_keys = count(value)?,
            "max_subscriptions" => self.chat.metadata_subscriptions = count(value)?,
            "max_value_bytes" => self.chat.metadata_value_bytes = count(value)?,
            _ => return None,
        }
        Some(())
    }

    fn set_operator(&mut self, key: &str, value: &toml::Value) -> Option<()> {
        let empty = || Operator { name: String::new(), password: String::new(), class: OperatorClass::Admin };
        let operator = self.operator.get_or_insert_with(empty);
        let value = value.as_str()?;
        match key {
            "name" => value.clone_into(&mut operator.name),
            "password" => value.clone_into(&mut operator.password),
            "class" if value == "moderator" => operator.class = OperatorClass::Moderator,
            "class" if value == "admin" => operator.class = OperatorClass::Admin,
            _ => return None,
        }
        Some(())
    }
}

/// The public key by which push services would know the server: as long as one is.
const VAPID: &str = "BKey00000000000000000000000000000000000000000000000000000000000000000000000000000000000";

/// Of the addresses that are out of reach, those that transcripts name, but for what is allowed of them.
fn push_reach(allowed: &[&str]) -> PushReach {
    let networks = |written: &[&str]| written.iter().filter_map(|text| network(text)).collect::<Vec<_>>();
    PushReach::new(networks(&["127.0.0.0/8", "10.0.0.0/8", "::/3"]), networks(allowed))
}

/// Where clients of IRC expect TLS.
const TLS_PORT: u16 = 6697;

/// The room that always exists.
const DEFAULT_ROOM: &str = "#piazza";

fn small(value: &toml::Value) -> Option<u16> {
    value.as_integer().and_then(|number| u16::try_from(number).ok())
}

fn count(value: &toml::Value) -> Option<usize> {
    usize::try_from(value.as_integer()?).ok()
}

/// `plain = "nick"`, or a table with a variant's name and what differs from it.
fn variant(value: &toml::Value) -> Option<Variant> {
    let Some(table) = value.as_table() else { return Variant::built_in(value.as_str()?) };
    let text = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
    let words = table.get("quit_words").and_then(toml::Value::as_array);
    let overrides = VariantOverrides {
        prompt: text("prompt"),
        welcome: text("welcome"),
        join: text("join"),
        leave: text("leave"),
        taken: text("taken"),
        shutdown: text("shutdown"),
        quit_words: words.map(|words| words.iter().filter_map(|word| word.as_str().map(str::to_owned)).collect()),
        quit_reply: text("quit_reply"),
        echo: table.get("echo").and_then(toml::Value::as_bool),
        prefix: text("prefix").map(|who| if who == "client" { Prefix::Client } else { Prefix::Server }),
        tail: text("tail"),
        on_stop: text("on_stop").map(|how| if how == "fin" { OnStop::Fin } else { OnStop::Reset }),
    };
    Some(Variant::built_in(&text("variant").unwrap_or_else(|| "quit".into()))?.with(overrides))
}

#[cfg(test)]
#[expect(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn read(table: &str, key: &str, value: impl Into<toml::Value>) -> Result<SetUp, Trouble> {
        SetUp::read(&[Setting { table: table.into(), key: key.into(), value: value.into() }], Timestamp(0))
    }

    #[test]
    fn settings_reach_the_pure_crates() {
        assert_eq!(read("limits", "nick_length", 9).unwrap().session.chat.names.nick_bytes_max, 9);
        assert_eq!(&*read("server", "network", "Tea").unwrap().session.network, "Tea");
        assert_eq!(read("server", "default_user_modes", "+iw").unwrap().session.chat.default_user_modes.shown(), "+iw");
        assert_eq!(read("operator", "name", "admin").unwrap().operator.unwrap().name, "admin");
        let room = read("listen", "room", "#class").unwrap().session;
        assert_eq!(&*room.doors[0].room, "#class");
        assert_eq!(room.chat.permanent_channels, ["#class".into(), "#piazza".into()]);
    }

    #[test]
    fn a_variant_may_be_a_table() {
        let table: toml::Table = toml::from_str("variant = \"nick\"\nprompt = \"Name?\"\ntail = \"\"\n").unwrap();
        let door = read("listen", "plain", table).unwrap().session.doors.remove(0);
        let expected = Variant { prompt: "Name?".into(), tail: String::new(), ..Variant::nick() };
        assert_eq!(*door.plain.unwrap(), expected);
    }

    #[test]
    fn a_key_without_meaning_here_is_named() {
        assert_eq!(read("log", "format", "json").unwrap_err().0, "log.format cannot be set in process");
        assert!(read("limits", "nick_length", "nine").is_err());
    }
}
