//! How much and what is taken, and how the answer no is called.

use thiserror::Error;

/// What the server's operator allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The most bytes of a file.
    pub max_bytes: u64,
    /// What is taken: patterns such as `image/*`; `*/*` is everything.
    pub types: Vec<String>,
    /// The most bytes of all files of one account, or of one address without accounts.
    pub quota_bytes: u64,
    /// The most bytes of all files; 0: no limit.
    pub total_bytes: u64,
    /// The most pixels of a picture, width by height.
    pub max_pixels: u64,
}

/// Files that one account, or one address without accounts, may be sending at once.
pub const AT_ONCE_MAX: u32 = 4;

/// Why a file is not taken: the sender can do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// It is larger than [`Limits::max_bytes`].
    #[error("a file may have {limit} bytes at most")]
    TooLarge {
        /// How large it may be.
        limit: u64,
    },
    /// With it, the sender's files would take more than [`Limits::quota_bytes`].
    #[error("your files may take {limit} bytes together")]
    OverQuota {
        /// How much they may take.
        limit: u64,
    },
    /// With it, all files would take more than [`Limits::total_bytes`].
    #[error("the server has no room for more files")]
    NoRoom,
    /// It is not of [`Limits::types`].
    #[error("files of this type are not taken")]
    Type,
    /// It is a picture that may tell where it was taken, in a form that is not understood.
    #[error("a picture of this type may tell where it was taken: send it as JPEG or PNG")]
    UnknownPicture,
    /// It begins as a picture and is none, or not a whole one.
    #[error("the picture is damaged")]
    BrokenPicture,
    /// It has more pixels than [`Limits::max_pixels`].
    #[error("a picture may have {limit} pixels at most")]
    TooManyPixels {
        /// How many it may have.
        limit: u64,
    },
    /// The sender is sending [`AT_ONCE_MAX`] files already.
    #[error("wait until your other files are here")]
    TooManyAtOnce,
    /// The connection ended before the file did.
    #[error("the file has ended early")]
    Incomplete,
    /// It has nothing in it.
    #[error("the file is empty")]
    Empty,
}
