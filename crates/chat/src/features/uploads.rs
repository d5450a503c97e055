//! UPLOADS: what operators do with files that people share. The edge keeps the files and removes them; that an operator has
//! removed somebody's is noted here.
//!
//! The file goes first, and what is noted follows: a disk that is full of files has to be emptied before it takes a note.
//!
//! Who may: [`crate::permission::check_upload`], and [`super::oper::permit`] by IRC. Wire: `session::features::uploads`. Proof:
//! `scenarios/uploads.txt`, `tests/e2e/test_uploads.py`.

use std::sync::Arc;

use super::{Decision, audit, record};
use crate::audit::AuditAct;
use crate::command::RemovedUpload;
use crate::fact::Fact;
use crate::ids::UserId;
use crate::user::User;
use crate::world::World;

/// Nobody on the network: no user has this number.
const NOBODY: UserId = UserId(0);

/// Notes what an operator has removed.
pub fn removed(user: &User, removed: &RemovedUpload) -> Decision {
    record(audit::entry(user, AuditAct::UploadRemoved, Some(&removed.name), &removed.about))
}

/// Notes what an operator has removed who came by HTTP with a token: as the one who has that nick now, if that is an operator.
pub fn removed_by_http(world: &World, removed: &RemovedUpload) -> Decision {
    let user = world.user_by_nick(&removed.by).filter(|user| user.operator.is_some());
    let (user, by) =
        user.map_or_else(|| (NOBODY, Arc::from(&*removed.by)), |user| (user.id, Arc::clone(user.person.mask())));
    record(Fact::Audited {
        user,
        by,
        act: AuditAct::UploadRemoved,
        target: Some((*removed.name).into()),
        reason: (*removed.about).into(),
    })
}
