//! What people see of each other: who writes, files, pictures, names.

use client::network::News;
use desktop::screen::uploads::{Purpose, Stage, Task};
use egui::{ColorImage, Event};

use super::*;

/// Where the server takes files.
fn with_files(window: &Window) {
    hear(window, ":irc 005 anna draft/AUTHTOKEN soju.im/FILEHOST=http://a.example:53000/upload :are supported");
}

#[derive(Debug)]
struct Dropped(std::path::PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        std::fs::read(&self.0).map_err(|error| error.to_string())
    }
}

#[test]
fn who_writes_is_shown_and_others_see_that_the_person_does() {
    let mut harness = shown(joined());
    all_sent(harness.state());
    hear(harness.state(), "@+typing=active :bob!u@h TAGMSG #tea");
    harness.run_steps(2);
    harness.get_by_label("bob is writing…");
    hear(harness.state(), "@+typing=active :carl!u@h TAGMSG #tea");
    harness.run_steps(2);
    harness.get_by_label("bob, carl are writing…");
    for nick in ["bob", "carl"] {
        hear(harness.state(), &format!(":{nick}!u@h PRIVMSG #tea :so"));
    }
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("writing…").is_none());
    let before = composer(&harness).rect();
    composer(&harness).type_text("/whois bob");
    harness.run_steps(3);
    assert_eq!(all_sent(harness.state()), "", "commands are nobody's business");
    harness.state_mut().screen.view_mut("#tea").draft.clear();
    composer(&harness).type_text("ciao");
    harness.run_steps(3);
    assert_eq!(all_sent(harness.state()), "@+typing=active TAGMSG #tea\r\n");
    assert_eq!(composer(&harness).rect(), before, "nothing moves when somebody writes");
    harness.state_mut().screen.view_mut("#tea").draft.clear();
    composer(&harness).type_text(" ");
    harness.run_steps(3);
    assert_eq!(all_sent(harness.state()), "@+typing=done TAGMSG #tea\r\n");
}

