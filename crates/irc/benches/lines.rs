//! What it costs to read a line and to write one.

#![allow(missing_docs, reason = "criterion's macros")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use irc::line::{Framed, LineBuffer, LineLimits};
use irc::message::Message;
use irc::write::LineWriter;

const PLAIN: &[u8] = b"PRIVMSG #piazza :tea and biscuits on the piazza, as every afternoon when the bell strikes four";
const TAGGED: &[u8] =
    b"@label=42;+draft/reply=abc :alice!~alice@home PRIVMSG #piazza :tea and biscuits on the piazza, as every afternoon";

fn parse(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("parse");
    for (name, line) in [("plain", PLAIN), ("tagged", TAGGED)] {
        group.throughput(Throughput::Bytes(line.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| Message::parse(black_box(line)).is_ok()));
    }
    let read = [PLAIN, b"\r\n"].concat().repeat(100);
    group.throughput(Throughput::Bytes(read.len() as u64));
    group.bench_function("a read of 100 lines", |bencher| {
        bencher.iter(|| {
            let mut lines = LineBuffer::new(LineLimits::FROM_CLIENT);
            let (mut input, mut count) = (black_box(&read[..]), 0);
            while let Some(framed) = lines.next(&mut input) {
                count += usize::from(matches!(framed, Framed::Line(line) if Message::parse(line).is_ok()));
            }
            count
        });
    });
    group.finish();
}

fn write(criterion: &mut Criterion) {
    let mut out = Vec::with_capacity(4096);
    criterion.bench_function("write a message with tags", |bencher| {
        bencher.iter(|| {
            out.clear();
            LineWriter::new(&mut out)
                .tag("time", Some("2026-11-29T12:00:00.000Z"))
                .tag("msgid", Some("abcdefgh-1"))
                .source("alice!~alice@home")
                .command("PRIVMSG")
                .param("#piazza")
                .trailing(black_box("tea and biscuits on the piazza, as every afternoon when the bell strikes four"))
                .end();
            out.len()
        });
    });
}

criterion_group!(benches, parse, write);
criterion_main!(benches);
