//! What a connection may use while it handles something: everything it is given, nothing it keeps.

use std::sync::Arc;

use chat::command::{Command, Connect, Request};
use chat::ids::SessionId;
use chat::person::PersonFields;
use chat::time::{Instant, Now};
use irc::names::{Nick, UserName};

use crate::features::isupport::Isupport;
use crate::settings::{Peer, Settings};
use crate::shard::Action;

/// What a connection may use while it handles something.
#[derive(Debug)]
pub struct Cx<'a> {
    /// The server's choices.
    pub settings: &'a Settings,
    /// What 005 says by these.
    pub isupport: &'a Isupport,
    /// What the clocks say.
    pub now: Now,
    /// Which session this is.
    pub id: SessionId,
    /// The other end; a gateway may name another.
    pub peer: &'a mut Peer,
    /// What it is sent is appended here.
    pub out: &'a mut Vec<u8>,
    /// What it asks of the hall.
    pub requests: &'a mut Vec<Request>,
    /// What it asks of the event loop.
    pub actions: &'a mut Vec<Action>,
    /// Connections of the shard that are not users yet.
    pub unknown: usize,
}

impl Cx<'_> {
    /// Tells whether flood control does not concern the session: it is off, or the client is on this machine.
    pub(crate) fn may_flood(&self) -> bool {
        !self.settings.flood_control || self.peer.is_loopback()
    }

    /// Returns the command that makes the session this user; `shown` is the name as a classroom user typed it, `away` why
    /// they come already away, `account` what they have logged in to.
    pub(crate) fn connect(
        &self,
        nick: Nick,
        username: UserName,
        realname: &str,
        shown: Option<&str>,
        away: Option<Box<str>>,
        account: Option<(Arc<str>, Instant)>,
    ) -> Command {
        let (account, proved) = account.unzip();
        let person = PersonFields {
            nick,
            username,
            host: self.settings.cloak.host(self.peer.address),
            realname: realname.into(),
            shown: shown.map(Arc::from),
            account,
            bot: false,
            operator: false,
        };
        Command::Connect(Box::new(Connect {
            person,
            proved: proved.unwrap_or_default(),
            address: self.peer.address.to_canonical(),
            gateway: self.peer.vouchers.gateway.clone(),
            secure: self.peer.secure,
            unknown: self.unknown,
            away,
            metadata: None,
        }))
    }

    /// Returns the same, but for what is sent: that is gathered in `lines`.
    pub(super) fn writing_to<'b>(&'b mut self, lines: &'b mut Vec<u8>) -> Cx<'b> {
        Cx {
            settings: self.settings,
            isupport: self.isupport,
            now: self.now,
            id: self.id,
            peer: self.peer,
            out: lines,
            requests: self.requests,
            actions: self.actions,
            unknown: self.unknown,
        }
    }
}
