//! WebP: a list of chunks, of which those that are the picture are kept.
//!
//! Spec: RFC 9649, section 2.

/// Bytes of `RIFF`, a length and `WEBP`.
const HEADER_BYTES: usize = 12;

/// The chunks that a moving picture consists of.
const KEPT: [[u8; 4]; 4] = [*b"VP8X", *b"ICCP", *b"ANIM", *b"ANMF"];

/// In the first byte of `VP8X`: that there is EXIF, and XMP.
const EXIF_AND_XMP: u8 = 0b0000_1100;

/// Returns a moving picture without its EXIF and XMP, and without chunks that nobody knows and what stands behind the end; `None`
/// when this is none.
pub fn without_metadata(bytes: &[u8]) -> Option<Vec<u8>> {
    let header = bytes.get(..HEADER_BYTES)?;
    if &header[..4] != b"RIFF" || &header[8..] != b"WEBP" {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(header[4..8].try_into().ok()?)).ok()?;
    let mut rest = bytes.get(HEADER_BYTES..length.checked_add(8)?.min(bytes.len()))?;
    let mut kept = Vec::with_capacity(bytes.len());
    kept.extend_from_slice(header);
    while let Some((name, chunk, after)) = next_chunk(rest) {
        let chunk = if name == *b"ANMF" { frame(chunk)? } else { chunk.to_vec() };
        if KEPT.contains(&name) {
            let start = push_chunk(&mut kept, name, &chunk)?;
            if name == *b"VP8X" {
                *kept.get_mut(start)? &= !EXIF_AND_XMP;
            }
        }
        rest = after;
    }
    let length = u32::try_from(kept.len() - 8).ok()?;
    kept[4..8].copy_from_slice(&length.to_le_bytes());
    Some(kept)
}

/// Splits the first chunk off: its name, what is in it, what follows.
fn next_chunk(bytes: &[u8]) -> Option<([u8; 4], &[u8], &[u8])> {
    let name: [u8; 4] = bytes.get(..4)?.try_into().ok()?;
    let length = usize::try_from(u32::from_le_bytes(bytes.get(4..8)?.try_into().ok()?)).ok()?;
    let end = length.checked_add(8)?;
    let chunk = bytes.get(8..end)?;
    // A chunk of an odd length is followed by one byte that is none of it.
    Some((name, chunk, bytes.get(end + length % 2..).unwrap_or_default()))
}

/// Appends a chunk; returns where what is in it begins.
fn push_chunk(out: &mut Vec<u8>, name: [u8; 4], chunk: &[u8]) -> Option<usize> {
    out.extend_from_slice(&name);
    out.extend_from_slice(&u32::try_from(chunk.len()).ok()?.to_le_bytes());
    let start = out.len();
    out.extend_from_slice(chunk);
    if chunk.len() % 2 == 1 {
        out.push(0);
    }
    Some(start)
}

/// Keeps of a frame its place and its picture: "unknown chunks" may stand in it, too.
fn frame(chunk: &[u8]) -> Option<Vec<u8>> {
    const PLACE_BYTES: usize = 16;
    let mut kept = chunk.get(..PLACE_BYTES)?.to_vec();
    let mut rest = &chunk[PLACE_BYTES..];
    while let Some((name, inner, after)) = next_chunk(rest) {
        if [*b"ALPH", *b"VP8 ", *b"VP8L"].contains(&name) {
            push_chunk(&mut kept, name, inner)?;
        }
        rest = after;
    }
    Some(kept)
}
