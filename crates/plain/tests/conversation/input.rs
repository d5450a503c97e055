//! Section 6, "Input: from `recv` to messages".

use plain::{Input, Mode, UNIT_BYTES_MAX, Variant};

use crate::driver::Client;

#[test]
fn one_read_is_one_message_at_once() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"ciao");
    anna.sends(b" come va? ");
    assert_eq!(anna.record(), ["1000 said ciao", "1000 said  come va? "]);
}

#[test]
fn a_read_that_ends_inside_a_character_waits_30_ms_for_the_rest() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"perch\xc3");
    anna.until(1020);
    anna.sends(b"\xa9");
    assert_eq!(anna.record(), ["1020 said perché"]);
    anna.until(2000);
    anna.sends(b"perch\xc3");
    anna.until(3000);
    assert_eq!(anna.record(), ["2030 said perchÃ"]);
}

#[test]
fn a_read_as_long_as_the_originals_buffer_or_longer_waits_30_ms_for_the_rest() {
    for length in [1024, 1025, 2048] {
        let mut anna = Client::named(Variant::close(), "Anna");
        anna.sends(&vec![b'x'; length]);
        anna.until(1010);
        anna.sends(b"fine");
        assert_eq!(anna.record(), [format!("1010 said {}fine", "x".repeat(length))]);
        anna.until(2000);
        anna.sends(&vec![b'x'; length]);
        anna.until(3000);
        assert_eq!(anna.record(), [format!("2030 said {}", "x".repeat(length))]);
    }
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(&[b'x'; 1023]);
    assert_eq!(anna.record().len(), 1);
}

#[test]
fn a_segment_that_never_ends_is_bounded() {
    let mut anna = Client::named(Variant::close(), "Anna");
    for _ in 0..100 {
        anna.sends(&[b'x'; 1024]);
    }
    let record = anna.record();
    assert_eq!(record.len(), 1);
    assert_eq!(record[0].len(), "1000 said ".len() + UNIT_BYTES_MAX);
}

#[test]
fn each_line_of_a_segment_that_is_not_empty_is_a_message() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"uno\r\n\n\ndue\ntre");
    assert_eq!(anna.record(), ["1000 said uno", "1000 said due", "1000 said tre"]);
    anna.sends(b"\n");
    assert_eq!(anna.record(), [""; 0]);
}

#[test]
fn a_quit_word_among_the_lines_of_a_segment_ends_there() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"uno\n{close}\ndue");
    assert_eq!(anna.record(), ["1000 said uno", "1000 left QuitWord"]);
}

#[test]
fn a_nick_message_may_have_several_lines_and_is_cut_only_before_the_own_alias() {
    let mut anna = Client::named(Variant::nick(), "anna");
    anna.sends(b"anna: uno\ndue\nbruno: tre\nanna: quattro\n");
    assert_eq!(anna.record(), ["1000 said uno\\ndue\\nbruno: tre", "1000 said quattro"]);
    anna.sends(b"anna: \n");
    anna.sends(b"annamaria: ciao\n");
    anna.sends(b"senza alias");
    assert_eq!(anna.record(), ["1000 said annamaria: ciao", "1000 said senza alias"]);
}

#[test]
fn an_alias_with_spaces_around_is_still_taken_off() {
    let mut anna = Client::greeted(Variant::nick());
    anna.sends(b"anna ");
    anna.sends(b"anna ");
    anna.sends(b"anna : ciao\n");
    assert_eq!(anna.record(), ["0 name anna", "0 said ciao"]);
}

#[test]
fn a_name_with_a_newline_means_line_mode() {
    let mut anna = Client::greeted(Variant::quit());
    anna.until(100);
    anna.sends(b"Anna\n");
    assert_eq!(anna.conversation.mode(), Mode::Line { crlf: false });
    anna.sends(b"prima met");
    anna.until(1000);
    anna.sends(b"\xc3\xa0\nseconda\nter");
    anna.hears("Bruno", "ciao");
    assert_eq!(
        anna.record(),
        [
            "100 name Anna",
            "100 send Benvenuto Anna! Se vuoi lasciare la Chat, scrivi {quit} per uscire.\\n",
            "1000 said prima metà",
            "1000 said seconda",
            "1000 send Bruno: ciao\\n",
        ]
    );
}

