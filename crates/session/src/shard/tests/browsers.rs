//! Browsers open connections ahead of need, at the door where silence is a plain client's.

use super::*;
use crate::door::{BROWSER_PATIENCE, BROWSER_TIME, PATIENCE};

const DOOR_FOR_ALL: u16 = 2;
const REQUEST: &str = "GET / HTTP/1.1\r\nHost: chat.local\r\n\r\n";

impl Rig {
    fn visit(&mut self) -> SessionId {
        let browser = self.connect(DOOR_FOR_ALL);
        self.receive(browser, REQUEST);
        self.turn();
        browser
    }

    fn is_greeted(&mut self, session: SessionId) -> bool {
        self.socket(session).received().starts_with("Salve!")
    }
}

#[test]
fn a_connection_in_reserve_is_not_greeted_before_the_browser_asks_on_it() {
    let mut rig = Rig::new();
    let reserve = rig.connect(DOOR_FOR_ALL);
    rig.visit();
    rig.sleep(PATIENCE);
    assert_eq!(rig.socket(reserve).received(), "");
    rig.receive(reserve, REQUEST);
    assert!(
        rig.shard
            .take_actions()
            .iter()
            .any(|action| matches!(action, Action::HandOff { session, .. } if *session == reserve))
    );
}

#[test]
fn a_plain_client_beside_a_browser_waits_a_little_longer_for_its_greeting() {
    let mut rig = Rig::new();
    rig.visit();
    let nc = rig.connect(DOOR_FOR_ALL);
    rig.sleep(PATIENCE);
    assert_eq!(rig.socket(nc).received(), "");
    rig.sleep(BROWSER_PATIENCE);
    assert!(rig.is_greeted(nc), "{}", rig.socket(nc).received());
    // A name needs no greeting.
    let named = rig.connect(DOOR_FOR_ALL);
    rig.receive(named, "Anna\n");
    rig.turn();
    assert!(rig.is_greeted(named), "{}", rig.socket(named).received());
}

#[test]
fn where_no_browser_is_nobody_waits() {
    let mut rig = Rig::new();
    rig.visit();
    rig.sleep(BROWSER_TIME);
    let nc = rig.connect(DOOR_FOR_ALL);
    rig.sleep(PATIENCE);
    assert!(rig.is_greeted(nc), "{}", rig.socket(nc).received());
}
