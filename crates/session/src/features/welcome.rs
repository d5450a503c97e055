//! What a new user is told first. Proof: `scenarios/registration.txt`.
//!
//! Spec: Modern IRC, "Connection Registration".

use chat::modes::{ChannelFlags, MaskList, UserModes};
use chat::rank::Rank;
use chat::reply::Welcome;
use irc::numerics;

use super::time::in_words;
use super::{isupport, lusers, motd, user_mode};
use crate::render::Render;

/// Writes 001 to 005, the numbers of LUSERS, the message of the day, and the modes the user starts with.
pub fn reply(welcome: &Welcome, render: &mut Render<'_>) {
    let settings = render.settings;
    let name = settings.server_name();
    render.numeric(numerics::RPL_WELCOME, &[&settings.network, welcome.person.mask()]);
    render.numeric(numerics::RPL_YOURHOST, &[name, &settings.version]);
    render.numeric(numerics::RPL_CREATED, &[&in_words(settings.started)]);
    let [user_modes, channel_modes, with_parameter] = letters();
    let modes = [name, &settings.version, &user_modes, &channel_modes, &with_parameter];
    render.numeric(numerics::RPL_MYINFO, &modes);
    isupport::reply(render);
    lusers::reply(&welcome.counts, render);
    motd::reply(render);
    if !welcome.modes.is_empty() {
        user_mode::reply(welcome.modes, render);
    }
}

/// Returns the letters of user modes, of channel modes, and of channel modes that take a parameter, each in order.
fn letters() -> [String; 3] {
    let user = UserModes::LETTERS.map(|(letter, _)| letter);
    let flags = ChannelFlags::LETTERS.map(|(letter, _)| letter);
    let lists = MaskList::ALL.map(MaskList::letter);
    let ranks = Rank::ALL.map(Rank::letter);
    let with_parameter: Vec<char> = [&lists[..], &['k', 'l'], &ranks].concat();
    let channel = [&flags[..], &with_parameter].concat();
    [user.to_vec(), channel, with_parameter].map(|mut letters| {
        letters.sort_unstable();
        letters.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_letters_of_004() {
        assert_eq!(letters(), ["Biow", "CIabehiklmnoqstv", "Iabehkloqv"]);
    }
}
