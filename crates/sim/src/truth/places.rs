//! Where everybody was, fact by fact.

use std::collections::{BTreeMap, BTreeSet};

use chat::event::Target;
use chat::fact::Fact;
use chat::ids::{ChannelId, Seq, UserId};
use chat::modes::{ChannelFlags, ModeChange};

/// Who is behind a nick: clients add digits and underscores to the name they are known by here.
pub(crate) fn person(nick: &str) -> &str {
    nick.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_')
}

pub(super) fn same_person(one: &str, other: &str) -> bool {
    person(one).eq_ignore_ascii_case(person(other))
}

struct User {
    nick: String,
    account: Option<String>,
    connections: u32,
}

/// A member: numbers of users do not outlive a process, who stays does.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Member {
    User(UserId),
    /// Nobody has come back to this account yet.
    Staying(String),
}

#[derive(Default)]
struct Channel {
    members: BTreeSet<Member>,
    private: ChannelFlags,
    key: bool,
}

impl Channel {
    fn is_private(&self) -> bool {
        self.key || self.private.intersects(ChannelFlags::INVITE_ONLY | ChannelFlags::SECRET)
    }
}

/// Where everybody is, as of a fact, and what of it was so once.
#[derive(Default)]
pub(super) struct Places {
    users: BTreeMap<UserId, User>,
    /// By name, in lower case.
    channels: BTreeMap<String, Channel>,
    names: BTreeMap<ChannelId, String>,
    /// The accounts whose users stay.
    staying: BTreeSet<String>,
    /// Who (by person, not by connection) has ever been in a channel of a name.
    ever: BTreeSet<(String, String)>,
    /// Channels that were private at some time.
    pub(super) ever_private: BTreeSet<String>,
    /// Where somebody was put out of a channel, or was not in it when it was closed, or everybody's channel got another name:
    /// `None` for everybody.
    pub(super) breaks: Vec<(Seq, String, Option<String>)>,
}

impl Places {
    /// A new process: only who stays is still there, under another number.
    fn restart(&mut self) {
        let users = std::mem::take(&mut self.users);
        for channel in self.channels.values_mut() {
            let members = std::mem::take(&mut channel.members).into_iter();
            channel.members = members
                .filter_map(|member| match member {
                    Member::User(user) => users.get(&user)?.account.clone(),
                    Member::Staying(account) => Some(account),
                })
                .filter(|account| self.staying.contains(account))
                .map(Member::Staying)
                .collect();
        }
        self.names.clear();
        self.forget_empty();
    }

    /// A channel that nobody is in is no more; what it was like is forgotten.
    fn forget_empty(&mut self) {
        self.channels.retain(|_, channel| !channel.members.is_empty());
    }

    fn leave(&mut self, user: UserId) {
        for channel in self.channels.values_mut() {
            channel.members.remove(&Member::User(user));
        }
        self.users.remove(&user);
        self.forget_empty();
    }

    fn leave_channel(&mut self, channel: ChannelId, user: UserId) {
        if let Some(channel) = self.names.get(&channel).and_then(|name| self.channels.get_mut(name)) {
            channel.members.remove(&Member::User(user));
        }
        self.forget_empty();
    }

    fn log_in(&mut self, user: UserId, account: Option<&str>) {
        if let Some(user) = self.users.get_mut(&user) {
            user.account = account.map(str::to_lowercase);
        }
    }

    /// A user whom a former process has left is known by another number now.
    fn come_back(&mut self, user: UserId, account: &str) {
        let account = account.to_lowercase();
        let known = self.users.entry(user).or_insert_with(|| {
            for channel in self.channels.values_mut() {
                if channel.members.remove(&Member::Staying(account.clone())) {
                    channel.members.insert(Member::User(user));
                }
            }
            User { nick: account.clone(), account: Some(account), connections: 0 }
        });
        known.connections += 1;
    }

    fn detach(&mut self, user: UserId) {
        let Some(known) = self.users.get_mut(&user) else { return };
        known.connections = known.connections.saturating_sub(1);
        let stays = known.account.as_ref().is_some_and(|account| self.staying.contains(account));
        if known.connections == 0 && !stays {
            self.leave(user);
        }
    }

    fn enter(&mut self, user: UserId, channel: ChannelId, name: &str) {
        let name = name.to_lowercase();
        let there = self.channels.entry(name.clone()).or_default();
        there.members.insert(Member::User(user));
        if let Some(user) = self.users.get(&user) {
            self.ever.insert((name.clone(), person(&user.nick).to_lowercase()));
        }
        self.names.insert(channel, name);
    }

