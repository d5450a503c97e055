//! What a line does: a message, or a command.

use client::network::Standing;
use client::outbox::What;

use super::{App, Mode, Wish, pieces};
use crate::rich_text::bare;
use crate::words::{Language, fill};

/// A command, for those who ask which there are.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) name: &'static str,
    /// What stands behind it.
    usage: &'static str,
    english: &'static str,
    italian: &'static str,
}

impl Command {
    pub(crate) fn usage(&self) -> String {
        format!("/{} {}", self.name, self.usage).trim_end().to_owned()
    }

    pub(crate) fn meaning(&self, language: Language) -> &'static str {
        match language {
            Language::English => self.english,
            Language::Italian => self.italian,
        }
    }
}

macro_rules! commands {
    ($($name:literal $usage:literal $english:literal $italian:literal;)*) => {
        /// All commands; how they are done is below.
        pub(crate) const COMMANDS: &[Command] =
            &[$(Command { name: $name, usage: $usage, english: $english, italian: $italian },)*];
    };
}

commands! {
    "away" "[reason]" "you are away" "sei via";
    "back" "" "you are here again" "sei di nuovo qui";
    "ban" "name" "may not come in any more" "non può più entrare";
    "close" "" "put this conversation away" "metti via questa conversazione";
    "delete" "" "take back your last message, or the chosen one" "cancella il tuo ultimo messaggio, o quello scelto";
    "deop" "name" "no longer an operator" "non è più operatore";
    "edit" "[text]" "other words for your last message" "altre parole per il tuo ultimo messaggio";
    "help" "" "this list" "questo elenco";
    "ignore" "[name]" "you do not hear them; without a name: who that is" "non lo senti; senza nome: chi sono";
    "invite" "name" "invite to this room" "invita in questa stanza";
    "join" "#room [key]" "enter a room" "entra in una stanza";
    "kick" "name [reason]" "put out of the room" "metti fuori dalla stanza";
    "list" "" "the rooms there are" "le stanze che ci sono";
    "me" "waves" "what you do" "quel che fai";
    "mode" "[+i …]" "the rules of the room" "le regole della stanza";
    "mouse" "on|off" "the program gets the mouse, or the terminal" "il mouse è del programma o del terminale";
    "msg" "name text" "write to somebody" "scrivi a qualcuno";
    "mute" "" "this room tells you nothing" "questa stanza non ti avvisa";
    "nick" "name" "be called otherwise" "cambia nome";
    "notice" "name text" "write a notice" "scrivi un avviso";
    "op" "name" "make an operator" "fallo operatore";
    "part" "[reason]" "leave this room" "esci da questa stanza";
    "query" "name" "a conversation with somebody" "una conversazione con qualcuno";
    "quit" "[reason]" "leave, and end the program" "esci, e chiudi il programma";
    "raw" "LINE" "send a line of IRC" "manda una riga di IRC";
    "react" "emoji" "react to the last message, or the chosen one: /react tada" "reagisci all’ultimo messaggio o a quello scelto: /react tada";
    "reply" "text" "answer the last message of somebody else, or the chosen one" "rispondi all’ultimo messaggio di un altro o a quello scelto";
    "search" "words" "look for what was said" "cerca quel che è stato detto";
    "topic" "[text]" "what the room is about" "di che cosa si parla qui";
    "unban" "name" "may come in again" "può di nuovo entrare";
    "unignore" "name" "you hear them again" "lo senti di nuovo";
    "unmute" "" "this room tells you of news again" "questa stanza ti avvisa di nuovo";
    "voice" "name" "give voice" "dai voce";
    "unvoice" "name" "take voice" "togli voce";
    "whois" "name" "who is this?" "chi è?";
}

impl App {
    /// Sends a text, or does what it says. What was `pasted` is never a command.
    pub(super) fn submit(&mut self, text: &str, pasted: bool) {
        if let Some(command) = text.strip_prefix('/').filter(|_| !pasted) {
            // A path, or what shall be said with a slash in front.
            if let Some(said) = command.strip_prefix('/') {
                return self.speak(&format!("/{said}"));
            }
            let (name, rest) = command.split_once([' ', '\n']).unwrap_or((command, ""));
            return self.command(&name.to_lowercase(), rest.trim());
        }
        self.speak(text);
    }

    /// Says something in the room on the screen: anew, as an answer, or in the place of something else.
    fn speak(&mut self, text: &str) {
        let Some(target) = self.current.clone() else {
            return self.say_here(self.words.needs_room.to_owned());
        };
        match std::mem::replace(&mut self.mode, Mode::Writing) {
            Mode::Editing(msgid) => {
                let text = text.replace('\n', " ");
                if self.network.standing() == Standing::Online && !self.network.has("loggia.chat/edit") {
                    return self.say_here(self.words.not_supported.to_owned());
                }
                self.network.say(What::Edit { target: target.into(), msgid, text: text.into() });
            }
            Mode::Replying(id) => self.say(&target, text, Some(&id), false),
            Mode::Writing | Mode::Choosing(_) | Mode::Help(_) | Mode::Found => self.say(&target, text, None, false),
        }
        self.view().scroll.rows = 0;
        self.view().new_since = None;
    }

