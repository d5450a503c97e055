//! Clients and their connections.

use std::time::Duration;

use chat::ids::Seq;

use super::{REST_PAUSE, World};
use crate::client::{Hands, Leaning, NAMES, Talk};
use crate::network::Link;
use crate::server::Server;
use crate::watch::Rule;

impl World {
    pub(super) fn cut(&mut self, client: usize) {
        self.watch.counts.cuts += u64::from(self.disconnect(client));
    }

    /// Ends a client's connection, if it has one.
    fn disconnect(&mut self, client: usize) -> bool {
        let Some(place) = self.links.iter().position(|link| link.client == client) else { return false };
        let link = self.links.remove(place);
        if let (Some(server), Some(session)) = (&mut self.server, link.session) {
            server.lost(session, self.now);
        }
        self.come_back(client);
        true
    }

    fn come_back(&mut self, client: usize) {
        self.people[client].next = self.now + Duration::from_millis(self.random.of(1..3000));
    }

    /// Lets a client take what has come for it.
    pub(super) fn down(&mut self, number: usize) {
        let Some(bytes) = self.links[number].take(self.now) else { return };
        let client = self.links[number].client;
        if bytes.is_empty() {
            self.links.remove(number);
            self.watch.note(self.now, || format!("{} is disconnected", NAMES[client]));
            return self.come_back(client);
        }
        self.with_person(client, |talk, hands| talk.received(&bytes, hands));
        if let Some(link) = self.links.iter_mut().find(|link| link.client == client)
            && let Some(session) = link.session
            && link.takes_again()
            && let Some(server) = &mut self.server
        {
            server.writable(session);
        }
    }

    /// Lets a client do something: connect, if it is not.
    pub(super) fn person(&mut self, number: usize) {
        let pause = Duration::from_millis(self.random.of(1..self.plan.pause_milliseconds));
        self.people[number].next = self.now + pause;
        if self.links.iter().any(|link| link.client == number) {
            if self.is_ending {
                self.people[number].next = self.now + REST_PAUSE;
                return self.with_person(number, Talk::comes_to_rest);
            }
            return self.with_person(number, Talk::act);
        }
        let door = self.people[number].talk.door();
        let accepted = self.server.as_mut().and_then(|server| server.accept(door, self.now, &mut self.random));
        let Some(session) = accepted else { return self.come_back(number) };
        self.watch.note(self.now, || format!("{} connects", NAMES[number]));
        self.links.push(Link::new(number, session));
        self.with_person(number, Talk::connected);
    }

    /// Lets a client use its hands, and sends what it wrote, if it is connected.
    pub(super) fn with_person(&mut self, number: usize, then: impl FnOnce(&mut Talk, &mut Hands<'_>)) {
        let mut hands = Hands {
            number,
            now: self.now,
            newest: self.server.as_ref().map_or(Seq::ZERO, Server::newest),
            random: &mut self.random,
            watch: &mut self.watch,
            leaning: Leaning::of(self.sabotage),
            words: &mut self.words,
            out: Vec::new(),
            hangs_up: false,
        };
        then(&mut self.people[number].talk, &mut hands);
        let (out, hangs_up) = (hands.out, hands.hangs_up);
        if let Some(link) = self.links.iter_mut().find(|link| link.client == number) {
            link.send(&out, self.now, &mut self.random);
        }
        if hangs_up {
            self.disconnect(number);
        }
    }

    /// Looks for clients that have waited for longer than this.
    pub(super) fn check_answers(&mut self, patience: Duration) {
        for link in &self.links {
            let since = self.people[link.client].talk.waits_since();
            let late = since.filter(|since| *since + patience <= self.now && link.session.is_some());
            if let Some(since) = late.filter(|_| link.stalled_until + patience <= self.now) {
                let (who, since) = (NAMES[link.client], since.as_secs_f64());
                self.watch.violate(Rule::Answered, format!("{who} has had no answer since {since:.3}"));
            }
        }
    }

    /// Everything has come to rest, and who can searches for everything.
    pub(super) fn search(&mut self) {
        self.has_searched = true;
        for (number, name) in NAMES.iter().enumerate() {
            if !self.people[number].talk.is_at_rest() {
                let what = format!("{name} has not said or not shown everything");
                self.watch.violate(Rule::Answered, what);
            }
            self.with_person(number, Talk::search);
        }
    }

    /// Nobody sees anything more.
    pub(super) fn finish(&mut self) {
        for number in 0..self.people.len() {
            self.with_person(number, Talk::finish);
        }
    }
}
