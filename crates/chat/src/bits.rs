//! Sets of flags in the log: a number, one bit for each flag. Bits that a later version may have set are dropped.

/// Reads and writes a `bitflags` set as its number.
macro_rules! as_number {
    ($set:ty) => {
        impl serde::Serialize for $set {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serde::Serialize::serialize(&self.bits(), serializer)
            }
        }

        impl<'de> serde::Deserialize<'de> for $set {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                serde::Deserialize::deserialize(deserializer).map(Self::from_bits_truncate)
            }
        }
    };
}

pub(crate) use as_number;
