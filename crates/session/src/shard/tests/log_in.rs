//! What it costs to say that somebody is not who they say: as much for an account that does not exist as for a wrong password.

use base64ct::{Base64, Encoding as _};
use chat::account::Account;
use chat::rows::Row;

use super::*;
use crate::work::credentials_for_tests;

/// The only account there is.
pub(super) fn account() -> Row {
    let credentials = credentials_for_tests("sesame");
    Row::Account(Box::new(Account { credentials, ..Account::new("owner", Timestamp(0)) }))
}

fn authenticate(rig: &mut Rig, session: SessionId, payload: &str) {
    rig.receive(session, &format!("AUTHENTICATE {}\r\n", Base64::encode_string(payload.as_bytes())));
    rig.turn();
}

/// Has a password checked; returns what workers did for that, and what the client was told.
fn plain(account: &str) -> (Vec<String>, String) {
    let mut rig = Rig::new();
    let session = rig.connect(IRC_DOOR);
    rig.receive(session, "AUTHENTICATE PLAIN\r\n");
    rig.turn();
    authenticate(&mut rig, session, &format!("\0{account}\0wrong"));
    let mut done = Vec::new();
    while let Some((session, work)) = rig.works.pop() {
        let Work::Password { password, .. } = &work else { panic!("{work:?}") };
        done.push(format!("checked {password}"));
        rig.shard.worked(session, &Outcome::Password(false), rig.now);
        rig.turn();
    }
    (done, rig.socket(session).received())
}

/// Has a proof checked; returns what the client was told, nonces and salts left out.
fn scram(account: &str) -> (usize, Vec<usize>) {
    let mut rig = Rig::new();
    let session = rig.connect(IRC_DOOR);
    rig.receive(session, "AUTHENTICATE SCRAM-SHA-256\r\n");
    rig.turn();
    authenticate(&mut rig, session, &format!("n,,n={account},r=x"));
    let challenge = rig.socket(session).received();
    let challenge = challenge.lines().last().and_then(|line| line.strip_prefix("AUTHENTICATE ")).unwrap_or_default();
    let challenge = String::from_utf8(Base64::decode_vec(challenge).unwrap_or_default()).unwrap_or_default();
    let nonce = challenge.split(',').next().unwrap_or_default();
    let proof = Base64::encode_string(&[7; 32]);
    authenticate(&mut rig, session, &format!("c=biws,{nonce},p={proof}"));
    (rig.works.len(), rig.socket(session).received().lines().map(str::len).collect())
}

#[test]
fn nobodys_password_is_checked_as_often_as_somebodys() {
    let (done, told) = plain("owner");
    assert_eq!(done, ["checked wrong"]);
    assert!(told.contains(" 904 "), "{told}");
    assert_eq!(plain("nobody"), (done, told));
}

#[test]
fn nobodys_proof_takes_the_same_steps_as_somebodys() {
    let (works, told) = scram("owner");
    assert_eq!((works, told.len()), (0, 3), "{told:?}");
    // Each line is as long: what is shown of nobody's keys has their form. The salt of the tests is one byte shorter.
    let nobody = scram("nobody");
    assert_eq!((nobody.0, nobody.1.len()), (works, told.len()));
    assert_eq!(nobody.1[2..], told[2..]);
}
