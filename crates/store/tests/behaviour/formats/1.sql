-- The store's format 1. `PRAGMA application_id` and `user_version` (the format) are set in the same transaction.

-- What happened, in order. Sequence numbers only grow; a gap is a fact that was voided before anybody saw it.
CREATE TABLE facts (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,    -- milliseconds since 1970 UTC, never less than the row before
    kind       TEXT    NOT NULL,    -- as in `data`: 'said', 'joined', …
    channel    TEXT,                -- a message's channel, folded: history belongs to the name; NULL for all else
    data       TEXT    NOT NULL,    -- the fact as JSON, without its text
    text       TEXT,                -- what a person wrote; NULL: nothing, or erased (then `text_check` is there)
    text_check INTEGER,             -- CRC-32 of the text; stays when the text is erased
    row_check  INTEGER NOT NULL,    -- CRC-32 of seq, at, kind, data and text_check
    chain      INTEGER NOT NULL     -- CRC-32 of the former row's chain and this row's row_check; 0 stands before the first
);

CREATE INDEX messages_of_channel ON facts (channel, seq) WHERE channel IS NOT NULL;

-- Durable channels as the newest fact left them, changed in the same transaction.
CREATE TABLE channel_rows (
    name TEXT PRIMARY KEY,          -- folded
    data TEXT NOT NULL              -- as JSON
) WITHOUT ROWID;

-- One value each: log_id (the number in every message id), created (by which program version), casemapping (of the
-- folded names), high_water (a sequence number at least as high as every one that was ever given to a voided fact).
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) WITHOUT ROWID, STRICT;

-- Written to see whether the disk takes anything again; otherwise empty.
CREATE TABLE probe (
    filler BLOB NOT NULL
);
