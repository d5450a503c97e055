//! Connection registration: PASS, NICK, USER and CAP END, in any order that the specification allows.
//!
//! Spec: Modern IRC, "Connection Registration". Proof: `scenarios/registration.txt`.

use std::sync::Arc;

use chat::command::Command;
use chat::metadata::Values;
use chat::refusal::Refusal;
use chat::reply::Welcome;
use chat::time::Instant;
use irc::capability::CapSet;
use irc::message::Message;
use irc::names::{Nick, RealName, UserName};
use irc::numerics;

use super::{Cx, IrcSession, Stage};
use crate::features;
use crate::secrets::{hash_of_word, same_secret};
use crate::settings::Settings;

/// What a connection has said of itself so far.
#[derive(Debug, Default)]
pub struct Greeting {
    /// When the connection was opened.
    pub opened: Instant,
    /// From NICK.
    pub nick: Option<Nick>,
    /// From USER.
    pub user: Option<(UserName, RealName)>,
    /// Between `CAP LS` or `CAP REQ` and `CAP END`: registration waits.
    pub negotiating: bool,
    /// The nick that was asked for last, also when it is in use.
    pub wanted: Option<Nick>,
    /// The account it has logged in to, and when.
    pub account: Option<(Arc<str>, Instant)>,
    /// What PASS gave.
    pub password: Option<Box<str>>,
    /// What AWAY gave: they come already away.
    pub away: Option<Box<str>>,
    /// What METADATA gave: what they say of themself.
    pub metadata: Values,
}

impl Greeting {
    /// Tells whether the connection password was given, where there is one.
    pub fn may_enter(&self, settings: &Settings) -> bool {
        let given = self.password.as_deref().unwrap_or_default();
        settings.password.as_deref().is_none_or(|expected| same_secret(expected, given))
    }
}

impl IrcSession {
    pub(crate) fn greeting(&mut self) -> Option<&mut Greeting> {
        match &mut self.stage {
            Stage::Greeting(greeting) | Stage::Entering(greeting) => Some(greeting),
            Stage::Registered | Stage::Closing => None,
        }
    }

    /// PASS: the connection password, before anything else.
    /// `PASS invite:word` gives an invitation instead, beside the password.
    pub(crate) fn pass(&mut self, message: &Message<'_>, _cx: &mut Cx<'_>) {
        let given = message.params.get(0);
        if let Some(word) = given.and_then(|given| given.strip_prefix("invite:")) {
            self.busy.invitation = Some(hash_of_word(word));
            return;
        }
        let given = given.map(Box::from);
        if let Some(greeting) = self.greeting().filter(|greeting| greeting.nick.is_none() || greeting.user.is_none()) {
            greeting.password = given;
        }
    }

    /// NICK before registration. A taken one is refused at once, not only when the rest is known; but while capabilities are
    /// negotiated the client may be about to log in to the account whose nick it is.
    pub(crate) fn first_nick(&mut self, message: &Message<'_>, cx: &mut Cx<'_>) {
        let wanted = message.params.get(0).unwrap_or_default();
        match cx.settings.chat.names.nick(wanted) {
            Ok(nick) => {
                if let Some(greeting) = self.greeting() {
                    greeting.wanted = Some(nick.clone());
                    greeting.nick = Some(nick);
                }
                self.register_when_complete(cx);
                if matches!(&self.stage, Stage::Greeting(greeting) if !greeting.negotiating) {
                    self.ask(smallvec::smallvec![Command::Nick { nick: wanted.into(), as_shown: false }], None, cx);
                }
            }
            Err(_) => self.render(cx, |render| render.numeric(numerics::ERR_ERRONEUSNICKNAME, &[wanted])),
        }
    }

    /// USER.
    pub(crate) fn user(&mut self, message: &Message<'_>, cx: &mut Cx<'_>) {
        let names = &cx.settings.chat.names;
        // The `~` says that nobody has verified the user name.
        let username = message.params.get(0).map(|name| names.user_name(&format!("~{name}")));
        let realname = message.params.get(3).map(|name| names.real_name(name));
        match (username, realname) {
            (Some(Ok(username)), Some(Ok(realname))) => {
                if let Some(greeting) = self.greeting() {
                    greeting.user = Some((username, realname));
                }
                self.register_when_complete(cx);
            }
            (Some(Err(_)), _) => self.render(cx, |render| render.numeric(numerics::ERR_INVALIDUSERNAME, &[])),
            _ => self.render(cx, |render| render.numeric(numerics::ERR_NEEDMOREPARAMS, &["USER"])),
        }
    }