#[test]
fn lines_that_came_with_the_name_are_messages() {
    let mut anna = Client::greeted(Variant::close());
    anna.sends(b"Anna\nuno\ndue");
    anna.input(Input::EndOfInput);
    assert_eq!(
        anna.record(),
        ["0 name Anna", "0 said uno", "0 said due", "0 left EndOfInput", "0 close Fin EndOfInput"]
    );
}

#[test]
fn who_sends_crlf_gets_crlf() {
    let mut anna = Client::named(Variant::close(), "Anna\r\n");
    anna.sends(b"ciao\r\n");
    anna.hears("Bruno", "ciao");
    assert_eq!(anna.record(), ["1000 said ciao", "1000 send Bruno: ciao\\r\\n"]);
}

#[test]
fn telnet_negotiation_is_dropped_and_means_line_mode_with_crlf() {
    let mut anna = Client::greeted(Variant::close());
    anna.sends(b"\xff\xfb");
    anna.sends(b"\x18\xff\xfa\x18\x00xte");
    anna.sends(b"rm\xff\xf0An");
    anna.sends(b"na\r\n");
    anna.hears("Bruno", "ciao");
    assert_eq!(anna.conversation.mode(), Mode::Line { crlf: true });
    assert_eq!(anna.record(), ["0 name Anna", "0 send Bruno: ciao\\r\\n"]);
    anna.sends(b"\xff\xf1perch\xff\xffe\r\n");
    assert_eq!(anna.record(), ["0 said perchÿe"]);
}

#[test]
fn a_line_over_the_limit_is_dropped_and_the_next_one_is_not() {
    let mut anna = Client::named(Variant::close(), "Anna\n");
    anna.sends(&vec![b'x'; UNIT_BYTES_MAX]);
    anna.sends(b"\n");
    assert_eq!(anna.record().len(), 1);
    for _ in 0..10 {
        anna.sends(&vec![b'x'; UNIT_BYTES_MAX / 2]);
    }
    anna.sends(b"xx\nciao\n");
    assert_eq!(anna.record(), ["1000 too long", "1000 said ciao"]);
}

#[test]
fn a_nick_line_may_lack_the_alias() {
    let mut anna = Client::greeted(Variant::nick());
    anna.until(100);
    anna.sends(b"anna\n");
    anna.sends(b"ciao\nanna: ciao\nanna: /who\n");
    anna.hears_itself("anna", "ciao");
    anna.hears("bruno", "ciao");
    assert_eq!(
        anna.record(),
        [
            "100 name anna",
            "100 send You are now connected!\\n",
            "100 said ciao",
            "100 said ciao",
            "100 command Who",
            "100 send bruno: ciao\\n",
        ]
    );
}

#[test]
fn bytes_that_are_not_utf8_are_windows_1252() {
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"perch\xe9 no? \x80");
    assert_eq!(anna.record(), ["1000 said perché no? €"]);
}

#[test]
fn control_characters_and_escape_sequences_are_removed() {
    for name in ["Anna", "Anna\n"] {
        let mut anna = Client::named(Variant::close(), name);
        anna.sends(b"a\x1b[31mb\x07\tc\x7f\n");
        assert_eq!(anna.record(), ["1000 said ab c"]);
        anna.hears("Bruno", "a\u{1b}]0;x\u{7}b\u{9b}2Jc");
        assert!(anna.record()[0].starts_with("1000 send Bruno: abc"));
    }
}

#[test]
fn slashes_are_commands_in_line_mode_only() {
    let mut anna = Client::named(Variant::close(), "Anna\n");
    anna.sends(b"/who\n/ME ride\n/nick Carla\n/ballo\n//ciao\n");
    assert_eq!(
        anna.record(),
        [
            "1000 command Who",
            "1000 command Me(\"ride\")",
            "1000 command Nick(\"Carla\")",
            "1000 command Unknown(\"ballo\")",
            "1000 said /ciao",
        ]
    );
    let mut anna = Client::named(Variant::close(), "Anna");
    anna.sends(b"/who");
    assert_eq!(anna.record(), ["1000 said /who"]);
}
