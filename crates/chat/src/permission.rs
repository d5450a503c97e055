//! Who may do what. Every feature asks [`check`]; nothing else decides.
//!
//! The whole rule book is printed into `permission.txt` beside this file, which is reviewed like code.

mod account;
mod archive;
mod hidden;
mod server;
mod upload;

pub use account::{AccountAction, AccountStanding, check_account};
pub use archive::{ArchiveAction, Keeper, check_archive};
pub use hidden::{Hidden, may_see};
pub use server::{ServerAction, check_server};
pub use upload::{UploadAction, UploadStanding, check_upload};

use irc::casemap::CaseMapping;
use irc::ctcp::Ctcp;

use crate::channel::Channel;
use crate::event::Message;
use crate::ids::Seq;
use crate::modes::{ChannelFlags, MaskList};
use crate::privacy::Privacy;
use crate::rank::{Rank, RankSet};
use crate::refusal::{CannotSend, Refusal};
use crate::user::User;
use crate::world::World;

/// What lets somebody into a channel that is closed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invitation {
    /// Nothing.
    #[default]
    None,
    /// An invite exception: it opens `+i`.
    ByMask,
    /// INVITE by a member without power: it opens `+l`.
    ByMember,
    /// INVITE by an operator: it opens whatever is closed.
    Personal,
}

/// What somebody stands for in a channel: all that the rules look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent of each other: the rules look at each by itself")]
pub struct Standing {
    /// The member's ranks; `None` for an outsider.
    pub ranks: Option<RankSet>,
    /// Whether they are a server operator.
    pub operator: bool,
    /// Whether a ban fits them and no exception does.
    pub banned: bool,
    /// Whether a mute (`+b m:`) fits them and no exception does.
    pub muted: bool,
    /// Whether they are logged in to an account.
    pub logged_in: bool,
    /// Whether the raid mode takes the word from them.
    pub silenced: bool,
    /// Whether somebody let them in.
    pub invitation: Invitation,
    /// The rank that their account has in a registered channel, whether they have it now or not.
    pub access: Option<Rank>,
    /// Whether the key they gave is the channel's, or there is none.
    pub key_fits: bool,
}

impl Standing {
    /// Finds out what `user` stands for in `channel`.
    pub fn of(user: &User, channel: &Channel, mapping: CaseMapping) -> Self {
        Self {
            ranks: channel.ranks_of(user.id),
            operator: user.is_operator(),
            banned: channel.bans(user, mapping),
            muted: channel.mutes(user, mapping),
            logged_in: user.person.account.is_some(),
            silenced: false,
            invitation: invitation(user, channel, mapping),
            access: channel.access_of(user, mapping),
            key_fits: channel.modes.key.is_none(),
        }
    }

    /// Finds out what matters of that for [`Action::Speak`]: the lists are not looked at for those they cannot stop.
    pub fn of_speaker(world: &World, user: &User, channel: &Channel) -> Self {
        let standing = Self {
            ranks: channel.ranks_of(user.id),
            operator: user.is_operator(),
            logged_in: user.person.account.is_some(),
            ..Self::default()
        };
        if standing.effective().is_some() {
            return standing;
        }
        let mapping = world.mapping();
        Self {
            banned: channel.bans(user, mapping),
            muted: channel.mutes(user, mapping),
            silenced: world.is_silenced(user),
            ..standing
        }
    }

    /// Returns the same without what a server operator's right adds: whether they would have been allowed anyway.
    #[must_use]
    pub fn without_operator(self) -> Self {
        Self { operator: false, ..self }
    }

    /// Returns the highest rank that counts: server operators act with the rank of a channel's operators everywhere.
    pub fn effective(self) -> Option<Rank> {
        let own = self.ranks.and_then(RankSet::highest);
        if self.operator { own.max(Some(Rank::Operator)) } else { own }
    }

    fn at_least(self, rank: Rank) -> bool {
        self.effective() >= Some(rank)
    }
}

