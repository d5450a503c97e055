//! Section 6, "Ending".

use plain::{Input, Variant, VariantOverrides};

use crate::driver::Client;

#[test]
fn a_quit_word_drops_the_queue_and_is_followed_by_300_ms_of_silence() {
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.hears("Bruno", "uno");
    anna.hears("Bruno", "due");
    anna.until(1010);
    anna.sends(b"{quit}\r\n");
    anna.hears("Bruno", "tre");
    anna.sends(b"ancora");
    anna.until(2000);
    assert_eq!(
        anna.record(),
        ["1000 send Bruno: uno", "1010 left QuitWord", "1310 send {quit}", "1340 close Fin Quit"]
    );
}

#[test]
fn a_quit_word_in_line_mode_is_answered_at_once() {
    let mut anna = Client::named(Variant::quit(), "Anna\n");
    anna.sends(b"ciao\n{quit}\nmai detto\n");
    assert_eq!(anna.record(), ["1000 said ciao", "1000 left QuitWord", "1000 send {quit}\\n", "1000 close Fin Quit"]);
    let mut anna = Client::named(Variant::quit(), "Anna\n");
    anna.sends(b"/quit a domani\n");
    assert_eq!(anna.record(), ["1000 left Command(Some(\"a domani\"))", "1000 close Fin Quit"]);
}

#[test]
fn the_end_of_input_and_a_reset_are_announced_once() {
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.hears("Bruno", "uno");
    anna.hears("Bruno", "due");
    anna.input(Input::EndOfInput);
    anna.input(Input::Lost);
    anna.until(2000);
    assert_eq!(anna.record(), ["1000 send Bruno: uno", "1000 left EndOfInput", "1000 close Fin EndOfInput"]);
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.input(Input::Lost);
    anna.input(Input::EndOfInput);
    assert_eq!(anna.record(), ["1000 left Lost", "1000 close Reset Lost"]);
}

#[test]
fn a_message_that_waited_for_its_rest_is_said_before_the_end() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"citt\xe0");
    anna.input(Input::EndOfInput);
    assert_eq!(anna.record(), ["1000 said città", "1000 left EndOfInput", "1000 close Fin EndOfInput"]);
}

#[test]
fn a_connection_without_a_name_ends_unannounced() {
    let mut client = Client::greeted(Variant::quit());
    client.input(Input::EndOfInput);
    assert_eq!(client.record(), ["0 close Fin EndOfInput"]);
}

#[test]
fn the_server_stops_username_clients_with_the_word_alone() {
    let mut anna = Client::named(Variant::username(), "anna");
    anna.hears("bruno", "uno");
    anna.hears("bruno", "due");
    anna.input(Input::Stop { goodbye: "Arrivederci." });
    anna.hears("bruno", "tre");
    anna.until(3000);
    assert_eq!(
        anna.record(),
        ["1000 send bruno: uno", "1030 send bruno: due", "1230 send SHUTDOWN", "1430 close Fin Stopping",]
    );
}

#[test]
fn the_server_stops_other_segment_clients_with_a_reset_after_their_queue() {
    for name in ["quit", "close", "nick"] {
        let mut anna = Client::named(Variant::built_in(name).expect("built in"), "anna");
        anna.hears("bruno", "uno");
        anna.hears("bruno", "due");
        anna.input(Input::Stop { goodbye: "Arrivederci." });
        anna.until(3000);
        let record = anna.record();
        assert!(record[1].starts_with("1030 send bruno: due"));
        assert_eq!(record[2..], ["1060 close Reset Stopping"], "{name}");
    }
    let mut idle = Client::named(Variant::quit(), "Anna");
    idle.input(Input::Stop { goodbye: "" });
    assert_eq!(idle.record(), ["1000 close Reset Stopping"]);
}

#[test]
fn the_server_stops_line_clients_with_a_goodbye_and_a_fin() {
    let mut anna = Client::named(Variant::quit(), "Anna\n");
    anna.input(Input::Stop { goodbye: "Arrivederci." });
    assert_eq!(anna.record(), ["1000 send Arrivederci.\\n", "1000 close Fin Stopping"]);
    let mut anna = Client::named(Variant::username(), "Anna\n");
    anna.input(Input::Stop { goodbye: "Arrivederci." });
    assert_eq!(anna.record(), ["1000 send Arrivederci.\\nSHUTDOWN\\n", "1000 close Fin Stopping"]);
}

#[test]
fn a_variant_may_have_its_own_shutdown_word_and_close() {
    let variant = Variant::nick().with(VariantOverrides {
        shutdown: Some("BYE".into()),
        on_stop: Some(plain::OnStop::Fin),
        ..VariantOverrides::default()
    });
    let mut anna = Client::named(variant, "anna");
    anna.input(Input::Stop { goodbye: "" });
    anna.until(2000);
    assert_eq!(anna.record(), ["1000 send BYE", "1200 close Fin Stopping"]);
}

#[test]
fn a_stop_does_not_wait_for_a_client_that_does_not_read() {
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.input(Input::SendBlocked);
    anna.hears("Bruno", "uno");
    anna.input(Input::Stop { goodbye: "" });
    anna.until(10_000);
    assert_eq!(anna.record(), ["4000 close Reset Stopping"]);
}

#[test]
fn a_stop_leaves_a_quitting_client_its_silence() {
    let mut anna = Client::named(Variant::quit(), "Anna");
    anna.sends(b"{quit}");
    anna.until(1100);
    anna.input(Input::Stop { goodbye: "" });
    anna.until(2000);
    assert_eq!(anna.record(), ["1000 left QuitWord", "1300 send {quit}", "1330 close Fin Quit"]);
}

#[test]
fn a_dismissed_client_is_told_why() {
    let mut anna = Client::named(Variant::username(), "anna");
    anna.input(Input::Dismiss { text: "Sei stata allontanata." });
    anna.until(2000);
    assert_eq!(anna.record(), ["1000 send Sei stata allontanata.", "1030 close Fin Dismissed"]);
}
