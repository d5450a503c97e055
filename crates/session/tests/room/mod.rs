//! A room full of IRC clients in one shard, without a hall behind it: what happens is handed in as the hall would.

use std::sync::Arc;
use std::time::Duration;

use chat::effect::{Audience, Effect};
use chat::event::{Actor, Event, EventKind, Message, MessageKind, Target};
use chat::ids::{ChannelId, LogId, MsgId, Seq, SessionId, UserId};
use chat::person::{Person, PersonFields};
use chat::time::{Now, Timestamp};
use irc::names::{ChannelName, Nick, UserName};
use irc::numerics::Language;
use session::cloak::Cloak;
use session::secrets::Secrets;
use session::settings::{Door, DoorTls, Peer, Settings};
use session::shard::Shard;
use session::trusted_proxies::TrustedProxies;

/// The shard with everybody in it.
pub(crate) struct Room {
    pub(crate) shard: Shard,
    channel: ChannelName,
    speaker: (SessionId, Arc<Person>),
    said: u64,
}

impl Room {
    /// Lets so many in. Each third has other capabilities, so that an event is rendered three times.
    pub(crate) fn of(members: u64) -> Self {
        let mut shard = Shard::new(0, Arc::new(settings()), 0);
        let channel = ChannelName::trusted("#piazza");
        let mut speaker = None;
        for number in 0..members {
            let peer = Peer::new([127, 0, 0, 1].into());
            let session = shard.accept(0, peer, Now::default()).unwrap_or_else(|refused| panic!("{refused}"));
            let capabilities: &[u8] = match number % 3 {
                0 => b"NICK somebody\r\n",
                1 => b"CAP REQ :server-time\r\n",
                _ => b"CAP REQ :server-time message-tags\r\n",
            };
            shard.receive(session, capabilities, Now::default());
            let person = person(number);
            let user = UserId(number + 1);
            let attached =
                Effect::Attached { to: session, user, person: Arc::clone(&person), channels: vec![ChannelId(1)] };
            shard.effect(&attached, Now::default());
            speaker.get_or_insert((session, person));
        }
        let speaker = speaker.unwrap_or_else(|| panic!("a room without members"));
        let mut room = Self { shard, channel, speaker, said: 0 };
        room.write();
        room
    }

    /// Makes what the hall hands out when somebody speaks.
    pub(crate) fn message(&mut self) -> Effect {
        self.said += 1;
        let (session, person) = &self.speaker;
        let message = Message {
            how: MessageKind::Privmsg,
            user: UserId(1),
            sender: Arc::clone(person),
            target: Target::Channel { id: ChannelId(1), name: self.channel.clone(), rank: None },
            text: "tea and biscuits on the piazza, as every afternoon when the bell strikes four and the shade comes"
                .into(),
            tags: Vec::new(),
            concats: None,
            relayed_by: None,
        };
        let event = Event {
            at: Timestamp(1_790_000_000_000),
            id: Some(MsgId { log: LogId(1), seq: Seq(self.said) }),
            actor: Some(Actor { user: UserId(1), person: Arc::clone(person) }),
            kind: EventKind::Message(Arc::new(message)),
        };
        let audience = Audience { except: Some(*session), ..Audience::channel(ChannelId(1)) };
        Effect::Event { audience, event: Arc::new(event) }
    }

    /// Delivers it to everybody.
    pub(crate) fn deliver(&mut self, effect: &Effect) {
        self.shard.effect(effect, Now::default());
    }

    /// Ends the turn; sockets take everything. Returns how many bytes that was.
    pub(crate) fn write(&mut self) -> usize {
        let mut bytes = 0;
        while self.shard.has_dirty() {
            self.shard.flush(Now::default(), |piece| {
                bytes += piece.bytes.len();
                Ok(piece.bytes.len())
            });
        }
        bytes
    }
}

fn person(number: u64) -> Arc<Person> {
    Arc::new(Person::from(PersonFields {
        nick: Nick::trusted(format!("member{number}")),
        username: UserName::trusted("~member"),
        host: "home".into(),
        realname: "A member".into(),
        shown: None,
        account: None,
        bot: false,
        operator: false,
    }))
}

fn settings() -> Settings {
    let door = Door { web: false, irc: true, plain: None, room: "#piazza".into(), tls: DoorTls::Off };
    Settings {
        chat: Arc::default(),
        network: "Loggia".into(),
        icon: None,
        description: "A test".into(),
        version: "loggia-test".into(),
        motd: Vec::new(),
        language: Language::En,
        password: None,
        secrets: Secrets { kept: [1; 32], fresh: [2; 32] },
        sasl_mechanisms: Vec::new(),
        scram_iterations: 4096,
        registration_before_connect: true,
        require_email: false,
        started: Timestamp(0),
        cloak: Cloak::Off,
        trusted_proxies: TrustedProxies::default(),
        webirc_password: None,
        flood_control: false,
        registration_time: Duration::from_mins(1),
        plain_name_time: Duration::from_mins(1),
        ping_time: Duration::from_mins(2),
        sendq_bytes: 1 << 20,
        multiline_max_bytes: 4096,
        multiline_max_lines: 32,
        metadata_before_connect: true,
        plain_replay: 10,
        sts: None,
        filehost: None,
        vapid: None,
        push_reach: session::push_reach::PushReach::default(),
        doors: vec![door],
    }
}