/// What one may want to do in a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Enter.
    Join,
    /// Say something.
    Speak {
        /// Whether it is a CTCP other than ACTION.
        ctcp: bool,
    },
    /// Say what somebody elsewhere has said.
    Relay {
        /// Whether the channel's operators may.
        chanops: bool,
    },
    /// Set the topic.
    SetTopic,
    /// Invite somebody.
    Invite,
    /// Withdraw an invitation, whoever gave it.
    Uninvite,
    /// Remove a member whose highest rank is this.
    Kick(Option<Rank>),
    /// Switch flags, key, limit, and masks.
    ChangeModes,
    /// Give a rank or take it from somebody else.
    Grant(Rank),
    /// Give the channel another name.
    Rename,
    /// Read what was said before, as far as [`visible_from`] says.
    ReadHistory,
    /// Take back something that was said.
    Redact {
        /// Whether they said it themself.
        own: bool,
    },
    /// Say something that was said in other words.
    Edit {
        /// Whether they said it themself.
        own: bool,
        /// Whether it is now a CTCP other than ACTION.
        ctcp: bool,
    },
    /// Say something of the channel under a key.
    SetMetadata,
    /// Look at what is said of the channel under keys.
    SeeMetadata,
    /// See the lists of exceptions.
    SeeExceptions,
    /// Take a rank that one's account has.
    TakeRank(Rank),
    /// Make the channel one that stays.
    Register,
    /// Make it one that does not.
    Drop,
    /// Change the access list, at an entry of this rank.
    ChangeAccess(Rank),
    /// Give it to another account.
    Transfer,
}

/// Says whether somebody of this standing may do this in the channel.
///
/// # Errors
/// The refusal that says why not: 442, 482, 404, 471, 473, 474, 475 or 477.
pub fn check(standing: Standing, action: Action, channel: &Channel) -> Result<(), Refusal> {
    let name = || channel.shown();
    let flags = channel.modes.flags;
    match action {
        Action::Join => join(standing, channel),
        Action::Speak { ctcp } => {
            speak(standing, ctcp, flags).map_err(|why| Refusal::CannotSend { channel: name(), why })
        }
        Action::Relay { chanops: true } => require(standing, Some(Rank::Operator), channel),
        Action::Relay { chanops: false } if standing.operator => Ok(()),
        Action::Relay { chanops: false } | Action::Edit { own: false, .. } => Err(Refusal::OperatorNeeded(name())),
        Action::SetTopic => {
            member_or_operator(standing, channel)?;
            // Voice is not enough.
            let needed = if flags.contains(ChannelFlags::TOPIC_LOCKED) { Some(Rank::HalfOperator) } else { None };
            require(standing, needed, channel)
        }
        Action::Invite => {
            member_or_operator(standing, channel)?;
            let needed = if flags.contains(ChannelFlags::INVITE_ONLY) { Some(Rank::Operator) } else { None };
            require(standing, needed, channel)
        }
        Action::Kick(member) => {
            member_or_operator(standing, channel)?;
            // Nobody removes somebody above them, and half-operators remove only those without power.
            let needed = match member {
                None | Some(Rank::Voice) => Rank::HalfOperator,
                Some(Rank::HalfOperator) => Rank::Operator,
                Some(other) => other,
            };
            require(standing, Some(needed), channel)
        }
        Action::Uninvite | Action::ChangeModes | Action::Rename | Action::Register | Action::SetMetadata => {
            member_or_operator(standing, channel)?;
            require(standing, Some(Rank::Operator), channel)
        }
        Action::Grant(rank) => {
            member_or_operator(standing, channel)?;
            let needed = match rank {
                Rank::Voice => Rank::HalfOperator,
                Rank::HalfOperator | Rank::Operator => Rank::Operator,
                Rank::Admin | Rank::Founder => Rank::Founder,
            };
            require(standing, Some(needed), channel)
        }
        // Server operators have no special right to what people have said.
        Action::ReadHistory if standing.ranks.is_some() => Ok(()),
        Action::ReadHistory => Err(Refusal::NotOnChannel(channel.shown())),
        Action::Redact { own } => redact(standing, own, channel),
        Action::Edit { own: true, ctcp } => {
            // Nobody changes from outside what they left behind, and nobody speaks by correcting who may not speak.
            redact(standing, true, channel)?;
            check(standing, Action::Speak { ctcp }, channel)
        }
        // Outsiders may look through the door while it is open to them; that the room is full does not close it.
        Action::SeeMetadata => match member_or_operator(standing, channel) {
            Ok(()) => Ok(()),
            Err(_) => match join(standing, channel) {
                Err(Refusal::ChannelIsFull(_)) => Ok(()),
                answer => answer,
            },
        },
        Action::SeeExceptions => require(standing, Some(Rank::HalfOperator), channel),
        Action::TakeRank(rank) => {
            member_or_operator(standing, channel)?;
            if standing.access >= Some(rank) { Ok(()) } else { check(standing, Action::Grant(rank), channel) }
        }
        Action::Drop | Action::Transfer => founder(standing, channel),
        Action::ChangeAccess(rank) => {
            let is_admin = standing.access == Some(Rank::Admin) && rank <= Rank::Operator;
            if is_admin { Ok(()) } else { founder(standing, channel) }
        }
    }
}

