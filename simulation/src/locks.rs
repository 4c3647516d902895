//! The browser's locks: one holder for each session, the others in a queue.

use sendapi_pairing_core::model::SessionId;

use crate::world::{Pending, World};

pub(crate) struct Lock {
    pub(crate) session: SessionId,
    pub(crate) holder: Option<(usize, u32)>,
    pub(crate) queue: Vec<(usize, u32)>,
}

impl World<'_> {
    pub(crate) fn lock(&mut self, tab: usize, load: u32, session: SessionId, wanted: bool) {
        if !self.locks.iter().any(|lock| lock.session == session) {
            self.locks.push(Lock {
                session: session.clone(),
                holder: None,
                queue: Vec::new(),
            });
        }
        let me = (tab, load);
        for lock in &mut self.locks {
            if lock.session != session {
                continue;
            }
            lock.queue.retain(|other| *other != me);
            if wanted {
                if lock.holder != Some(me) {
                    lock.queue.push(me);
                }
            } else if lock.holder == Some(me) {
                lock.holder = None;
            }
        }
        self.grant();
    }

    /// Gives each free lock to the first who waits for it.
    pub(crate) fn grant(&mut self) {
        for at in 0..self.locks.len() {
            if self.locks[at].holder.is_some() || self.locks[at].queue.is_empty() {
                continue;
            }
            let next = self.locks[at].queue.remove(0);
            self.locks[at].holder = Some(next);
            let session = self.locks[at].session.clone();
            let soon = self.t + self.chance.between(1, 20);
            let (tab, load) = next;
            self.schedule(soon, Pending::Grant { tab, load, session });
        }
    }

    /// A tab's page is gone, and with it its locks.
    pub(crate) fn release_locks(&mut self, tab: usize) {
        for lock in &mut self.locks {
            lock.queue.retain(|(other, _)| *other != tab);
            if lock.holder.is_some_and(|(holder, _)| holder == tab) {
                lock.holder = None;
            }
        }
        self.grant();
    }
}
