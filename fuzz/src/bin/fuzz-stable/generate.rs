//! Inputs made from kept ones, from a target's words, and from nothing. The same seed makes the same inputs.

use fuzz::Target;

/// The most changes made to one input.
const CHANGES_MAX: usize = 12;
/// The most generated inputs that are kept to be changed again.
const POOL_MAX: usize = 256;

/// Numbers without meaning (the SplitMix64 sequence).
#[derive(Clone, Debug)]
pub(crate) struct Random {
    state: u64,
}

impl Random {
    /// Begins a sequence of its own for each target.
    pub(crate) fn new(seed: u64, target: &str) -> Self {
        let state =
            target.bytes().fold(seed, |state, byte| state.wrapping_mul(0x0000_0100_0000_01b3) ^ u64::from(byte));
        Self { state }
    }

    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`; 0 when that is 0.
    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % (limit.max(1) as u64)).unwrap_or_default()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// Makes one input after the other.
#[derive(Debug)]
pub(crate) struct Generator {
    target: &'static Target,
    examples: Vec<Vec<u8>>,
    pool: Vec<Vec<u8>>,
    random: Random,
}

impl Generator {
    pub(crate) fn new(target: &'static Target, examples: Vec<Vec<u8>>, random: Random) -> Self {
        Self { target, examples, pool: Vec::new(), random }
    }

    /// Returns the next input.
    pub(crate) fn next_input(&mut self) -> Vec<u8> {
        let mut input = match self.random.below(8) {
            0 => self.noise(),
            1 => Vec::new(),
            _ => self.another(),
        };
        for _ in 0..=self.random.below(CHANGES_MAX) {
            self.change(&mut input);
        }
        input.truncate(self.target.input_bytes_max);
        // Changed inputs that are changed again get far from what they were.
        if self.random.below(16) == 0 {
            if self.pool.len() < POOL_MAX {
                self.pool.push(input.clone());
            } else {
                let place = self.random.below(POOL_MAX);
                self.pool[place].clone_from(&input);
            }
        }
        input
    }

    fn noise(&mut self) -> Vec<u8> {
        let length = self.random.below(self.target.input_bytes_max.min(512));
        (0..length).map(|_| self.random.byte()).collect()
    }

    /// A kept input, or one made earlier.
    fn another(&mut self) -> Vec<u8> {
        let from = if self.random.below(3) == 0 && !self.pool.is_empty() { &self.pool } else { &self.examples };
        if from.is_empty() {
            return Vec::new();
        }
        from[self.random.below(from.len())].clone()
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let place = self.random.below(input.len() + 1);
        match self.random.below(10) {
            0 if place < input.len() => input[place] ^= 1 << self.random.below(8),
            1 if place < input.len() => input[place] = self.random.byte(),
            2 => {
                let byte = self.random.byte();
                insert(input, place, &[byte]);
            }
            3 | 4 if !self.target.words.is_empty() => {
                let word = self.target.words[self.random.below(self.target.words.len())];
                insert(input, place, word);
            }
            5 => {
                let end = (place + 1 + self.random.below(16)).min(input.len());
                input.drain(place..end);
            }
            6 => {
                let end = (place + 1 + self.random.below(64)).min(input.len());
                let part = input[place..end].to_vec();
                let to = self.random.below(input.len() + 1);
                insert(input, to, &part);
            }
            7 => self.splice(input, place),
            8 => self.add_lines(input),
            _ => {
                let byte = b" \n\r\0:@,*#+-~\xff019azAZ"[self.random.below(19)];
                insert(input, place, &[byte]);
            }
        }
    }

    /// Ends the input as another one ends.
    fn splice(&mut self, input: &mut Vec<u8>, place: usize) {
        let other = self.another();
        input.truncate(place);
        let from = self.random.below(other.len() + 1);
        input.extend_from_slice(&other[from..]);
    }

    /// Puts some lines of another input somewhere between the lines of this one.
    fn add_lines(&mut self, input: &mut Vec<u8>) {
        let other = self.another();
        let lines: Vec<&[u8]> = other.split_inclusive(|byte| *byte == b'\n').collect();
        let from = self.random.below(lines.len());
        let some: Vec<u8> = lines.into_iter().skip(from).take(1 + self.random.below(4)).flatten().copied().collect();
        let ends = input.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(place, _)| place + 1);
        let places: Vec<usize> = [0].into_iter().chain(ends).collect();
        let place = places[self.random.below(places.len())];
        insert(input, place, &some);
    }
}

fn insert(input: &mut Vec<u8>, place: usize, bytes: &[u8]) {
    input.splice(place..place, bytes.iter().copied());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_makes_the_same_inputs_again() {
        let target = fuzz::target("message").expect("is a target");
        let inputs = |seed| {
            let random = Random::new(seed, target.name);
            let mut generator = Generator::new(target, vec![b"PRIVMSG #tea :hello".to_vec()], random);
            (0..200).map(|_| generator.next_input()).collect::<Vec<_>>()
        };
        assert_eq!(inputs(7), inputs(7));
        assert_ne!(inputs(7), inputs(8));
        assert!(inputs(7).iter().all(|input| input.len() <= target.input_bytes_max));
    }
}
