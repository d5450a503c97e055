//! The classroom chat protocols: variants as data, and their framing.
