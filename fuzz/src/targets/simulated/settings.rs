//! What the simulated server is set up with: small limits, so that short inputs reach them.

use std::sync::Arc;
use std::time::Duration;

use chat::time::Timestamp;
use irc::casemap::CaseMapping;
use irc::names::NameRules;
use irc::numerics::Language;
use plain::Variant;
use session::cloak::Cloak;
use session::sasl::Mechanism;
use session::secrets::Secrets;
use session::settings::{Door, DoorTls, FileHost, Settings, Sts};
use session::trusted_proxies::TrustedProxies;

/// When the simulated calendar begins: 2026-01-01.
pub(super) const CALENDAR_START: Timestamp = Timestamp(1_767_225_600_000);
/// What may wait for a client.
pub(super) const SENDQ_BYTES: usize = 32 * 1024;

const ROOM: &str = "#piazza";

pub(super) fn settings(casemapping: CaseMapping) -> Settings {
    let chat = chat::settings::Settings {
        names: NameRules { casemapping, nick_bytes_max: 16, channel_bytes_max: 24, ..NameRules::default() },
        topic_length: 100,
        kick_length: 60,
        away_length: 60,
        list_mode_entries: 4,
        monitor_entries: 4,
        metadata_keys: 4,
        metadata_subscriptions: 4,
        metadata_value_bytes: 30,
        whowas_entries: 4,
        channels_per_user: 4,
        permanent_channels: vec![ROOM.into()],
        ..chat::settings::Settings::default()
    };
    let door = |web, irc, plain: Option<Variant>| Door {
        web,
        irc,
        plain: plain.map(Arc::new),
        room: ROOM.into(),
        tls: DoorTls::Off,
    };
    Settings {
        chat: Arc::new(chat),
        network: "Loggia".into(),
        icon: None,
        description: "A Loggia server".into(),
        version: "loggia-simulated".into(),
        motd: vec!["Welcome.".into(), "".into(), "Be kind.".into()],
        language: if casemapping == CaseMapping::Ascii { Language::En } else { Language::It },
        password: None,
        secrets: Secrets { kept: [1; 32], fresh: [2; 32] },
        sasl_mechanisms: Mechanism::ALL.to_vec(),
        scram_iterations: 4096,
        registration_before_connect: true,
        require_email: false,
        started: CALENDAR_START,
        cloak: Cloak::Keyed(Arc::new([7; 32])),
        // Some of the connections from this machine are a gateway's then.
        trusted_proxies: TrustedProxies::new(["127.0.0.1"]),
        webirc_password: None,
        flood_control: true,
        registration_time: Duration::from_mins(1),
        plain_name_time: Duration::from_mins(10),
        ping_time: Duration::from_secs(90),
        sendq_bytes: SENDQ_BYTES,
        multiline_max_bytes: 4096,
        multiline_max_lines: 32,
        metadata_before_connect: true,
        plain_replay: 3,
        sts: Some(Sts { seconds: 86_400, port: 6697 }),
        vapid: Some("BKey".into()),
        push_reach: session::push_reach::PushReach::default(),
        filehost: Some(FileHost { secure: None, plain: Some("http://loggia.local/upload".into()), previews: false }),
        // Doors a to f.
        doors: vec![
            door(true, true, Some(Variant::quit())),
            door(false, true, None),
            door(false, false, Some(Variant::nick())),
            door(false, true, Some(Variant::close())),
            door(true, false, Some(Variant::username())),
            door(true, true, None),
        ],
    }
}
