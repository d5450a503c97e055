//! The program `loggia`.
fn main() {}