/// Returns the place from which on a member may read what was said: nobody reads what was said in a private channel
/// before they were let in, unless the channel says so (`+W`).
///
/// A channel is private while it has `+i`, `+k` or `+s`; what was said up to the last moment of that is all taken for private.
pub fn visible_from(user: &User, channel: &Channel, privacy: Option<&Privacy>, mapping: CaseMapping) -> Seq {
    let Some(privacy) = privacy else { return Seq::ZERO };
    let welcome = channel.modes.flags.contains(ChannelFlags::WELCOME).then_some(privacy.born);
    let public = (!channel.is_private()).then_some(Seq(privacy.through.0 + 1));
    let let_in = channel.let_in.get(&user.id).copied();
    let account = user.person.account.as_deref().and_then(|account| privacy.let_in(account, mapping));
    [welcome, public, let_in, account].into_iter().flatten().min().unwrap_or(Seq(u64::MAX))
}

/// Says whether somebody may change what a user says of themself: only they themself, but server operators may remove it.
pub fn may_change_metadata(is_oneself: bool, is_operator: bool, removes: bool) -> bool {
    is_oneself || (is_operator && removes)
}

/// Finds out what lets `user` into `channel`. Of a mask and a member's word the one that the channel asks for counts.
fn invitation(user: &User, channel: &Channel, mapping: CaseMapping) -> Invitation {
    let given = user.seldom.invitations.get(&channel.id).copied().unwrap_or_default();
    let asks_for_mask = given == Invitation::None || channel.modes.flags.contains(ChannelFlags::INVITE_ONLY);
    let looks_at_masks = given != Invitation::Personal && asks_for_mask;
    if looks_at_masks && channel.list_matches(MaskList::InviteException, user, mapping) {
        Invitation::ByMask
    } else {
        given
    }
}

fn member_or_operator(standing: Standing, channel: &Channel) -> Result<(), Refusal> {
    if standing.ranks.is_some() || standing.operator { Ok(()) } else { Err(Refusal::NotOnChannel(channel.shown())) }
}

/// Never wider than the author and the channel's own operators: a server operator has to take that rank first, which
/// everybody there sees.
fn redact(standing: Standing, own: bool, channel: &Channel) -> Result<(), Refusal> {
    match standing.ranks {
        None => Err(Refusal::NotOnChannel(channel.shown())),
        Some(ranks) if own || ranks.at_least(Rank::Operator) => Ok(()),
        Some(_) => Err(Refusal::OperatorNeeded(channel.shown())),
    }
}

