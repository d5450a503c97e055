//! What chat means: users, channels, permissions, messages; decide and apply.
