//! From the configuration to what sessions and the hall go by.

use std::sync::Arc;
use std::time::Duration;

use chat::arrivals::JoinThrottle;
use chat::modes::UserModes;
use chat::settings::{AlwaysOn, Registration};
use chat::throttle::{GuessLimits, Tries};
use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::NameRules;
use irc::numerics::Language;
use plain::{OnStop, Prefix, Variant, VariantOverrides};
use session::cloak::Cloak;
use session::push_reach::PushReach;
use session::sasl::Mechanism;
use session::secrets::Secrets;
use session::settings::{Door, DoorTls, FileHost, Settings, Sts};
use session::trusted_proxies::TrustedProxies;

use crate::config::{self, Config};

/// The room that always exists.
const DEFAULT_ROOM: &str = "#piazza";

/// What clients are told that depends on more than the configuration.
#[derive(Clone, Debug, Default)]
pub struct Told {
    /// Strict transport security.
    pub sts: Option<Sts>,
    /// Where files may be sent.
    pub filehost: Option<FileHost>,
    /// The public key by which push services know this server.
    pub vapid: Option<Arc<str>>,
}

/// Makes the settings of a configuration. `doors` are those that are open, in their order.
pub fn settings(
    config: &Config,
    doors: &[config::Listen],
    told: Told,
    secrets: &Secrets,
    started: Timestamp,
) -> Settings {
    let server = &config.server;
    Settings {
        chat: Arc::new(chat_settings(config, doors)),
        network: server.network.as_str().into(),
        icon: Some(server.icon.as_str()).filter(|icon| !icon.is_empty()).map(Arc::from),
        description: server.description.as_str().into(),
        version: concat!("loggia-", env!("CARGO_PKG_VERSION")).into(),
        motd: server.motd.iter().map(|line| line.as_str().into()).collect(),
        language: match server.language {
            config::Language::English => Language::En,
            config::Language::Italian => Language::It,
        },
        password: Some(server.password.as_str()).filter(|password| !password.is_empty()).map(Box::from),
        secrets: secrets.clone(),
        sasl_mechanisms: config.accounts.sasl_mechanisms.iter().filter_map(|name| Mechanism::from_name(name)).collect(),
        scram_iterations: crate::credentials::scram_iterations(config.accounts.password_hash),
        registration_before_connect: config.accounts.registration_before_connect,
        require_email: config.accounts.require_email,
        started,
        cloak: match server.cloak {
            config::Cloak::Auto => Cloak::Keyed(Arc::new(secrets.kept)),
            config::Cloak::Off => Cloak::Off,
        },
        trusted_proxies: TrustedProxies::new(server.trusted_proxies.iter().map(String::as_str)),
        webirc_password: Some(server.webirc_password.as_str()).filter(|password| !password.is_empty()).map(Box::from),
        flood_control: config.limits.flood_control,
        registration_time: Duration::from_secs(config.limits.registration_seconds),
        plain_name_time: Duration::from_secs(config.limits.plain_name_seconds),
        ping_time: Duration::from_secs(config.limits.ping_seconds),
        sendq_bytes: config.limits.sendq_bytes,
        multiline_max_bytes: config.limits.multiline_max_bytes,
        multiline_max_lines: config.limits.multiline_max_lines,
        metadata_before_connect: config.metadata.before_connect,
        plain_replay: if config.history.enabled { config.history.plain_replay } else { 0 },
        sts: told.sts,
        filehost: told.filehost,
        vapid: told.vapid,
        push_reach: PushReach::new(fetch::not_public(), crate::push::allowed(&config.push)),
        doors: doors.iter().map(door).collect(),
    }
}

/// Which names may be used, and how they are compared.
pub(crate) fn name_rules(config: &Config) -> NameRules {
    NameRules {
        casemapping: casemapping(config),
        nick_bytes_max: config.limits.nick_length,
        channel_bytes_max: config.limits.channel_length,
        ..NameRules::default()
    }
}

/// How the store of a configuration is opened, at this time.
pub(crate) fn store_options(config: &Config, now: Timestamp) -> store::Options {
    store::Options {
        durability: match config.server.durability {
            config::Durability::Disk => store::Durability::Disk,
            config::Durability::Process => store::Durability::Process,
            config::Durability::Memory => store::Durability::Memory,
        },
        casemapping: casemapping(config),
        program_version: env!("CARGO_PKG_VERSION").to_owned(),
        now,
        on_news: Arc::new(|| {}),
        pages_max: Arc::default(),
        disk: store::Disk::default(),
        history: config.history.enabled,
    }
}

