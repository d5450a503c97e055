//! What the simulated server is set up with: as by default, but with a send queue that slow readers can fill.

use std::sync::Arc;
use std::time::Duration;

use chat::time::Timestamp;
use irc::numerics::Language;
use plain::Variant;
use session::cloak::Cloak;
use session::sasl::Mechanism;
use session::secrets::Secrets;
use session::settings::{Door, DoorTls, Settings};
use session::trusted_proxies::TrustedProxies;

/// When the simulated calendar begins: 2026-01-01.
pub(crate) const CALENDAR_START: Timestamp = Timestamp(1_767_225_600_000);

/// The room that plain clients land in.
pub(crate) const ROOM: &str = "#piazza";

/// The most messages of one answer, few enough for what may wait for a session.
pub(crate) const HISTORY_MESSAGES: usize = 25;

/// The door of IRC clients: at one for all, who is slow to begin is taken for a classroom program.
pub(crate) const IRC_DOOR: u16 = 0;

/// The door of classroom programs.
pub(crate) const PLAIN_DOOR: u16 = 1;

/// Returns the settings of a server; `sendq_bytes` is the most that may wait for a session.
pub(crate) fn settings(sendq_bytes: usize) -> Settings {
    let chat = chat::settings::Settings {
        permanent_channels: vec![ROOM.into()],
        history_messages: HISTORY_MESSAGES,
        ..chat::settings::Settings::default()
    };
    Settings {
        chat: Arc::new(chat),
        network: "Loggia".into(),
        icon: None,
        description: "A Loggia server".into(),
        version: "loggia-simulated".into(),
        motd: vec!["Welcome.".into()],
        language: Language::En,
        password: None,
        secrets: Secrets { kept: [1; 32], fresh: [2; 32] },
        sasl_mechanisms: Mechanism::ALL.to_vec(),
        scram_iterations: 4096,
        registration_before_connect: true,
        require_email: false,
        started: CALENDAR_START,
        cloak: Cloak::Off,
        trusted_proxies: TrustedProxies::default(),
        webirc_password: None,
        flood_control: true,
        registration_time: Duration::from_mins(1),
        plain_name_time: Duration::from_mins(10),
        ping_time: Duration::from_secs(20),
        sendq_bytes,
        multiline_max_bytes: 4096,
        multiline_max_lines: 32,
        metadata_before_connect: true,
        plain_replay: 10,
        sts: None,
        filehost: None,
        vapid: None,
        push_reach: session::push_reach::PushReach::default(),
        doors: vec![door(true, None), door(false, Some(Arc::new(Variant::quit())))],
    }
}

fn door(irc: bool, plain: Option<Arc<Variant>>) -> Door {
    Door { web: false, irc, plain, room: ROOM.into(), tls: DoorTls::Off }
}
