//! What a delivery allocates: nothing.

mod room;

use allocation_counter::AllocationInfo;
use room::Room;

/// Messages of one turn. With the larger room's members, fewer pieces than the shard keeps room for between turns.
const MESSAGES: u64 = 10;

/// What one message allocates for all: the texts of tags, in each of three renderings.
const ALLOCATIONS_PER_MESSAGE_MAX: u64 = 12;

/// Delivers a turn's messages to so many members, who have heard as many before; returns what that allocated and how many bytes were
/// written. Three renderings stand behind each other in the turn's buffer, so what a member gets is not in one piece.
fn deliver(members: u64) -> (AllocationInfo, usize) {
    let mut room = Room::of(members);
    let effects: Vec<_> = (0..MESSAGES).map(|_| room.message()).collect();
    let turn = |room: &mut Room| {
        for effect in &effects {
            room.deliver(effect);
        }
        room.write()
    };
    // The buffers that all turns share have their sizes after this.
    turn(&mut room);
    let mut bytes = 0;
    let allocated = allocation_counter::measure(|| bytes = turn(&mut room));
    (allocated, bytes)
}

#[test]
fn a_delivery_allocates_nothing() {
    let (few, bytes_to_few) = deliver(30);
    let (many, bytes_to_many) = deliver(900);
    // They were delivered: to all but who spoke.
    assert!(bytes_to_many > bytes_to_few * 29 && bytes_to_few > 29 * 10 * 100, "{bytes_to_few}, {bytes_to_many}");
    // What a message needs once, its renderings, is the same for few and for many.
    assert_eq!(few.count_total, many.count_total, "{few:?}, {many:?}");
    assert!(many.count_total <= MESSAGES * ALLOCATIONS_PER_MESSAGE_MAX, "{many:?}");
}
