//! The IRC wire grammar: lines, messages, tags, names and folding, masks, the numerics table.
