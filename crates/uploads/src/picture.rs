//! Pictures, drawn anew: only what is to be seen goes along, the way it is to be seen. EXIF, XMP, comments and what stands behind
//! the picture's end stay out; the camera's orientation is applied to the pixels; a colour profile is kept.
//!
//! A still picture is decoded and encoded again. A GIF keeps its frames' own pixels ([`gif`]), a moving WebP its frames as they
//! are ([`webp`]): to encode them anew would make them worse. Of a moving PNG the first frame is left.
//!
//! Before anything is decoded its width and height are looked at: a few kilobytes can describe a picture of many gigabytes.

pub mod gif;
pub mod webp;

use std::io::Cursor;

use image::codecs::jpeg::{JpegDecoder, JpegEncoder};
use image::codecs::png::{CompressionType, FilterType, PngDecoder, PngEncoder};
use image::codecs::webp::{WebPDecoder, WebPEncoder};
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageEncoder, ImageError, Limits as DecoderLimits};

use crate::kind::Kind;
use crate::limits::Refused;

/// The larger side of the smaller picture, in pixels: what a message has room for, on a screen with two pixels for one.
pub const THUMBNAIL_PIXELS: u32 = 800;

/// The quality of JPEG, of 100, where a picture is encoded anew: no difference is seen, at half the size of 100.
const JPEG_QUALITY: u8 = 90;

/// The same for the smaller picture.
const THUMBNAIL_QUALITY: u8 = 80;

/// The longest colour profile that is kept; those of cameras and screens have less than 4 KiB.
const PROFILE_BYTES_MAX: usize = 64 * 1024;

/// Bytes that decoding may take for each pixel allowed: four channels of 16 bits, and as much again to work with.
const DECODER_BYTES_PER_PIXEL: u64 = 16;

/// A picture that was drawn anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is now: a WebP photograph becomes JPEG.
    pub kind: Kind,
    /// Its width and height.
    pub pixels: (u32, u32),
    /// A smaller one, and what that is; none where it is small itself.
    pub thumbnail: Option<(Vec<u8>, Kind)>,
}

/// Draws a picture anew.
///
/// # Errors
/// [`Refused::BrokenPicture`], [`Refused::TooManyPixels`].
pub fn clean(bytes: &[u8], kind: Kind, pixels_max: u64) -> Result<Cleaned, Refused> {
    match kind {
        Kind::Jpeg => still(decoder(JpegDecoder::new(Cursor::new(bytes)))?, Kind::Jpeg, pixels_max),
        Kind::Png => {
            let limits = decoder_limits(pixels_max);
            still(decoder(PngDecoder::with_limits(Cursor::new(bytes), limits))?, Kind::Png, pixels_max)
        }
        Kind::Webp => {
            let decoder = decoder(WebPDecoder::new(Cursor::new(bytes)))?;
            if decoder.has_animation() {
                let shown = first_frame(decoder, pixels_max)?;
                return moving(webp::without_metadata(bytes).ok_or(Refused::BrokenPicture)?, Kind::Webp, &shown);
            }
            still(decoder, Kind::Webp, pixels_max)
        }
        Kind::Gif => {
            let bytes = gif::drawn_anew(bytes, pixels_max)?;
            let decoder = decoder(image::codecs::gif::GifDecoder::new(Cursor::new(&bytes)))?;
            let shown = first_frame(decoder, pixels_max)?;
            moving(bytes, Kind::Gif, &shown)
        }
        _ => Err(Refused::BrokenPicture),
    }
}

/// Draws a picture anew so that its larger side has at most so many pixels; of a moving one, what is seen at first.
///
/// # Errors
/// [`Refused::BrokenPicture`], [`Refused::TooManyPixels`].
pub fn small(bytes: &[u8], kind: Kind, pixels_max: u64, side_max: u32) -> Result<(Vec<u8>, Kind), Refused> {
    let bytes = Cursor::new(bytes);
    let picture = match kind {
        Kind::Jpeg => upright(decoder(JpegDecoder::new(bytes))?, pixels_max)?,
        Kind::Png => upright(decoder(PngDecoder::with_limits(bytes, decoder_limits(pixels_max)))?, pixels_max)?,
        Kind::Webp => upright(decoder(WebPDecoder::new(bytes))?, pixels_max)?,
        Kind::Gif => upright(decoder(image::codecs::gif::GifDecoder::new(bytes))?, pixels_max)?,
        _ => return Err(Refused::BrokenPicture),
    };
    let is_large = picture.width().max(picture.height()) > side_max;
    made_small(&if is_large { picture.thumbnail(side_max, side_max) } else { picture }, None)
}

