//! What comes from outside, as it was planned.

use super::World;
use crate::plan::Event;

impl World {
    pub(super) fn event(&mut self, event: &Event) {
        match *event {
            Event::Disk(mut faults) => {
                if faults.bytes_max.is_some() {
                    // It is full now, or nearly.
                    faults.bytes_max = Some(self.disk.bytes() + self.random.below(30_000));
                }
                self.disk.set_faults(faults);
            }
            Event::Crash { how, after_operations } => {
                self.crash = how;
                match after_operations {
                    Some(operations) => self.disk.crash_after(operations),
                    None => self.disk.crash(),
                }
            }
            Event::Restart => {
                self.watch.counts.restarts += 1;
                self.stop();
            }
            Event::Reload => {
                if let Some(server) = &mut self.server {
                    server.reload(crate::server::moment(self.now));
                }
            }
            Event::Cut(client) => self.cut(client),
            Event::Backup => self.begin_backup(),
            Event::HalfClose(client) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.client == client) {
                    link.half_close();
                }
            }
            Event::Stall(client, time) => {
                if let Some(link) = self.links.iter_mut().find(|link| link.client == client) {
                    link.stalled_until = self.now + time;
                }
            }
        }
    }
}
