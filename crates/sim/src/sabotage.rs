//! Ways to break one rule, so that a test can show that the checker notices. They live in the simulator's own driver, disk
//! and clock; the server's code knows nothing of them.

/// What is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sabotage {
    /// The hall is told that facts are committed as soon as they are ordered.
    ShowBeforeCommit,
    /// `fsync` says yes and does nothing.
    SkipSync,
    /// An `fsync` that fails says that it succeeded.
    HideFailedSync,
    /// A new process does not know which of the past is private.
    ForgetPrivacy,
    /// What became of something with an id is not known any more.
    ForgetIds,
    /// What was parted from is not taken note of by the shard: who left goes on hearing.
    ForgetDepartures,
    /// Answers of the store are lost.
    LoseAnswers,
    /// Messages are delivered twice.
    DeliverTwice,
    /// Two events that follow each other are delivered in the other order.
    Reorder,
    /// Slow readers may pile up what they like.
    NoQueueBound,
    /// Messages that the disk did not take are written all the same, later.
    KeepVoided,
    /// Who comes back is not told one of the messages that were missed.
    SkipResumed,
    /// Who comes back is told to go on from a place long before.
    TurnCursorBack,
    /// Who searches, privately said things too, is shown what somebody else has found.
    SearchOthers,
    /// Searches do not find the newest message.
    FindLess,
    /// More is removed than is too old.
    KeepLess,
    /// More is removed than is too much.
    KeepFewerBytes,
    /// A backup is the database's file alone, without its write-ahead log.
    CopyWithoutLog,
    /// What a removed account has said stays.
    KeepRemoved,
    /// A new process does not know how far people have read.
    ForgetMarkers,
}

impl Sabotage {
    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::ShowBeforeCommit,
        Self::SkipSync,
        Self::HideFailedSync,
        Self::ForgetPrivacy,
        Self::ForgetIds,
        Self::ForgetDepartures,
        Self::LoseAnswers,
        Self::DeliverTwice,
        Self::Reorder,
        Self::NoQueueBound,
        Self::KeepVoided,
        Self::SkipResumed,
        Self::TurnCursorBack,
        Self::SearchOthers,
        Self::FindLess,
        Self::KeepLess,
        Self::KeepFewerBytes,
        Self::CopyWithoutLog,
        Self::KeepRemoved,
        Self::ForgetMarkers,
    ];
}
