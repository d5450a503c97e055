//! Tells the person of messages for them through the desktop, on a thread of its own: whoever shows notifications may take its
//! time, or not be there at all.

use std::sync::mpsc::{SyncSender, sync_channel};

use crate::screen::telling::Told;

/// The most that wait to be shown; more than that nobody reads.
const WAITING_MAX: usize = 16;

/// Shows notifications.
pub struct Notifications(Option<SyncSender<Told>>);

impl Notifications {
    /// Begins. Where the system has no thread left, nothing is shown.
    pub fn start(app: &'static str) -> Self {
        let (tell, told) = sync_channel::<Told>(WAITING_MAX);
        let thread = std::thread::Builder::new().name("notifications".to_owned()).spawn(move || {
            for Told { room, text } in told {
                let mut notification = notify_rust::Notification::new();
                notification.appname(app).summary(&room).body(&escaped(&text));
                // Without a service that shows them there are none; the title of the window says how many there are.
                let _ = notification.show();
            }
        });
        Self(thread.is_ok().then_some(tell))
    }

    /// Shows one; what comes faster than it can be shown is left out.
    pub fn show(&self, told: Told) {
        if let Some(tell) = &self.0 {
            let _ = tell.try_send(told);
        }
    }
}

/// Some services read marks in the text (Desktop Notifications Specification, "Markup"): what people write is no marks.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_people_write_is_no_markup() {
        assert_eq!(super::escaped("<b>a & b</b>"), "&lt;b&gt;a &amp; b&lt;/b&gt;");
    }
}