fn require(standing: Standing, needed: Option<Rank>, channel: &Channel) -> Result<(), Refusal> {
    match needed {
        Some(rank) if !standing.at_least(rank) => Err(Refusal::OperatorNeeded(channel.shown())),
        _ => Ok(()),
    }
}

/// What concerns whose channel it is: the founder's to do, and for server operators.
fn founder(standing: Standing, channel: &Channel) -> Result<(), Refusal> {
    if standing.operator || standing.access == Some(Rank::Founder) {
        Ok(())
    } else {
        Err(Refusal::FounderNeeded(channel.shown()))
    }
}

fn join(standing: Standing, channel: &Channel) -> Result<(), Refusal> {
    // Who runs a registered channel cannot be kept out of it, and who has any rank there needs no invitation.
    let personally = standing.invitation == Invitation::Personal || standing.access >= Some(Rank::Operator);
    let is_listed = standing.access.is_some();
    if standing.banned && !personally {
        Err(Refusal::Banned(channel.shown()))
    } else if channel.modes.flags.contains(ChannelFlags::INVITE_ONLY)
        && matches!(standing.invitation, Invitation::None | Invitation::ByMember)
        && !is_listed
    {
        Err(Refusal::InviteOnly(channel.shown()))
    } else if channel.modes.flags.contains(ChannelFlags::ACCOUNTS_ENTER) && !standing.logged_in && !personally {
        Err(Refusal::AccountNeeded(channel.shown()))
    } else if !standing.key_fits && !personally {
        Err(Refusal::BadKey(channel.shown()))
    } else if channel.is_full() && standing.invitation < Invitation::ByMember && !is_listed {
        Err(Refusal::ChannelIsFull(channel.shown()))
    } else {
        Ok(())
    }
}

fn speak(standing: Standing, ctcp: bool, flags: ChannelFlags) -> Result<(), CannotSend> {
    let has_voice = standing.effective().is_some();
    if standing.ranks.is_none() && flags.contains(ChannelFlags::NO_EXTERNAL) {
        Err(CannotSend::External)
    } else if flags.contains(ChannelFlags::MODERATED) && !has_voice {
        Err(CannotSend::Moderated)
    } else if standing.banned && !has_voice {
        Err(CannotSend::Banned)
    } else if standing.muted && !has_voice {
        Err(CannotSend::Muted)
    } else if flags.contains(ChannelFlags::ACCOUNTS_SPEAK) && !standing.logged_in && !has_voice {
        Err(CannotSend::AccountNeeded)
    } else if standing.silenced && !has_voice {
        Err(CannotSend::Raid)
    } else if ctcp && flags.contains(ChannelFlags::NO_CTCP) {
        Err(CannotSend::Ctcp)
    } else {
        Ok(())
    }
}

/// Says whether somebody may write to somebody else in private. While the raid mode is on, those it silences reach only
/// server operators, so that they can ask for help, and themselves.
///
/// # Errors
/// [`Refusal::SilencedInPrivate`].
pub fn check_private(world: &World, user: &User, receiver: &User) -> Result<(), Refusal> {
    if world.is_silenced(user) && !receiver.is_operator() && receiver.id != user.id {
        return Err(Refusal::SilencedInPrivate(receiver.nick().into()));
    }
    Ok(())
}

/// Tells whether somebody said a message themself: as this user, or logged in to the same account.
pub fn is_author(user: &User, message: &Message, mapping: CaseMapping) -> bool {
    let (now, then) = (user.person.account.as_deref(), message.sender.account.as_deref());
    message.user == user.id || now.zip(then).is_some_and(|(now, then)| mapping.same(now, then))
}

/// Tells whether a text is a CTCP that `+C` keeps out.
pub fn is_barred_ctcp(text: &str) -> bool {
    matches!(Ctcp::parse(text), Some(Ctcp::Other { .. }))
}
