//! What keys and the mouse do.

use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::{App, Mode, Question, Wish};

/// More lines than this at once are asked about before they are sent.
const PASTE_LINES_UNASKED: usize = 3;

/// How many rows the wheel moves.
const WHEEL_ROWS: usize = 3;

impl App {
    /// Takes what the terminal has to tell.
    pub(crate) fn input(&mut self, event: &Event) {
        match event {
            Event::Key(key) if key.kind != KeyEventKind::Release => self.press(*key),
            Event::Paste(text) => self.paste(&text.replace("\r\n", "\n").replace('\r', "\n")),
            Event::Mouse(mouse) => self.mouse(*mouse),
            Event::FocusGained => {
                self.is_focused = true;
                self.read();
            }
            Event::FocusLost => self.is_focused = false,
            Event::Key(_) | Event::Resize(..) => {}
        }
    }

    fn press(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        if control && matches!(key.code, KeyCode::Char('c' | 'q')) {
            return self.wishes.push(Wish::Quit(self.words.goodbye.to_owned()));
        }
        if !self.questions.is_empty() {
            return self.answered(key);
        }
        match self.mode.clone() {
            Mode::Choosing(id) if !control && self.chosen(&id, key.code) => {}
            Mode::Help(rows) => self.in_list(key.code, rows),
            Mode::Found if key.code == KeyCode::Esc => self.mode = Mode::Writing,
            Mode::Writing | Mode::Choosing(_) | Mode::Replying(_) | Mode::Editing(_) | Mode::Found => {
                if !self.moved(key) {
                    self.write(key);
                }
            }
        }
    }

    fn in_list(&mut self, code: KeyCode, rows: usize) {
        self.mode = match code {
            KeyCode::Down => Mode::Help(rows + 1),
            KeyCode::PageDown => Mode::Help(rows + self.page_rows),
            KeyCode::Up => Mode::Help(rows.saturating_sub(1)),
            KeyCode::PageUp => Mode::Help(rows.saturating_sub(self.page_rows)),
            _ => Mode::Writing,
        };
    }

    /// Moves between rooms and in them. Returns whether the key does that.
    fn moved(&mut self, key: KeyEvent) -> bool {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        match key.code {
            KeyCode::F(1) => self.mode = Mode::Help(0),
            KeyCode::F(2) => self.shows_rooms = !self.shows_rooms,
            KeyCode::F(3) => self.shows_members = !self.shows_members,
            KeyCode::Char('n') if control => self.neighbour(1),
            KeyCode::Char('p') if control => self.neighbour(-1),
            KeyCode::Up if alt || control => self.choose(true),
            KeyCode::Down if alt || control => self.choose(false),
            KeyCode::Char('a') if alt => self.show_new(),
            KeyCode::Char(digit @ '1'..='9') if alt => {
                let place = digit.to_digit(10).and_then(|digit| usize::try_from(digit).ok()).unwrap_or(1) - 1;
                if let Some(room) = self.room_names().get(place).cloned() {
                    self.show(Some(&room));
                }
            }
            KeyCode::PageUp => self.scroll_by(self.page_rows.saturating_sub(1).max(1), true),
            KeyCode::PageDown => self.scroll_by(self.page_rows.saturating_sub(1).max(1), false),
            KeyCode::End if self.composer().is_none_or(|composer| composer.text().is_empty()) || control => {
                self.scroll_by(usize::MAX, false);
            }
            _ => return false,
        }
        true
    }