    fn say(&mut self, target: &str, text: &str, reply_to: Option<&str>, notice: bool) {
        let has_lines = self.network.has("draft/multiline") && self.network.has("batch");
        let me = self.network.state().me.to_string();
        let mut tags: Vec<_> = reply_to.map(|id| ("+draft/reply".into(), Some(id.into()))).into_iter().collect();
        for piece in pieces(text, &me, target, has_lines) {
            let tags = std::mem::take(&mut tags);
            self.network.say(What::Say { notice, target: target.into(), text: piece.into(), tags });
        }
    }

    fn command(&mut self, name: &str, rest: &str) {
        let (first, more) = rest.split_once(' ').map_or((rest, ""), |(first, more)| (first, more.trim()));
        match name {
            "help" => self.mode = Mode::Help(0),
            "quit" | "exit" => {
                let text = if rest.is_empty() { self.words.goodbye } else { rest };
                self.wishes.push(Wish::Quit(text.to_owned()));
            }
            "join" | "j" => self.join(first, more),
            "part" | "leave" => self.part(rest),
            "close" => self.part(""),
            "query" | "msg" | "notice" => self.write_to(name, first, more),
            "search" if !rest.is_empty() => self.search(rest),
            "ignore" if first.is_empty() => {
                let nicks = self.known.ignored.iter().cloned().collect::<Vec<_>>().join(", ");
                self.say_here(fill(self.words.ignored, &[("nicks", &nicks)]));
            }
            "ignore" | "unignore" if !first.is_empty() => self.ignore(first, name == "ignore"),
            "mute" | "unmute" => self.mute(name == "mute"),
            "mouse" if matches!(first, "on" | "off") => self.wishes.push(Wish::Mouse(first == "on")),
            "reply" | "react" | "edit" | "delete" => self.about_a_message(name, rest),
            "me" if !rest.is_empty() => self.act(rest),
            _ => self.of_the_server(name, rest),
        }
    }

    /// Does what the server does.
    fn of_the_server(&mut self, name: &str, rest: &str) {
        let (first, more) = rest.split_once(' ').map_or((rest, ""), |(first, more)| (first, more.trim()));
        let room = self.room().filter(|room| room.is_channel).map(|room| room.name.to_string());
        let needs_room = matches!(
            name,
            "ban" | "unban" | "deop" | "op" | "voice" | "unvoice" | "invite" | "kick" | "mode" | "topic"
        );
        let needs_word = matches!(
            name,
            "ban" | "unban" | "deop" | "op" | "voice" | "unvoice" | "invite" | "kick" | "nick" | "raw" | "whois"
        );
        let Some(known) = COMMANDS.iter().find(|command| command.name == name) else {
            return self.say_here(fill(self.words.no_command, &[("name", &bare(name))]));
        };
        let room = room.as_deref();
        if needs_room && room.is_none() {
            return self.say_here(self.words.needs_room.to_owned());
        }
        if needs_word && first.is_empty() {
            return self.say_here(fill(self.words.needs, &[("usage", &known.usage())]));
        }
        let room = room.unwrap_or_default();
        let mask = if first.contains(['!', '@', '*']) { first.to_owned() } else { format!("{first}!*@*") };
        let is_sent = match name {
            "away" => self.network.command("AWAY", &[if rest.is_empty() { "away" } else { rest }]),
            "back" => self.network.command("AWAY", &[]),
            "ban" => self.network.command("MODE", &[room, "+b", &mask]),
            "unban" => self.network.command("MODE", &[room, "-b", &mask]),
            "op" => self.network.command("MODE", &[room, "+o", first]),
            "deop" => self.network.command("MODE", &[room, "-o", first]),
            "voice" => self.network.command("MODE", &[room, "+v", first]),
            "unvoice" => self.network.command("MODE", &[room, "-v", first]),
            "invite" => self.network.command("INVITE", &[first, room]),
            "kick" if more.is_empty() => self.network.command("KICK", &[room, first]),
            "kick" => self.network.command("KICK", &[room, first, more]),
            "list" => self.network.command("LIST", &[]),
            "mode" => {
                let words: Vec<&str> = std::iter::once(room).chain(rest.split_whitespace()).collect();
                self.network.command("MODE", &words)
            }
            "nick" => self.network.command("NICK", &[first]),
            "topic" if rest.is_empty() => {
                let topic = self.room().and_then(|room| room.topic.as_ref()).map(|topic| bare(&topic.text));
                return self.say_here(topic.unwrap_or_else(|| "–".to_owned()));
            }
            "topic" => self.network.command("TOPIC", &[room, rest]),
            "whois" => self.network.command("WHOIS", &[first]),
            "raw" => {
                let (line, last) = rest.split_once(" :").map_or((rest, None), |(line, last)| (line, Some(last)));
                let words: Vec<&str> = line.split_whitespace().skip(1).chain(last).collect();
                self.network.command(&first.to_uppercase(), &words)
            }
            _ => return self.say_here(fill(self.words.needs, &[("usage", &known.usage())])),
        };
        if !is_sent {
            self.say_here(self.words.needs_connection.to_owned());
        }
    }