fn chat_settings(config: &Config, doors: &[config::Listen]) -> chat::settings::Settings {
    let limits = &config.limits;
    let modes = config.server.default_user_modes.chars().filter_map(UserModes::from_letter);
    let mut permanent: Vec<Arc<str>> = vec![DEFAULT_ROOM.into()];
    permanent.extend(doors.iter().map(|door| door.room.as_str().into()));
    permanent.sort();
    permanent.dedup();
    chat::settings::Settings {
        server_name: config.server.name.as_str().into(),
        names: name_rules(config),
        topic_length: limits.topic_length,
        kick_length: limits.kick_length,
        away_length: limits.away_length,
        list_mode_entries: limits.list_mode_entries,
        history: config.history.enabled,
        history_messages: config.history.max_messages_per_request,
        monitor_entries: limits.monitor_entries,
        redact_seconds: limits.redact_seconds,
        edit_seconds: limits.edit_seconds,
        read_markers: limits.read_markers,
        delivery_days: limits.delivery_days,
        delivery_streams: limits.delivery_streams,
        metadata_keys: config.metadata.max_keys,
        metadata_subscriptions: config.metadata.max_subscriptions,
        metadata_value_bytes: config.metadata.max_value_bytes,
        whowas_entries: limits.whowas_entries,
        channels_per_user: limits.channels_per_user,
        sessions_per_user: limits.sessions_per_user,
        guesses: GuessLimits {
            of_account: tries(limits.guesses_per_account, limits.guesses_per_account_seconds),
            of_address: tries(limits.guesses_per_address, limits.guesses_per_address_seconds),
            registrations: tries(limits.accounts_per_address, limits.accounts_per_address_seconds),
        },
        newcomers: JoinThrottle { joins: limits.newcomer_joins, seconds: limits.newcomer_seconds },
        newcomers_in_raid: JoinThrottle { joins: limits.raid_newcomer_joins, seconds: limits.newcomer_seconds },
        always_on: match config.accounts.always_on {
            config::AlwaysOn::Off => AlwaysOn::Off,
            config::AlwaysOn::OptIn => AlwaysOn::OptIn,
            config::AlwaysOn::Default => AlwaysOn::Default,
        },
        disconnected: match config.server.language {
            config::Language::English => "Disconnected",
            config::Language::Italian => "Disconnesso",
        }
        .into(),
        registered_channels_per_account: limits.registered_channels_per_account,
        access_entries: limits.access_entries,
        default_user_modes: modes.collect(),
        relaymsg: chat::settings::Relaymsg {
            enabled: config.relaymsg.enabled,
            separators: config.relaymsg.separators.as_str().into(),
            chanops: config.relaymsg.chanops,
        },
        push_subscriptions: config.push.subscriptions_per_account,
        uploads_need_account: config.uploads.require_account,
        registration: match config.accounts.registration {
            config::Registration::Open => Registration::Open,
            config::Registration::Invite => Registration::Invite,
            config::Registration::Closed => Registration::Closed,
        },
        nick_may_differ_from_account: config.accounts.nick_may_differ_from_account,
        require_account: config.accounts.require_account,
        permanent_channels: permanent,
    }
}

fn tries(burst: u32, seconds: u64) -> Tries {
    Tries { burst, every: Duration::from_secs(seconds) }
}

/// Returns how names fold.
pub fn casemapping(config: &Config) -> CaseMapping {
    match config.server.casemapping {
        config::Casemapping::Ascii => CaseMapping::Ascii,
        config::Casemapping::Precis => CaseMapping::Precis,
    }
}

/// Returns how much of history is to be kept at this time.
pub fn keep(history: &config::History, now: Timestamp) -> store::Keep {
    const DAY_MILLISECONDS: i64 = 24 * 60 * 60 * 1000;
    let days = i64::try_from(history.retention_days).unwrap_or(i64::MAX);
    store::Keep {
        since: (days > 0).then(|| Timestamp(now.0.saturating_sub(days.saturating_mul(DAY_MILLISECONDS)))),
        bytes: (history.retention_bytes > 0).then_some(history.retention_bytes),
    }
}

