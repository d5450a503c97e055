-- The store's format 9. `PRAGMA application_id` and `user_version` (the format) are set in the same transaction.

-- What happened, in order. Sequence numbers only grow; a gap is a fact that was voided before anybody saw it.
CREATE TABLE facts (
    seq        INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,    -- milliseconds since 1970 UTC, never less than the row of the same
                                    -- conversation before; of the row before, but for what was imported
    kind       TEXT    NOT NULL,    -- as in `data`: 'said', 'joined', …
    channel    TEXT,                -- of what is said in a channel, its key; before it a symbol ('@') when it was said to
                                    -- those of some rank only. NULL for all else
    data       TEXT    NOT NULL,    -- the fact as JSON, without its text
    text       TEXT,                -- what a person wrote; NULL: nothing, or erased (then `text_check` is there). What is
                                    -- secret of an account stands in its row only
    text_check INTEGER,             -- CRC-32 of the text; stays when the text is erased
    row_check  INTEGER NOT NULL,    -- CRC-32 of seq, at, kind, data and text_check
    chain      INTEGER NOT NULL     -- CRC-32 of the former row's chain and this row's row_check; 0 stands before the first
);

CREATE INDEX messages_of_channel ON facts (channel, seq) WHERE channel IS NOT NULL;

-- Keys of channels, where they are not the folded name: a channel that is renamed takes its key along, and the name it had
-- gets a new one, the name, a space and the place of the fact.
CREATE TABLE channel_keys (
    name TEXT PRIMARY KEY,          -- folded
    key  TEXT NOT NULL
) WITHOUT ROWID;

-- Whose the direct messages are. An owner may read them: 'account:alice', or 'user:17' who had none; a peer is how the
-- other one knew them: 'account:alice' or 'nick:alice'.
CREATE TABLE direct (
    seq            INTEGER PRIMARY KEY,
    sender_owner   TEXT NOT NULL,
    sender_peer    TEXT NOT NULL,
    sender_nick    TEXT NOT NULL,
    receiver_owner TEXT NOT NULL,
    receiver_peer  TEXT NOT NULL,
    receiver_nick  TEXT NOT NULL
);

CREATE INDEX direct_sent ON direct (sender_owner, receiver_peer, seq);
CREATE INDEX direct_received ON direct (receiver_owner, sender_peer, seq);
CREATE INDEX direct_sent_in_order ON direct (sender_owner, seq);
CREATE INDEX direct_received_in_order ON direct (receiver_owner, seq);

-- What was said and got other words later: each of them is the text of the fact 'edited' at `seq`.
CREATE TABLE edits (
    seq     INTEGER PRIMARY KEY,
    message INTEGER NOT NULL        -- the place of what was said
);

CREATE INDEX edits_of_message ON edits (message, seq);

-- What was edited or taken back, by the fact 'edited' or 'redacted' at `seq`, found from where it was said: who was away asks
-- for that. In a channel: its key, unless it was said to those of some rank only; else both owners, as in `direct`.
CREATE TABLE corrections (
    place   TEXT    NOT NULL,
    seq     INTEGER NOT NULL,
    message INTEGER NOT NULL,       -- the place of what was said
    PRIMARY KEY (place, seq)
) WITHOUT ROWID;

CREATE INDEX corrections_of_message ON corrections (message);

-- What was said, in its newest words, unless it was erased.
CREATE VIEW newest_texts AS
SELECT said.seq AS seq, coalesce((
    SELECT edited.text FROM edits JOIN facts edited ON edited.seq = edits.seq
    WHERE edits.message = said.seq ORDER BY edits.seq DESC LIMIT 1
), said.text) AS text
FROM facts said WHERE said.kind = 'said' AND said.text <> '';

-- Texts that were erased or changed, until the index of words (a database of its own) is without them; with what it needs
-- to find them.
CREATE TABLE to_forget (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    said    INTEGER NOT NULL,       -- the place of what was said
    channel TEXT,                   -- as in `facts`
    data    TEXT NOT NULL,          -- as in `facts`
    text    TEXT NOT NULL           -- the newest text before
);

CREATE INDEX to_forget_of_message ON to_forget (said, id);

-- What clients have given an id (`loggia.chat/delivery`): a stream is a random name that a client has chosen, a secret.
CREATE TABLE streams (
    id      INTEGER PRIMARY KEY,
    name    TEXT    NOT NULL UNIQUE,
    account TEXT,                   -- whose it is: the account that has begun it
    highest INTEGER NOT NULL,       -- the highest number that was kept
    until   INTEGER NOT NULL        -- milliseconds since 1970 UTC: after that the stream may be forgotten
);

CREATE INDEX streams_by_end ON streams (until);

-- Which fact a number of a stream is.
CREATE TABLE deliveries (
    stream INTEGER NOT NULL,
    number INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    PRIMARY KEY (stream, number)
) WITHOUT ROWID;

-- What people saw happen in channels besides messages, and in which.
CREATE TABLE happenings (
    seq  INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    data TEXT    NOT NULL,          -- as JSON, without the text
    text TEXT,                      -- a reason or a topic
    text_check INTEGER,             -- as in facts
    row_check  INTEGER NOT NULL     -- CRC-32 of seq, at, 'happening', data and text_check
);

CREATE TABLE happenings_of_channel (
    channel TEXT    NOT NULL,       -- its key
    seq     INTEGER NOT NULL,
    PRIMARY KEY (channel, seq)
) WITHOUT ROWID;

CREATE INDEX channels_of_happening ON happenings_of_channel (seq);

-- Durable state as the newest fact left it, changed in the same transaction: channels, accounts and so on.
CREATE TABLE rows (
    kind TEXT NOT NULL,             -- 'channel', 'account', …
    key  TEXT NOT NULL,             -- folded names
    data TEXT NOT NULL,             -- as JSON
    row_check INTEGER NOT NULL,     -- CRC-32 of kind, key and data, a zero byte after each but the last
    PRIMARY KEY (kind, key)
) WITHOUT ROWID;

-- Removed accounts whose texts are being erased: all places before `next` were looked at, all through `through` are to be.
CREATE TABLE erasures (
    account TEXT PRIMARY KEY,       -- folded
    next    INTEGER NOT NULL,
    through INTEGER NOT NULL
) WITHOUT ROWID;

-- Which messages of other programs were imported, and where they stand.
CREATE TABLE imported (
    source BLOB PRIMARY KEY,        -- 16 bytes that tell the message from all others
    seq    INTEGER NOT NULL
) WITHOUT ROWID;

-- One value each: log_id (the number in every message id), created (by which program version), casemapping (of the
-- folded names), high_water (a sequence number at least as high as every one that was ever given to a voided fact);
-- removed_through, removed_at and chain_start: place, time and chain of the last fact that was removed from the log's
-- beginning; kept_bytes: the bytes of `data` and `text` in facts and happenings.
CREATE TABLE meta (
    name  TEXT PRIMARY KEY,
    value ANY NOT NULL
) WITHOUT ROWID, STRICT;

-- Written to see whether the disk takes anything again; otherwise empty.
CREATE TABLE probe (
    filler BLOB NOT NULL
);
