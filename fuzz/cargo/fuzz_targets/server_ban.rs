#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::targets::server_ban::server_ban(data));