    fn join(&mut self, room: &str, key: &str) {
        if room.is_empty() {
            let usage = COMMANDS.iter().find(|command| command.name == "join").map(Command::usage);
            return self.say_here(fill(self.words.needs, &[("usage", &usage.unwrap_or_default())]));
        }
        let room = if self.network.state().isupport.is_channel(room) { room.to_owned() } else { format!("#{room}") };
        if self.network.state().room(&room).is_some_and(|known| known.is_joined) {
            return self.show(Some(&room));
        }
        self.wanted = Some(room.clone());
        if key.is_empty() {
            self.network.join(&room);
        } else {
            self.network.command("JOIN", &[&room, key]);
        }
    }

    /// Leaves the room on the screen; a conversation with somebody is put away.
    fn part(&mut self, reason: &str) {
        let Some(name) = self.current.clone() else { return };
        if self.network.state().isupport.is_channel(&name) {
            self.network.part(&name, reason);
        }
        self.network.put_away(&name);
        let next = self.room_names().into_iter().find(|other| *other != name);
        self.show(next.as_deref());
    }

    fn write_to(&mut self, name: &str, who: &str, text: &str) {
        let needs_text = name == "notice";
        if who.is_empty() || (needs_text && text.is_empty()) {
            let usage = COMMANDS.iter().find(|command| command.name == name).map(Command::usage);
            return self.say_here(fill(self.words.needs, &[("usage", &usage.unwrap_or_default())]));
        }
        if self.network.open(who) && !needs_text {
            self.show(Some(who));
        }
        if !text.is_empty() {
            self.say(who, text, None, needs_text);
        }
    }

    fn search(&mut self, words: &str) {
        if self.network.search(words, None) {
            self.say_here(self.words.searching.to_owned());
        } else {
            let is_online = self.network.standing() == Standing::Online;
            let why = if is_online { self.words.not_supported } else { self.words.needs_connection };
            self.say_here(why.to_owned());
        }
    }

    fn ignore(&mut self, nick: &str, ignore: bool) {
        if ignore {
            self.known.ignored.insert(nick.to_owned());
        } else {
            let folded = self.key(nick);
            let state = self.network.state();
            self.known.ignored.retain(|known| state.isupport.fold(known) != folded);
        }
        self.network.ignore(self.known.ignored.iter().map(String::as_str));
        self.wishes.push(Wish::Keep);
        let text = if ignore { self.words.ignoring } else { self.words.hearing };
        self.say_here(fill(text, &[("nick", &bare(nick))]));
    }

    fn mute(&mut self, mute: bool) {
        let Some(room) = self.current.clone() else {
            return self.say_here(self.words.needs_room.to_owned());
        };
        let key = self.key(&room);
        if mute {
            self.known.muted.insert(key);
        } else {
            self.known.muted.remove(&key);
        }
        self.wishes.push(Wish::Keep);
        let text = if mute { self.words.muted } else { self.words.unmuted };
        self.say_here(fill(text, &[("room", &bare(&room))]));
    }

    fn act(&mut self, text: &str) {
        let Some(target) = self.current.clone() else {
            return self.say_here(self.words.needs_room.to_owned());
        };
        let text = text.replace('\n', " ");
        let me = self.network.state().me.to_string();
        for piece in pieces(&text, &me, &format!("{target}ACTION   "), false) {
            self.network.say(What::say(&target, &format!("\u{1}ACTION {piece}\u{1}")));
        }
    }

    /// Does something with the chosen message, or with the newest that it can be done with.
    fn about_a_message(&mut self, name: &str, rest: &str) {
        let is_own = matches!(name, "edit" | "delete");
        let Some(id) = self.meant(|entry| if is_own { entry.is_own } else { name == "react" || !entry.is_own }) else {
            return self.say_here(self.words.needs_message.to_owned());
        };
        match name {
            "delete" => self.ask_to_delete(&id),
            "edit" if rest.is_empty() => self.edit(&id),
            "edit" => {
                self.mode = Mode::Editing(id);
                self.speak(rest);
            }
            "react" => {
                let shortcode = rest.trim_matches(':');
                let sign = emojis::get(rest).or_else(|| emojis::get_by_shortcode(shortcode));
                self.mode = Mode::Writing;
                match sign {
                    Some(sign) => self.react(&id, sign.as_str()),
                    None => self.say_here(fill(self.words.no_emoji, &[("name", &bare(rest))])),
                }
            }
            _ => {
                self.mode = Mode::Replying(id);
                if !rest.is_empty() {
                    self.speak(rest);
                }
            }
        }
    }
}