#[test]
fn files_are_dropped_and_pictures_pasted_and_how_far_they_are_is_seen() {
    let window = joined();
    with_files(&window);
    let mut harness = shown(window);
    let file: egui::DroppedFileHandle = std::sync::Arc::new(Dropped("/tmp/tea.txt".into()));
    harness.input_mut().dropped_files.push(file);
    harness.run_steps(2);
    harness.get_by_label("tea.txt · #tea");
    harness.get_by_label("Waiting");
    let picture = ColorImage::filled([4, 4], egui::Color32::RED);
    harness.event(Event::PasteImage(std::sync::Arc::new(picture)));
    harness.run_steps(2);
    harness.get_by_label("picture.png · #tea");
    let uploads = &mut harness.state_mut().screen.uploads;
    assert_eq!((uploads.next_task(), uploads.next_task()), (Some(Task::AskToken), None), "one after the other");
    hear(harness.state(), ":irc TOKEN GENERATE FILEHOST :t0k");
    harness.run_steps(2);
    let uploads = &mut harness.state_mut().screen.uploads;
    assert!(matches!(uploads.next_task(), Some(Task::Send { number: 1, .. })));
    uploads.progress(1, 0.5);
    harness.run_steps(2);
    harness.get_by_role(Role::ProgressIndicator);
    let refusal = desktop::screen::uploads::refusal(413, br#"{"code":"TOO_LARGE","limit":26214400}"#);
    harness.state_mut().screen.uploads.finished(1, Some(refusal));
    harness.run_steps(2);
    harness.get_by_label("It is too large: at most 27 MB.");
    harness.get_by_label("Stop tea.txt").click();
    harness.run_steps(2);
    assert!(harness.query_by_label_contains("tea.txt").is_none());
    assert_eq!(harness.state().wishes, [Wish::StopFile(1)]);
    // The connection ends: what was asked for does not come any more.
    assert!(harness.state().screen.uploads.files().all(|file| file.stage == Stage::Asking));
    harness.state().network.as_ref().expect("a network").act(|live| live.network.lost(NOW, 0));
    harness.run_steps(2);
    harness.get_by_label_contains("There is no connection");
}

#[test]
fn files_are_chosen_where_the_server_takes_some() {
    let mut harness = shown(joined());
    assert!(harness.query_by_label("Send files").is_none(), "this server takes none");
    with_files(harness.state());
    harness.run_steps(2);
    harness.get_by_label("Send files").click();
    harness.run_steps(2);
    assert_eq!(harness.state().wishes, [Wish::ChooseFiles]);
}

#[test]
fn pictures_of_the_own_server_are_shown_and_no_others() {
    let window = joined();
    with_files(&window);
    say(&window, 1, "bob", "look http://a.example:53000/uploads/x.png and https://b.example/uploads/y.png");
    let mut harness = shown(window);
    let small = "http://a.example:53000/thumbnails/x.png";
    assert_eq!(harness.state().pictures.borrow_mut().take_wanted(), [small.into()]);
    assert!(harness.query_by_label("Picture").is_none(), "it has not come yet");
    let ctx = harness.ctx.clone();
    let picture = ColorImage::filled([640, 480], egui::Color32::RED);
    harness.state().pictures.borrow_mut().put(&ctx, small, Some(picture));
    harness.run_steps(4);
    let size = harness.get_by_label("Picture").rect().size();
    assert!(size.x <= 340.0 && size.y <= 260.0 && size.y > 100.0, "{size:?}");
}

#[test]
fn people_are_shown_as_they_want_to_be_with_their_nick_beside_it() {
    let mut window = joined();
    with_files(&window);
    hear(&window, ":bob!u@h METADATA bob display-name * :Robert of the Tea");
    hear(&window, ":bob!u@h METADATA bob avatar * :http://a.example:53000/uploads/b.png");
    say(&window, 1, "bob", "hello");
    window.take_news();
    let harness = shown(window);
    harness.get_by_label("Robert of the Tea");
    assert!(harness.get_all_by_label("bob").count() >= 1, "nobody else can have it");
    let wanted = harness.state().pictures.borrow_mut().take_wanted();
    assert_eq!(wanted, ["http://a.example:53000/thumbnails/b.png".into()]);
}

#[test]
fn the_person_is_called_and_shown_otherwise() {
    let mut harness = shown(joined());
    hear(harness.state(), ":irc CAP anna ACK :draft/metadata-2");
    hear(harness.state(), ":irc 761 anna anna display-name * :Anna");
    sent(harness.state());
    harness.get_by_label("Settings").click();
    harness.run_steps(3);
    assert_eq!(harness.get_by_label("Name as it is shown").value().as_deref(), Some("Anna"));
    harness.get_by_label("Your picture").focus();
    harness.run_steps(2);
    harness.get_by_label("Your picture").type_text("https://a.example/a.png");
    harness.run_steps(2);
    harness.get_by_role_and_label(Role::Button, "Change").click();
    harness.run_steps(3);
    assert_eq!(sent(harness.state()), "METADATA * SET avatar :https://a.example/a.png\r\n");
}

fn drop_file(harness: &mut Test, path: &str) {
    let file: egui::DroppedFileHandle = std::sync::Arc::new(Dropped(path.into()));
    harness.input_mut().dropped_files.push(file);
    harness.run_steps(3);
}

/// A window whose settings are open, on a server that takes files and keeps pictures of people.
fn in_settings() -> Test {
    let mut harness = shown(joined());
    with_files(harness.state());
    hear(harness.state(), ":irc CAP anna ACK :draft/metadata-2");
    sent(harness.state());
    harness.get_by_label("Settings").click();
    harness.run_steps(3);
    harness
}

#[test]
fn the_persons_picture_is_dropped_on_the_settings_and_is_theirs_with_the_rest() {
    let mut harness = in_settings();
    harness.get_by_label("Choose a picture…").click();
    harness.run_steps(2);
    assert_eq!(std::mem::take(&mut harness.state_mut().wishes), [Wish::ChoosePicture]);
    drop_file(&mut harness, "/tmp/me.txt");
    harness.get_by_label_contains("This is no picture that can be shown here");
    drop_file(&mut harness, "/tmp/me.png");
    assert!(harness.query_by_label_contains("This is no picture").is_none(), "another was chosen");
    assert!(harness.query_by_label("Choose a picture…").is_none(), "there is one on its way");
    assert!(harness.query_by_label_contains("me.png · #tea").is_none(), "it is not said in the room");
    harness.get_by_label("Waiting");
    hear(harness.state(), ":irc TOKEN GENERATE FILEHOST :t0k");
    harness.run_steps(2);
    let screen = &mut harness.state_mut().screen;
    assert_eq!(screen.uploads.next_task(), Some(Task::AskToken));
    assert!(matches!(screen.uploads.next_task(), Some(Task::Send { number: 2, .. })));
    assert_eq!(screen.uploads.finished(2, None), Some(Purpose::Portrait));
    screen.portrait_is_at("http://a.example:53000/uploads/me.png".to_owned());
    harness.run_steps(3);
    let address = "http://a.example:53000/uploads/me.png";
    assert_eq!(harness.get_by_label("Your picture").value().as_deref(), Some(address));
    let wanted = harness.state().pictures.borrow_mut().take_wanted();
    assert_eq!(wanted, ["http://a.example:53000/thumbnails/me.png".into()], "it is seen as others will see it");
    assert_eq!(sent(harness.state()), "");
    harness.get_by_role_and_label(Role::Button, "Change").click();
    harness.run_steps(3);
    assert_eq!(sent(harness.state()), format!("METADATA * SET avatar :{address}\r\n"));
}

#[test]
fn who_puts_the_settings_away_waits_for_no_picture() {
    let mut harness = in_settings();
    let picture = ColorImage::filled([4, 4], egui::Color32::RED);
    harness.event(Event::PasteImage(std::sync::Arc::new(picture)));
    harness.run_steps(3);
    assert!(harness.state().screen.uploads.portrait().is_some());
    harness.key_press(Key::Escape);
    harness.run_steps(3);
    assert_eq!(harness.state().screen.uploads.files().count(), 0);
    assert_eq!(harness.state().wishes, [Wish::StopFile(1)]);
}

#[test]
fn who_is_there_nobody_says_while_there_is_no_connection() {
    let mut harness = shown(joined());
    harness.get_by_label("3 people");
    harness.state().network.as_ref().expect("a network").act(|live| live.network.lost(NOW, 0));
    harness.run_steps(3);
    assert!(harness.query_by_label("3 people").is_none() && harness.query_by_label("0 people").is_none());
    assert!(harness.query_by_label("People in this room").is_none());
}

#[test]
fn a_token_that_nobody_waits_for_is_nothing() {
    let harness = shown(joined());
    hear(harness.state(), ":irc TOKEN GENERATE FILEHOST :t0k");
    let network = harness.state().network.as_ref().expect("a network");
    assert_eq!(network.act(|live| live.network.next_news()), Some(News::Token(Ok("t0k".into()))));
}