    fn change_modes(&mut self, seq: Seq, channel: ChannelId, changes: &[ModeChange]) {
        let Some(name) = self.names.get(&channel).cloned() else { return };
        let Some(channel) = self.channels.get_mut(&name) else { return };
        let was_private = channel.is_private();
        for change in changes {
            match change {
                ModeChange::Flag { flag, on } => channel.private.set(*flag, *on),
                ModeChange::Key { key } => channel.key = key.is_some(),
                _ => {}
            }
        }
        if !channel.is_private() {
            return;
        }
        self.ever_private.insert(name.clone());
        if !was_private {
            let gone = self.ever.iter().filter(|(place, who)| *place == name && !self.is_member(&name, who));
            let breaks: Vec<_> = gone.map(|(_, who)| (seq, name.clone(), Some(who.clone()))).collect();
            self.breaks.extend(breaks);
        }
    }

    fn rename(&mut self, seq: Seq, channel: ChannelId, old: &str, new: &str) {
        let (old, new) = (old.to_lowercase(), new.to_lowercase());
        self.breaks.extend([(seq, old.clone(), None), (seq, new.clone(), None)]);
        if let Some(channel) = self.channels.remove(&old) {
            self.channels.insert(new.clone(), channel);
        }
        // Its past goes along, with everybody's right to it.
        let known: Vec<String> =
            self.ever.iter().filter(|(name, _)| *name == old).map(|(_, who)| who.clone()).collect();
        self.ever.extend(known.into_iter().map(|who| (new.clone(), who)));
        if self.ever_private.contains(&old) {
            self.ever_private.insert(new.clone());
        }
        self.names.insert(channel, new);
    }

    pub(super) fn apply(&mut self, seq: Seq, fact: &Fact) {
        match fact {
            Fact::NodeStarted {} => self.restart(),
            Fact::UserConnected { user, person, .. } => {
                let account = person.account.as_deref().map(str::to_lowercase);
                self.users.insert(*user, User { nick: person.nick().as_str().to_owned(), account, connections: 1 });
            }
            Fact::AccountRegistered { account, user: Some(user), .. } => self.log_in(*user, Some(&account.name)),
            Fact::LoggedIn { user, account } => self.log_in(*user, Some(account)),
            Fact::LoggedOut { user } => self.log_in(*user, None),
            Fact::SessionAttached { user, account, .. } => self.come_back(*user, account),
            Fact::SessionDetached { user, .. } => self.detach(*user),
            Fact::AlwaysOnChanged { account, always_on, .. } => {
                let account = account.to_lowercase();
                if *always_on == Some(true) {
                    self.staying.insert(account)
                } else {
                    self.staying.remove(&account)
                };
            }
            Fact::NickChanged { user, nick, .. } => {
                if let Some(user) = self.users.get_mut(user) {
                    nick.as_str().clone_into(&mut user.nick);
                }
            }
            Fact::Joined { user, channel, name, .. } => self.enter(*user, *channel, name.as_str()),
            Fact::Parted { user, channel, .. } => self.leave_channel(*channel, *user),
            Fact::Kicked { channel, member, .. } => {
                if let (Some(name), Some(user)) = (self.names.get(channel), self.users.get(member)) {
                    self.breaks.push((seq, name.clone(), Some(person(&user.nick).to_lowercase())));
                }
                self.leave_channel(*channel, *member);
            }
            Fact::UserQuit { user, .. } => self.leave(*user),
            Fact::ModesChanged { channel, changes, .. } => self.change_modes(seq, *channel, changes),
            Fact::ChannelRenamed { channel, old, name, .. } => self.rename(seq, *channel, old.as_str(), name.as_str()),
            Fact::Said { message, .. } => {
                // After a restart, this may be the first that is heard of a channel in which somebody has stayed.
                if let Target::Channel { id, name, .. } = &message.target {
                    self.names.entry(*id).or_insert_with(|| name.as_str().to_lowercase());
                }
            }
            _ => {}
        }
    }

    /// Tells whether somebody is in a channel.
    pub(super) fn is_member(&self, channel: &str, who: &str) -> bool {
        let is_theirs = |member: &Member| match member {
            Member::User(user) => self.users.get(user).is_some_and(|user| same_person(&user.nick, who)),
            Member::Staying(account) => same_person(account, who),
        };
        self.channels.get(&channel.to_lowercase()).is_some_and(|channel| channel.members.iter().any(is_theirs))
    }

    /// Tells whether somebody may read what is said in a channel now, later.
    pub(super) fn may_read(&self, channel: &str, who: &str) -> bool {
        let name = channel.to_lowercase();
        !self.channels.get(&name).is_some_and(Channel::is_private)
            || self.ever.contains(&(name, person(who).to_lowercase()))
    }
}