    fn write(&mut self, key: KeyEvent) {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        let alt = key.modifiers.contains(KeyModifiers::ALT);
        if !matches!(key.code, KeyCode::Tab | KeyCode::BackTab) {
            self.completion = None;
        }
        let composer = &mut self.view().composer;
        match key.code {
            KeyCode::Enter if alt || key.modifiers.contains(KeyModifiers::SHIFT) => composer.insert("\n"),
            KeyCode::Char('j') if control => composer.insert("\n"),
            KeyCode::Enter => return self.enter(),
            KeyCode::Esc => return self.escape(),
            KeyCode::Tab => self.complete(false),
            KeyCode::BackTab => self.complete(true),
            KeyCode::Char('a') if control => composer.home(),
            KeyCode::Char('e') if control => composer.end(),
            KeyCode::Char('u') if control => composer.delete_to_start(),
            KeyCode::Char('k') if control => composer.delete_to_end(),
            KeyCode::Char('w') if control => composer.delete_word(),
            KeyCode::Char('b') if alt => composer.word_left(),
            KeyCode::Char('f') if alt => composer.word_right(),
            KeyCode::Left if control || alt => composer.word_left(),
            KeyCode::Right if control || alt => composer.word_right(),
            KeyCode::Left => composer.left(),
            KeyCode::Right => composer.right(),
            KeyCode::Home => composer.home(),
            KeyCode::End => composer.end(),
            KeyCode::Up => composer.up(),
            KeyCode::Down => composer.down(),
            KeyCode::Backspace if control || alt => composer.delete_word(),
            KeyCode::Backspace => composer.backspace(),
            KeyCode::Delete => composer.delete(),
            KeyCode::Char(letter) if !control => composer.insert(letter.encode_utf8(&mut [0; 4])),
            _ => return,
        }
        self.tell_typing();
    }

    /// Sends what is written, or does it.
    fn enter(&mut self) {
        let text = self.view().composer.take();
        self.typing.sent();
        if !text.trim().is_empty() {
            self.submit(&text, false);
        }
    }

    fn escape(&mut self) {
        if matches!(self.mode, Mode::Editing(_)) {
            self.view().composer.set("");
        }
        self.mode = Mode::Writing;
    }

    /// Many lines at once are mostly a mistake: they are asked about.
    fn paste(&mut self, text: &str) {
        if !self.questions.is_empty() {
            return;
        }
        self.completion = None;
        if text.trim().lines().count() > PASTE_LINES_UNASKED {
            return self.ask(Question::Paste(text.to_owned()));
        }
        // The last line's end is not Return: what is pasted is looked at before it is sent.
        self.view().composer.insert(text.trim_end_matches('\n'));
        self.tell_typing();
    }

    fn mouse(&mut self, mouse: MouseEvent) {
        match mouse.kind {
            MouseEventKind::ScrollUp => self.scroll_by(WHEEL_ROWS, true),
            MouseEventKind::ScrollDown => self.scroll_by(WHEEL_ROWS, false),
            MouseEventKind::Down(MouseButton::Left) => {
                let room_columns = crate::view::rooms_width(self);
                if mouse.column < room_columns {
                    if let Some(room) = self.room_rows.get(usize::from(mouse.row)).cloned() {
                        self.show(room.as_deref());
                    }
                } else if let Some(id) = self.message_rows.get(&mouse.row).cloned() {
                    self.mode = Mode::Choosing(id);
                }
            }
            _ => {}
        }
    }

    /// Moves in what was said; how far up is possible is known when it is drawn.
    fn scroll_by(&mut self, rows: usize, up: bool) {
        let scroll = &mut self.view().scroll;
        scroll.rows = if up { scroll.rows.saturating_add(rows) } else { scroll.rows.saturating_sub(rows) };
        if scroll.rows == 0 {
            self.read();
        }
    }

    /// Shows the room so many places further down in the list.
    fn neighbour(&mut self, step: isize) {
        let names: Vec<Option<String>> = std::iter::once(None).chain(self.room_names().into_iter().map(Some)).collect();
        let place = names.iter().position(|name| *name == self.current).unwrap_or(0);
        let next = (place.cast_signed() + step).rem_euclid(names.len().cast_signed());
        let next = names[next.cast_unsigned()].clone();
        self.show(next.as_deref());
    }

    /// Shows a room in which something is new: where the person is named first.
    fn show_new(&mut self) {
        let state = self.network.state();
        let news = state.rooms().filter(|room| room.unread > 0 && !self.is_muted(&room.name));
        let next = news.max_by_key(|room| (room.mentions > 0, room.unread)).map(|room| room.name.to_string());
        if next.is_some() {
            self.show(next.as_deref());
        }
    }
}
