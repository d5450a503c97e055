use std::collections::BTreeMap;

use chat::metadata::Shown;
use chat::reply::MetadataReply;

use super::*;
use crate::features::testing::{rendered_with, settings, told};
use crate::irc_session::Stage;

const THREE: CapSet = CapSet::METADATA.union(CapSet::BATCH);

#[test]
fn who_is_told() {
    assert!(is_aware(THREE) && is_aware(CapSet::METADATA_2 | CapSet::BATCH));
    for caps in [CapSet::BATCH, CapSet::METADATA, CapSet::METADATA_2, CapSet::empty()] {
        assert!(!is_aware(caps));
        assert_eq!(rendered_with(caps, |render| welcome("alice", &BTreeMap::new(), render)), "");
    }
}

#[test]
fn what_the_capabilities_say() {
    let settings = Settings { metadata_before_connect: false, ..settings() };
    assert_eq!(offer(Capability::Metadata2, &settings), "max-subs=100,max-keys=1000,max-value-bytes=300");
    assert_eq!(
        offer(Capability::Metadata, &settings),
        "max-subs=100,max-keys=1000,max-key-bytes=64,max-value-bytes=300"
    );
}

#[test]
fn what_is_too_much_is_to_be_asked_for() {
    let written = |reply: &MetadataReply| rendered_with(THREE, |render| super::reply(reply, render));
    let synced = |values| MetadataReply::Synced { about: "#tea".into(), values };
    let later = ":loggia.local 774 alice #tea 0 :Ask for the metadata with METADATA SYNC\r\n";
    assert_eq!(written(&synced(None)), later);
    assert_eq!(written(&MetadataReply::Subscribed(None)), later.replace("#tea", "*ALL"));
    let value = Shown { target: "bob".into(), key: "k".into(), value: "".into() };
    let batch = ":loggia.local BATCH +1 metadata #tea\r\n@batch=1 :loggia.local 761 alice bob k * :\r\n\
                 :loggia.local BATCH -1\r\n";
    assert_eq!(written(&synced(Some(vec![value]))), batch);
}

#[test]
fn many_keys_take_several_lines_and_none_is_lost() {
    let keys: Vec<String> = (0..12).map(|number| format!("{}{number:02}", "k".repeat(36))).collect();
    let line = format!("METADATA * SUB {}", keys.join(" "));
    assert!(line.len() <= 510);
    let written = told(&settings(), Stage::Registered, &[&line]);
    let (answers, asked): (Vec<&String>, Vec<&String>) = written.iter().partition(|line| !line.starts_with("? "));
    let told: Vec<&str> = answers.iter().flat_map(|line| line.split(' ').skip(3)).collect();
    assert!(answers.len() > 1 && answers.iter().all(|line| line.starts_with(":loggia.local 770 alice ")));
    assert_eq!(told, keys);
    assert_eq!(asked.len(), 1, "the hall is to know them too");
}

#[test]
fn the_hall_is_not_asked_by_somebody_who_is_nobody_yet() {
    let greeting = || Stage::Greeting(Box::default());
    let lines = ["CAP REQ :batch draft/metadata-3", "METADATA * SUB url", "METADATA * SET url x", "CAP REQ -batch"];
    let written = told(&settings(), greeting(), &lines);
    assert!(!written.iter().any(|line| line.starts_with("? ")), "{written:?}");
    let too_many: Vec<String> = (0..=EARLY_KEYS_MAX).map(|number| format!("METADATA * SET k{number} x")).collect();
    let lines: Vec<&str> = [lines[0]].into_iter().chain(too_many.iter().map(String::as_str)).collect();
    let written = told(&settings(), greeting(), &lines);
    let refused = format!(":loggia.local FAIL METADATA LIMIT_REACHED SET * {EARLY_KEYS_MAX} :");
    assert_eq!(written.iter().filter(|line| line.starts_with(&refused)).count(), 1, "{written:?}");
}
