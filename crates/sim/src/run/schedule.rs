//! What can happen at a moment, and when the next moment is.

use std::time::Duration;

use super::{Due, Person, Phase, REST, SEARCHES, World};
use crate::client::ANSWER_WAIT;
use crate::network::Link;

impl World {
    /// Lists what can happen at this moment.
    pub(super) fn due(&self) -> Vec<Due> {
        let now = self.now;
        let mut due = Vec::new();
        if !self.is_ending && self.plan.events.front().is_some_and(|(at, _)| *at <= now) {
            due.push(Due::Plan);
        }
        match &self.server {
            None if self.start_at <= now && !self.is_over() => due.push(Due::Start),
            None => {}
            Some(server) => {
                if !matches!(self.phase, Phase::Closing { .. }) {
                    due.extend(server.due(&self.links, now).map(Due::Turn));
                }
                due.extend(server.crew.due(now).map(Due::Worker));
                let phase_is_due = match self.phase {
                    Phase::Serving => false,
                    Phase::Leaving { until } => until <= now || server.is_empty(),
                    Phase::Closing { until } => until <= now || server.crew.has_ended(),
                };
                if phase_is_due {
                    due.push(Due::Phase);
                }
            }
        }
        for (number, link) in self.links.iter().enumerate() {
            if link.up_is_due(now) {
                due.push(Due::Up(number));
            }
            if link.down_is_due(now) {
                due.push(Due::Down(number));
            }
        }
        if self.is_ending && !self.has_searched && now >= self.plan.end + SEARCHES {
            due.push(Due::Searches);
        }
        let people = self.people.iter().enumerate().filter(|(_, person)| person.next <= now);
        due.extend(people.filter(|(_, person)| self.is_awake(person)).map(|(number, _)| Due::Person(number)));
        due
    }

    /// Moves the clock to the next thing that is due; `false` when the run is over.
    pub(super) fn advance(&mut self) -> bool {
        let mut next: Vec<Duration> = self.links.iter().filter_map(Link::due).collect();
        if !self.is_ending {
            next.extend(self.plan.events.front().map(|(at, _)| *at));
            next.push(self.plan.end);
        } else if !self.has_searched {
            next.push(self.plan.end + SEARCHES);
        }
        next.extend(self.people.iter().filter(|person| self.is_awake(person)).map(|person| person.next));
        match &self.server {
            None if self.is_over() => {}
            None => next.push(self.start_at),
            Some(server) => {
                next.extend(server.crew.next());
                match self.phase {
                    Phase::Serving => next.extend(server.next_wake()),
                    Phase::Leaving { until } => next.extend(server.next_wake().into_iter().chain([until])),
                    // It takes no turns any more.
                    Phase::Closing { until } => next.push(until),
                }
            }
        }
        let rest = self.plan.end + REST;
        if self.is_ending && self.phase == Phase::Serving && self.server.is_some() {
            // Everybody who is connected has been answered by then.
            next.retain(|at| *at < rest);
            if next.is_empty() {
                self.now = self.now.max(rest);
                self.check_answers(Duration::ZERO);
                self.finish();
                self.stop();
                return true;
            }
        }
        let Some(next) = next.into_iter().min() else { return false };
        self.now = self.now.max(next);
        self.check_answers(ANSWER_WAIT);
        if !self.is_ending && self.now >= self.plan.end {
            self.begin_to_end();
        }
        true
    }

    /// Tells whether a client does something of itself: to the end of all, our own connect until they have shown everything.
    fn is_awake(&self, person: &Person) -> bool {
        !self.is_ending || (person.talk.is_own() && self.now < self.plan.end + REST)
    }
}
