//! GIF: the frames' own pixels and palettes, written anew. Comments and the blocks of programs stay out, but for how often it
//! is shown.

use ::gif::{ColorOutput, DecodeOptions, Decoder, Encoder, MemoryLimit};

use super::expect_size;
use crate::limits::Refused;

/// How many times the pixels allowed for a picture all frames together may have.
const FRAMES_PIXELS_FACTOR: u64 = 10;

/// Writes a GIF anew.
///
/// # Errors
/// [`Refused::BrokenPicture`], [`Refused::TooManyPixels`].
pub fn drawn_anew(bytes: &[u8], pixels_max: u64) -> Result<Vec<u8>, Refused> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.set_memory_limit(MemoryLimit::Bytes(
        std::num::NonZeroU64::new(pixels_max.max(1)).unwrap_or(std::num::NonZeroU64::MIN),
    ));
    let mut decoder = options.read_info(bytes).map_err(|_| Refused::BrokenPicture)?;
    let (width, height) = (decoder.width(), decoder.height());
    expect_size((width.into(), height.into()), pixels_max)?;
    let palette = decoder.global_palette().unwrap_or_default().to_vec();
    let mut out = Vec::with_capacity(bytes.len());
    let mut encoder = Encoder::new(&mut out, width, height, &palette).map_err(|_| Refused::BrokenPicture)?;
    let mut pixels = 0;
    while let Some(frame) = next_frame(&mut decoder, &mut pixels, pixels_max)? {
        if pixels == frame_pixels(&frame) {
            // How often it is shown may stand anywhere before the first frame.
            encoder.set_repeat(decoder.repeat()).map_err(|_| Refused::BrokenPicture)?;
        }
        encoder.write_frame(&frame).map_err(|_| Refused::BrokenPicture)?;
    }
    drop(encoder);
    if pixels == 0 { Err(Refused::BrokenPicture) } else { Ok(out) }
}

fn frame_pixels(frame: &::gif::Frame<'_>) -> u64 {
    u64::from(frame.width) * u64::from(frame.height)
}

/// Reads the next frame. One that is cut off ends the picture, as it does in browsers.
fn next_frame(
    decoder: &mut Decoder<&[u8]>,
    pixels: &mut u64,
    pixels_max: u64,
) -> Result<Option<::gif::Frame<'static>>, Refused> {
    let Ok(Some(frame)) = decoder.next_frame_info() else { return Ok(None) };
    let size = frame_pixels(frame);
    if size == 0 {
        return Err(Refused::BrokenPicture);
    }
    let limit = pixels_max.saturating_mul(FRAMES_PIXELS_FACTOR);
    *pixels = pixels.saturating_add(size);
    if size > pixels_max || *pixels > limit {
        return Err(Refused::TooManyPixels { limit });
    }
    let mut frame = frame.clone();
    let mut buffer = vec![0; decoder.buffer_size()];
    if decoder.read_into_buffer(&mut buffer).is_err() {
        *pixels -= size;
        return Ok(None);
    }
    frame.buffer = buffer.into();
    // The rows come in their order, however they stood in the file.
    frame.interlaced = false;
    Ok(Some(frame))
}