/// Decodes a picture the way it is to be seen.
fn upright(mut decoder: impl ImageDecoder, pixels_max: u64) -> Result<DynamicImage, Refused> {
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = first_frame(decoder, pixels_max)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn decoder<D>(opened: Result<D, ImageError>) -> Result<D, Refused> {
    opened.map_err(|_| Refused::BrokenPicture)
}

fn decoder_limits(pixels_max: u64) -> DecoderLimits {
    let mut limits = DecoderLimits::no_limits();
    limits.max_alloc = Some(pixels_max.saturating_mul(DECODER_BYTES_PER_PIXEL));
    limits
}

/// Refuses a width and height that are too much together.
pub(crate) fn expect_size((width, height): (u32, u32), pixels_max: u64) -> Result<(), Refused> {
    if width == 0 || height == 0 {
        return Err(Refused::BrokenPicture);
    }
    if u64::from(width) * u64::from(height) > pixels_max {
        return Err(Refused::TooManyPixels { limit: pixels_max });
    }
    Ok(())
}

/// Decodes what is seen at first.
fn first_frame(mut decoder: impl ImageDecoder, pixels_max: u64) -> Result<DynamicImage, Refused> {
    expect_size(decoder.dimensions(), pixels_max)?;
    decoder.set_limits(decoder_limits(pixels_max)).map_err(|_| Refused::BrokenPicture)?;
    DynamicImage::from_decoder(decoder).map_err(|_| Refused::BrokenPicture)
}

fn still(mut decoder: impl ImageDecoder, kind: Kind, pixels_max: u64) -> Result<Cleaned, Refused> {
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let profile = decoder.icc_profile().ok().flatten().filter(|profile| profile.len() <= PROFILE_BYTES_MAX);
    // A profile is about the colours that the file has: not about those of a picture that was for a printer.
    let is_for_screens = matches!(
        decoder.original_color_type(),
        image::ExtendedColorType::L8
            | image::ExtendedColorType::La8
            | image::ExtendedColorType::Rgb8
            | image::ExtendedColorType::Rgba8
            | image::ExtendedColorType::L16
            | image::ExtendedColorType::La16
            | image::ExtendedColorType::Rgb16
            | image::ExtendedColorType::Rgba16
    );
    let profile = profile.filter(|_| is_for_screens);
    let mut picture = first_frame(decoder, pixels_max)?;
    picture.apply_orientation(orientation);
    let has_alpha = picture.color().has_alpha();
    // A photograph in WebP would be several times as large without loss.
    let kind = if kind == Kind::Webp && !has_alpha { Kind::Jpeg } else { kind };
    let bytes = encode(&picture, kind, JPEG_QUALITY, profile.as_deref())?;
    let pixels = (picture.width(), picture.height());
    Ok(Cleaned { bytes, kind, pixels, thumbnail: thumbnail(&picture, profile.as_deref())? })
}

fn moving(bytes: Vec<u8>, kind: Kind, shown: &DynamicImage) -> Result<Cleaned, Refused> {
    Ok(Cleaned { bytes, kind, pixels: (shown.width(), shown.height()), thumbnail: thumbnail(shown, None)? })
}

fn thumbnail(picture: &DynamicImage, profile: Option<&[u8]>) -> Result<Option<(Vec<u8>, Kind)>, Refused> {
    if picture.width().max(picture.height()) <= THUMBNAIL_PIXELS {
        return Ok(None);
    }
    made_small(&picture.thumbnail(THUMBNAIL_PIXELS, THUMBNAIL_PIXELS), profile).map(Some)
}

/// Encodes what has become small: without transparency as a photograph.
fn made_small(small: &DynamicImage, profile: Option<&[u8]>) -> Result<(Vec<u8>, Kind), Refused> {
    if small.color().has_alpha() {
        let small = DynamicImage::ImageRgba8(small.to_rgba8());
        return Ok((encode(&small, Kind::Png, THUMBNAIL_QUALITY, profile)?, Kind::Png));
    }
    Ok((encode(small, Kind::Jpeg, THUMBNAIL_QUALITY, profile)?, Kind::Jpeg))
}

fn encode(picture: &DynamicImage, kind: Kind, quality: u8, profile: Option<&[u8]>) -> Result<Vec<u8>, Refused> {
    let mut bytes = Vec::new();
    let written = match kind {
        Kind::Jpeg => {
            let encoder = with_profile(JpegEncoder::new_with_quality(&mut bytes, quality), profile);
            // JPEG has neither 16 bits nor transparency; grey stays grey, for its profile is about grey.
            if picture.color().has_color() {
                picture.to_rgb8().write_with_encoder(encoder)
            } else {
                picture.to_luma8().write_with_encoder(encoder)
            }
        }
        Kind::Webp => {
            let encoder = with_profile(WebPEncoder::new_lossless(&mut bytes), profile);
            picture.to_rgba8().write_with_encoder(encoder)
        }
        _ => {
            // The fast compression would make a screenshot half as large again as it came.
            let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
            picture.write_with_encoder(with_profile(encoder, profile))
        }
    };
    written.map_err(|_| Refused::BrokenPicture)?;
    Ok(bytes)
}

fn with_profile<E: ImageEncoder>(mut encoder: E, profile: Option<&[u8]>) -> E {
    if let Some(profile) = profile {
        // Where a form has no place for it, the colours are those that screens have anyway.
        let _ = encoder.set_icc_profile(profile.to_vec());
    }
    encoder
}

#[cfg(test)]
mod tests;
