//! What it costs to give a turn's messages to a room: rendering, finding the members, handing over their bytes.

#![allow(missing_docs, reason = "criterion's macros")]

#[path = "../tests/room/mod.rs"]
mod room;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use room::Room;

/// Messages of one turn.
const MESSAGES: u64 = 16;

fn fan_out(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("fan-out");
    for members in [10, 100, 1000, 5000] {
        let mut room = Room::of(members);
        let effects: Vec<_> = (0..MESSAGES).map(|_| room.message()).collect();
        group.throughput(Throughput::Elements(MESSAGES * (members - 1)));
        group.bench_function(BenchmarkId::from_parameter(members), |bencher| {
            bencher.iter(|| {
                for effect in &effects {
                    room.deliver(effect);
                }
                room.write()
            });
        });
    }
    group.finish();
}

criterion_group!(benches, fan_out);
criterion_main!(benches);
