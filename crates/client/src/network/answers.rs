//! What the server says to the client itself: answers to what was asked, and what is for its person only.

use irc::message::Message;

use super::course::ENTERED;
use super::{Network, News, OTHER_NICKS_MAX, Stage, Standing};
use crate::features::chathistory::Fetched;
use crate::features::filehost;

/// Answers to WHOIS, WHOWAS, LIST, INVITE, and lists of bans, which people ask for and read as they are.
const ASKED_BY_PEOPLE: &[&str] = &[
    "276", "307", "311", "312", "313", "314", "317", "319", "320", "322", "324", "330", "335", "338", "341", "346",
    "348", "367", "378", "379", "671",
];

impl Network {
    /// Takes what a line says about the client itself, and what is for its person only.
    pub(super) fn about_the_client(&mut self, line: &Message<'_>) {
        if let Some(answer) = filehost::answer(line) {
            self.news.push_back(News::Token(answer));
            return;
        }
        match line.command {
            "PONG" if line.params.last() == Some(ENTERED) => self.entered(),
            "433" | "432" | "437" if self.standing() == Standing::Connecting => {
                self.other_nicks = (self.other_nicks + 1) % (OTHER_NICKS_MAX + 1);
            }
            "JOIN" | "PART" | "KICK" => self.channels(line),
            "NOTICE" if line.source.is_none_or(|source| !source.contains('!')) => {
                self.news.push_back(News::Server(line.params.last().unwrap_or_default().into()));
            }
            "WARN" | "NOTE" => {
                self.news.push_back(News::Server(line.params.last().unwrap_or_default().into()));
            }
            code if ASKED_BY_PEOPLE.contains(&code) => {
                let words: Vec<&str> = line.params.iter().skip(1).collect();
                self.news.push_back(News::Server(words.join(" ").into()));
            }
            "FAIL" if line.tags.get("loggia.chat/id").is_none() && line.tags.get("label").is_none() => {
                self.news.push_back(News::Server(line.params.last().unwrap_or_default().into()));
            }
            "372" | "ERROR" => self.news.push_back(News::Server(line.params.last().unwrap_or_default().into())),
            // What answers something of the outbox is told with it.
            _ if line.tags.get("loggia.chat/id").is_some() || line.tags.get("label").is_some() => {}
            code if code.parse().is_ok_and(|code: u16| (400..600).contains(&code) && code != 422) => {
                let words: Vec<&str> = line.params.iter().skip(1).collect();
                self.news.push_back(News::Server(words.join(" ").into()));
            }
            _ => {}
        }
    }

    /// Notes in which channels the client is to be: where it is, until it is told to leave.
    fn channels(&mut self, line: &Message<'_>) {
        let Some(channel) = line.params.get(0) else { return };
        let from = line.source.and_then(|source| source.split('!').next()).unwrap_or_default();
        let who = if line.command == "KICK" { line.params.get(1).unwrap_or_default() } else { from };
        if !self.state.is_me(who) {
            return;
        }
        self.kept.channels.retain(|known| !self.state.isupport.same(known, channel));
        if line.command == "JOIN" {
            self.kept.channels.insert(channel.into());
        }
    }

    /// Takes a line of a page of history that was asked for.
    pub(super) fn fetched(&mut self, bytes: &[u8], line: &Message<'_>) {
        let Stage::Open(open) = &mut self.stage else { return };
        let Some(fetching) = &mut open.fetching else { return };
        let Some(fetched) = fetching.take(bytes, line, &mut self.state) else { return };
        open.fetching = None;
        if let Fetched::Shown(change) = fetched {
            self.news.push_back(News::Changed(change));
        }
    }

    /// Takes a line of the answer to a search.
    pub(super) fn searched(&mut self, line: &Message<'_>) {
        let Stage::Open(open) = &mut self.stage else { return };
        let Some(found) = open.searching.as_mut().and_then(|searching| searching.take(line, &self.state.me)) else {
            return;
        };
        open.searching = None;
        self.news.push_back(News::Found(found));
    }
}
