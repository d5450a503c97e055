//! Several sessions of one user: one that comes later hears at once what is said where the user is.

use chat::effect::Effect;
use chat::ids::{ChannelId, UserId};

use super::*;

impl Rig {
    fn channel(&self) -> ChannelId {
        let mut channels = self.hall.world().channels.values();
        let tea = channels.find(|channel| channel.name.as_str() == "#tea");
        tea.map_or_else(|| panic!("nobody is in #tea"), |channel| channel.id)
    }

    fn user(&self, nick: &str) -> UserId {
        self.hall.world().user_by_nick(nick).map_or_else(|| panic!("no {nick}"), |user| user.id)
    }

    /// Opens a connection and makes it one more session of a user, as the hall does when who logs in is one already.
    fn attach(&mut self, nick: &str, user: UserId, channels: Vec<ChannelId>) -> SessionId {
        let to = self.connect(IRC_DOOR);
        self.receive(to, "CAP LS 302\r\n");
        self.turn();
        self.heard(to);
        let person = crate::features::testing::person(nick);
        self.shard.effect(&Effect::Attached { to, user, person, channels }, self.now);
        to
    }

    fn say(&mut self, from: SessionId, text: &str) {
        self.receive(from, &format!("PRIVMSG #tea :{text}\r\n"));
        self.turn();
    }

    fn heard(&mut self, session: SessionId) -> String {
        let heard = self.socket(session).received();
        self.socket(session).writes.clear();
        heard
    }
}

#[test]
fn one_more_session_hears_what_the_first_hears_once() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    let tea = rig.channel();
    let second = rig.attach("alice", rig.user("alice"), vec![tea]);
    rig.say(bob, "ciao");
    let line = ":bob!~bob@localhost PRIVMSG #tea :ciao\r\n";
    assert!(rig.heard(alice).ends_with(line));
    assert_eq!(rig.heard(second), line);
    assert_eq!(rig.heard(bob), "", "the speaker hears nothing");
}

#[test]
fn the_only_session_here_of_a_user_who_is_in_channels_already() {
    let mut rig = Rig::new();
    let bob = rig.join_as("bob");
    let tea = rig.channel();
    let elsewhere = UserId(9_000);
    let carol = rig.attach("carol", elsewhere, vec![tea]);
    rig.say(bob, "ciao");
    assert_eq!(rig.heard(carol), ":bob!~bob@localhost PRIVMSG #tea :ciao\r\n");
    let dora = rig.attach("carol", elsewhere, Vec::new());
    rig.say(bob, "and again");
    assert_eq!(rig.heard(carol), ":bob!~bob@localhost PRIVMSG #tea :and again\r\n");
    assert_eq!(
        rig.heard(dora),
        ":bob!~bob@localhost PRIVMSG #tea :and again\r\n",
        "what the shard knows already counts"
    );
}

#[test]
fn what_one_session_leaves_all_have_left() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    let tea = rig.channel();
    let second = rig.attach("alice", rig.user("alice"), vec![tea]);
    rig.receive(alice, "PART #tea\r\n");
    rig.turn();
    assert_eq!(rig.heard(second), ":alice!~alice@localhost PART #tea\r\n");
    rig.say(bob, "gone?");
    assert_eq!(rig.heard(second), "");
}

#[test]
fn a_session_that_ends_takes_nothing_from_the_other() {
    let mut rig = Rig::new();
    let (alice, bob) = (rig.join_as("alice"), rig.join_as("bob"));
    let tea = rig.channel();
    let second = rig.attach("alice", rig.user("alice"), vec![tea]);
    let reason = "away with you".into();
    rig.shard.effect(&Effect::Close { to: second, reason }, rig.now);
    rig.turn();
    rig.heard(alice);
    rig.say(bob, "still there?");
    assert_eq!(rig.heard(alice), ":bob!~bob@localhost PRIVMSG #tea :still there?\r\n");
    assert_eq!(rig.heard(second), "ERROR :Closing Link: localhost (away with you)\r\n");
}