fn door(listen: &config::Listen) -> Door {
    let takes = |dialect| listen.dialects.contains(&dialect);
    Door {
        web: takes(config::Dialect::Web),
        irc: takes(config::Dialect::Irc),
        plain: takes(config::Dialect::Plain).then(|| Arc::new(variant(&listen.plain.0))),
        room: listen.room.as_str().into(),
        tls: match (&listen.tls, listen.tls_required) {
            (config::Tls::Off, _) => DoorTls::Off,
            (_, false) => DoorTls::Offered,
            (_, true) => DoorTls::Required,
        },
    }
}

fn variant(table: &config::PlainTable) -> Variant {
    let built_in = match table.variant {
        config::PlainVariant::Quit => Variant::quit(),
        config::PlainVariant::Close => Variant::close(),
        config::PlainVariant::Nick => Variant::nick(),
        config::PlainVariant::Username => Variant::username(),
    };
    let table = table.clone();
    built_in.with(VariantOverrides {
        prompt: table.prompt,
        welcome: table.welcome,
        join: table.join,
        leave: table.leave,
        taken: table.taken,
        shutdown: table.shutdown,
        quit_words: table.quit_words,
        quit_reply: table.quit_reply,
        echo: table.echo,
        prefix: table.prefix.map(|prefix| match prefix {
            config::Prefix::Server => Prefix::Server,
            config::Prefix::Client => Prefix::Client,
        }),
        tail: table.tail,
        on_stop: table.on_stop.map(|how| match how {
            config::OnStop::Reset => OnStop::Reset,
            config::OnStop::Fin => OnStop::Fin,
        }),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn translated(file: &str) -> Settings {
        let config = Config::parse(file, "loggia.toml".as_ref()).unwrap_or_else(|refused| panic!("{refused}"));
        settings(&config, &config.listen, Told::default(), &Secrets { kept: [7; 32], fresh: [8; 32] }, Timestamp(0))
    }

    #[test]
    fn the_room_of_every_door_exists_once() {
        let settings = translated(
            r##"
            [[listen]]
            address = "127.0.0.1:6667"
            room = "#tea"
            [[listen]]
            address = "127.0.0.2:6667"
            room = "#cake"
            [[listen]]
            address = "127.0.0.3:6667"
            room = "#tea"
            "##,
        );
        let rooms: Vec<&str> = settings.chat.permanent_channels.iter().map(|room| &**room).collect();
        assert_eq!(rooms, ["#cake", "#piazza", "#tea"]);
        assert_eq!(settings.doors.iter().map(|door| &*door.room).collect::<Vec<_>>(), ["#tea", "#cake", "#tea"]);
    }

    #[test]
    fn guesses_are_counted_as_the_limits_say() {
        let tries = |burst, seconds| Tries { burst, every: Duration::from_secs(seconds) };
        let settings = translated(
            "[limits]\nguesses_per_account = 2\nguesses_per_account_seconds = 3\nguesses_per_address = 4\n\
             guesses_per_address_seconds = 5\naccounts_per_address = 6\naccounts_per_address_seconds = 7\n",
        );
        let expected = GuessLimits { of_account: tries(2, 3), of_address: tries(4, 5), registrations: tries(6, 7) };
        assert_eq!(settings.chat.guesses, expected);
        assert_eq!(translated("").chat.guesses, GuessLimits::default());
    }

    #[test]
    fn a_door_takes_the_dialects_it_names() {
        let settings = translated(
            r#"
            [[listen]]
            address = "127.0.0.1:6667"
            dialects = ["irc"]
            [[listen]]
            address = "127.0.0.2:6667"
            dialects = ["plain"]
            plain = "nick"
            "#,
        );
        let [irc, plain] = &settings.doors[..] else { panic!("{:?}", settings.doors) };
        assert!(irc.irc && !irc.web && irc.plain.is_none());
        assert!(!plain.irc && !plain.web);
        assert_eq!(plain.plain.as_deref().map(|variant| &*variant.name), Some("nick"));
    }

    #[test]
    fn an_empty_password_is_none() {
        assert_eq!(translated("").password, None);
        assert_eq!(translated("[server]\npassword = \"hush\"\n").password.as_deref(), Some("hush"));
    }
}