    /// Asks the hall to make the session a user, once all is said.
    pub(crate) fn register_when_complete(&mut self, cx: &mut Cx<'_>) {
        let Stage::Greeting(greeting) = &mut self.stage else { return };
        let (Some(nick), Some((username, realname)), false) = (&greeting.nick, &greeting.user, greeting.negotiating)
        else {
            return;
        };
        if !greeting.may_enter(cx.settings) {
            self.render(cx, |render| render.numeric(numerics::ERR_PASSWDMISMATCH, &[]));
            return self.close(crate::texts::bad_password(cx.settings.language), cx);
        }
        let (away, account) = (greeting.away.clone(), greeting.account.clone());
        let mut connect = cx.connect(nick.clone(), username.clone(), realname.as_str(), None, away, account);
        if self.busy.log_in.is_running() {
            features::authenticate::abort(self, cx);
        }
        let greeting = self.greeting().map(core::mem::take).unwrap_or_default();
        self.stage = Stage::Entering(Box::new(greeting));
        if let Command::Connect(connect) = &mut connect {
            connect.metadata = features::metadata::early(self);
        }
        self.ask(smallvec::smallvec![connect], None, cx);
    }

    /// The hall made the session a user: the burst of numerics that clients wait for.
    pub(super) fn welcome(&mut self, welcome: &Welcome, cx: &mut Cx<'_>) {
        self.stage = Stage::Registered;
        self.set_person(Arc::clone(&welcome.person));
        self.render(cx, |render| features::welcome::reply(welcome, render));
    }

    /// The hall said no. While entering that means the nick is in use, or that nothing can be kept.
    pub(super) fn refused(&mut self, refusal: &Refusal, cx: &mut Cx<'_>) {
        if let (Stage::Greeting(greeting), Refusal::NicknameInUse(_) | Refusal::NicknameReserved(_)) =
            (&mut self.stage, refusal)
        {
            greeting.nick = None;
        }
        if let Stage::Entering(greeting) = &mut self.stage {
            let mut greeting = core::mem::take(greeting);
            if !matches!(refusal, Refusal::ServerBanned { .. }) {
                greeting.nick = None;
            }
            self.stage = Stage::Greeting(greeting);
            let has_a_code =
                self.caps.contains(CapSet::STANDARD_REPLIES) && matches!(refusal, Refusal::AccountRequired);
            if has_a_code || matches!(refusal, Refusal::ServerBanned { .. }) {
                self.render(cx, |render| features::refusal::reply(refusal, render));
            }
            if matches!(refusal, Refusal::CannotKeep { .. } | Refusal::AccountRequired | Refusal::ServerBanned { .. }) {
                let text = crate::texts::refusal(refusal, cx.settings.language);
                return self.close(&text, cx);
            }
        }
        if self.busy.log_in.awaits_hall() {
            features::authenticate::refused(self, refusal, cx);
        } else if self.busy.registering.is_some() {
            features::register::refused(self, refusal, cx);
        } else if self.busy.oper.is_some() {
            features::oper::refused(self, refusal, cx);
        } else if self.busy.uploads.is_some() {
            features::uploads::refused(self, refusal, cx);
        } else {
            self.render(cx, |render| features::refusal::reply(refusal, render));
        }
    }

    /// Returns `nick!user@host` as far as it is known; `*` stands for the rest.
    pub(crate) fn known_mask(&self, cx: &Cx<'_>) -> String {
        if let Some(person) = self.person() {
            return person.mask().to_string();
        }
        let user = match &self.stage {
            Stage::Greeting(greeting) | Stage::Entering(greeting) => greeting.user.as_ref(),
            Stage::Registered | Stage::Closing => None,
        };
        let user = user.map_or("*", |(user, _)| user.as_str());
        format!("{}!{user}@{}", self.client(), cx.settings.cloak.host(cx.peer.address))
    }
}
