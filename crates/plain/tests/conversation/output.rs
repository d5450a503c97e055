//! Section 6, "Output: from messages to `recv`".

use plain::{Input, Output, SEND_BYTES_MAX, Variant};

use crate::driver::Client;

#[test]
fn there_are_30_ms_between_two_sends_in_segment_mode() {
    let mut anna = Client::named(Variant::close(), "Anna");
    for text in ["uno", "due", "tre"] {
        anna.hears("Bruno", text);
    }
    anna.until(1010);
    anna.hears("Bruno", "quattro");
    anna.until(2000);
    anna.hears("Bruno", "cinque");
    assert_eq!(
        anna.record(),
        [
            "1000 send Bruno: uno",
            "1030 send Bruno: due",
            "1060 send Bruno: tre",
            "1090 send Bruno: quattro",
            "2000 send Bruno: cinque",
        ]
    );
}

#[test]
fn line_mode_knows_no_gap() {
    let mut anna = Client::named(Variant::close(), "Anna\n");
    anna.hears("Bruno", "uno");
    anna.hears("Bruno", "due\ntre");
    assert_eq!(anna.record(), ["1000 send Bruno: uno\\n", "1000 send Bruno: due\\nBruno: tre\\n"]);
}

#[test]
fn a_long_body_is_cut_at_characters_and_each_part_has_prefix_and_tail() {
    let text = "è€😀x".repeat(400);
    for variant in [Variant::close(), Variant::nick()] {
        let mut anna = Client::named(variant, "anna");
        let tail = anna.conversation.variant().tail.clone();
        let message = Input::Message { from: "Bruno", text: &text, own: false, action: false };
        anna.conversation.handle(message, anna.now);
        let mut joined = String::new();
        for _ in 0..10 {
            while let Some(Output::Send(bytes)) = anna.conversation.poll_output() {
                assert!(bytes.len() <= SEND_BYTES_MAX);
                let part = String::from_utf8(bytes).expect("cut inside a character");
                let body = part.strip_prefix("Bruno: ").expect("prefix on each part");
                joined += body.strip_suffix(tail.as_str()).expect("tail on each part");
            }
            anna.now += plain::SEND_GAP;
            anna.conversation.handle(Input::Wake, anna.now);
        }
        assert_eq!(joined, text);
    }
}

#[test]
fn several_lines_are_one_message_in_nick_and_a_row_each_elsewhere() {
    let mut anna = Client::named(Variant::nick(), "anna");
    anna.hears("bruno", "uno\ndue");
    anna.until(1100);
    assert_eq!(anna.record(), ["1000 send bruno: uno\\ndue\\n"]);
    let mut anna = Client::named(Variant::close(), "anna");
    anna.hears("bruno", "uno\n\ndue");
    anna.until(1100);
    assert_eq!(anna.record(), ["1000 send bruno: uno", "1030 send bruno: due"]);
}

#[test]
fn an_action_is_a_row_with_a_star() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.input(Input::Message { from: "Bruno", text: "saluta", own: false, action: true });
    assert_eq!(anna.record(), ["1000 send * Bruno saluta"]);
}

#[test]
fn the_sender_hears_itself_in_all_but_nick() {
    for name in Variant::BUILT_IN {
        let mut anna = Client::named(Variant::built_in(name).expect("built in"), "anna");
        anna.hears_itself("anna", "ciao");
        assert_eq!(anna.record().len(), usize::from(name != "nick"), "{name}");
    }
}

#[test]
fn segment_mode_gets_neither_hints_nor_history() {
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.input(Input::Notice("Scrivi /help."));
    anna.input(Input::History("Bruno: ieri"));
    anna.input(Input::Refusal("Messaggio non salvato."));
    assert_eq!(anna.record(), ["1000 send Messaggio non salvato."]);
    let mut anna = Client::named(Variant::quit(), "Anna\n");
    anna.input(Input::Notice("Scrivi /help."));
    anna.input(Input::History("Bruno: ieri"));
    assert_eq!(anna.record(), ["1000 send Scrivi /help.\\n", "1000 send Bruno: ieri\\n"]);
}

#[test]
fn a_client_that_does_not_read_is_reset() {
    for name in ["Anna", "Anna\n"] {
        let mut anna = Client::named(Variant::close(), name);
        anna.input(Input::SendBlocked);
        for _ in 0..17 {
            anna.hears("Bruno", &"x".repeat(1000));
        }
        assert_eq!(anna.record(), ["1000 left QueueFull", "1000 close Reset QueueFull"]);
    }
}

#[test]
fn a_blocked_socket_gets_nothing_until_it_is_ready() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.input(Input::SendBlocked);
    anna.hears("Bruno", "uno");
    anna.hears("Bruno", "due");
    anna.until(2000);
    assert_eq!(anna.record(), [""; 0]);
    anna.input(Input::SendReady);
    anna.until(3000);
    assert_eq!(anna.record(), ["2000 send Bruno: uno", "2030 send Bruno: due"]);
}

#[test]
fn an_idle_conversation_is_small() {
    assert!(size_of::<plain::Conversation>() <= 512, "{} bytes", size_of::<plain::Conversation>());
}
