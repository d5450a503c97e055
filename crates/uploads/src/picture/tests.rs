//! What goes along, and what does not.

#![allow(clippy::unwrap_used)]

use image::{Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

const MANY: u64 = 10_000_000;
const SECRET: &[u8] = b"45.4642N 9.1900E";

/// A picture with a red corner at the upper left.
fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(
        width,
        height,
        |x, y| if x < width / 2 && y < height / 2 { Rgb([250, 0, 0]) } else { Rgb([0, 0, 250]) },
    )
}

fn jpeg(picture: &RgbImage) -> Vec<u8> {
    let mut bytes = Vec::new();
    picture.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, 95)).unwrap();
    bytes
}

/// EXIF that says how the camera was held, and where.
fn exif(orientation: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0, 0]);
    exif.extend(SECRET);
    exif
}

fn jpeg_with_exif(picture: &RgbImage, orientation: u8) -> Vec<u8> {
    let plain = jpeg(picture);
    let body = [&b"Exif\0\0"[..], &exif(orientation)].concat();
    let length = u16::try_from(body.len() + 2).unwrap().to_be_bytes();
    [&plain[..2], b"\xff\xe1", &length, &body, &plain[2..], SECRET].concat()
}

fn holds(bytes: &[u8], what: &[u8]) -> bool {
    bytes.windows(what.len()).any(|window| window == what)
}

#[test]
fn exif_stays_out_and_the_picture_stands_upright() {
    let taken = jpeg_with_exif(&picture(64, 32), 6);
    assert!(holds(&taken, SECRET));
    let cleaned = clean(&taken, Kind::Jpeg, MANY).unwrap();
    assert!(!holds(&cleaned.bytes, SECRET) && !holds(&cleaned.bytes, b"Exif"));
    assert_eq!((cleaned.kind, cleaned.pixels, cleaned.thumbnail), (Kind::Jpeg, (32, 64), None));
    let shown = image::load_from_memory(&cleaned.bytes).unwrap().to_rgb8();
    let is_red = |x, y| shown.get_pixel(x, y)[0] > 200;
    assert!(is_red(28, 4) && !is_red(4, 4), "a quarter turn clockwise brings the upper left to the upper right");
}

#[test]
fn what_stands_in_chunks_of_png_stays_out() {
    let mut png = Vec::new();
    RgbaImage::from_pixel(8, 8, Rgba([1, 2, 3, 100])).write_with_encoder(PngEncoder::new(&mut png)).unwrap();
    let text = [b"Comment\0", SECRET].concat();
    let mut chunk = u32::try_from(text.len()).unwrap().to_be_bytes().to_vec();
    chunk.extend(b"tEXt");
    chunk.extend(&text);
    chunk.extend([0; 4]);
    // Behind IHDR. Its checksum is wrong, which decoders forgive for what they need not have.
    let taken = [&png[..33], &chunk, &png[33..], SECRET].concat();
    let cleaned = clean(&taken, Kind::Png, MANY).unwrap();
    assert!(!holds(&cleaned.bytes, SECRET));
    assert_eq!(image::load_from_memory(&cleaned.bytes).unwrap().to_rgba8().get_pixel(1, 1), &Rgba([1, 2, 3, 100]));
}

fn moving_gif() -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = ::gif::Encoder::new(&mut bytes, 4, 4, &[255, 0, 0, 0, 0, 255]).unwrap();
    encoder.set_repeat(::gif::Repeat::Finite(3)).unwrap();
    encoder.write_raw_extension(::gif::AnyExtension(0xfe), &[SECRET]).unwrap();
    for index in [0, 1, 0] {
        let frame =
            ::gif::Frame { width: 4, height: 4, delay: 7, buffer: vec![index; 16].into(), ..::gif::Frame::default() };
        encoder.write_frame(&frame).unwrap();
    }
    drop(encoder);
    bytes
}

#[test]
fn a_gif_goes_on_moving_without_its_comments() {
    let taken = [moving_gif(), SECRET.to_vec()].concat();
    assert!(holds(&taken[..taken.len() - SECRET.len()], SECRET));
    let cleaned = clean(&taken, Kind::Gif, MANY).unwrap();
    assert!(!holds(&cleaned.bytes, SECRET));
    let mut decoder = ::gif::DecodeOptions::new().read_info(&cleaned.bytes[..]).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = decoder.read_next_frame().unwrap() {
        frames.push((frame.buffer[5], frame.delay));
    }
    assert_eq!(frames, [(0, 7), (1, 7), (0, 7)]);
    assert_eq!(decoder.repeat(), ::gif::Repeat::Finite(3));
    assert_eq!(clean(&moving_gif(), Kind::Gif, 15), Err(Refused::TooManyPixels { limit: 15 }));
}

fn chunk(name: [u8; 4], content: &[u8]) -> Vec<u8> {
    let mut bytes = [&name[..], &u32::try_from(content.len()).unwrap().to_le_bytes(), content].concat();
    bytes.resize(bytes.len() + content.len() % 2, 0);
    bytes
}

/// A WebP of two frames that are the same, with EXIF and XMP.
fn moving_webp() -> Vec<u8> {
    let mut still = Vec::new();
    RgbaImage::from_pixel(2, 2, Rgba([9, 8, 7, 255]))
        .write_with_encoder(WebPEncoder::new_lossless(&mut still))
        .unwrap();
    let picture = still.windows(4).position(|name| name == b"VP8L").map(|place| still[place..].to_vec()).unwrap();
    let frame =
        chunk(*b"ANMF", &[&[0; 6][..], &[1, 0, 0, 1, 0, 0, 50, 0, 0, 2], &picture, &chunk(*b"junk", SECRET)].concat());
    let chunks = [
        chunk(*b"VP8X", &[0b0001_1110, 0, 0, 0, 1, 0, 0, 1, 0, 0]),
        chunk(*b"ANIM", &[0; 6]),
        frame.clone(),
        frame,
        chunk(*b"EXIF", &exif(1)),
        chunk(*b"XMP ", SECRET),
    ]
    .concat();
    [b"RIFF", &u32::try_from(chunks.len() + 4).unwrap().to_le_bytes()[..], b"WEBP", &chunks].concat()
}

#[test]
fn a_moving_webp_keeps_its_frames_only() {
    let taken = moving_webp();
    let cleaned = clean(&taken, Kind::Webp, MANY).unwrap();
    assert!(!holds(&cleaned.bytes, SECRET) && !holds(&cleaned.bytes, b"EXIF"));
    assert_eq!((cleaned.kind, cleaned.pixels), (Kind::Webp, (2, 2)));
    let decoder = WebPDecoder::new(Cursor::new(&cleaned.bytes)).unwrap();
    assert!(decoder.has_animation());
    let frames = image::AnimationDecoder::into_frames(decoder).collect_frames().unwrap();
    assert_eq!((frames.len(), frames[1].buffer().get_pixel(1, 1)), (2, &Rgba([9, 8, 7, 255])));
    assert_eq!(webp::without_metadata(&taken[..8]), None);
}

#[test]
fn a_still_webp_becomes_a_photograph_unless_it_is_transparent() {
    let webp = |alpha| {
        let mut bytes = Vec::new();
        let picture = RgbaImage::from_pixel(4, 4, Rgba([200, 10, 10, alpha]));
        let encoder = WebPEncoder::new_lossless(&mut bytes);
        if alpha == 255 {
            DynamicImage::ImageRgba8(picture).to_rgb8().write_with_encoder(encoder).unwrap();
        } else {
            picture.write_with_encoder(encoder).unwrap();
        }
        bytes
    };
    assert_eq!(clean(&webp(255), Kind::Webp, MANY).unwrap().kind, Kind::Jpeg);
    assert_eq!(clean(&webp(100), Kind::Webp, MANY).unwrap().kind, Kind::Webp);
}

#[test]
fn large_pictures_have_smaller_ones() {
    let cleaned = clean(&jpeg(&picture(1600, 400)), Kind::Jpeg, MANY).unwrap();
    let (bytes, kind) = cleaned.thumbnail.unwrap();
    let small = image::load_from_memory(&bytes).unwrap();
    assert_eq!((kind, small.width(), small.height()), (Kind::Jpeg, 800, 200));
}

/// A few bytes that say they are a picture of four gigapixels.
#[test]
fn what_would_fill_the_memory_is_not_decoded() {
    let mut png = Vec::new();
    RgbImage::new(1, 1).write_with_encoder(PngEncoder::new(&mut png)).unwrap();
    png[16..24].copy_from_slice(&[0, 1, 0, 0, 0, 1, 0, 0]);
    let sum = crc32(&png[12..29]).to_be_bytes();
    png[29..33].copy_from_slice(&sum);
    assert_eq!(clean(&png, Kind::Png, MANY), Err(Refused::TooManyPixels { limit: MANY }));
    let mut large = jpeg(&RgbImage::new(8, 8));
    let frame = large.windows(2).position(|marker| marker == b"\xff\xc0").unwrap();
    large[frame + 5..frame + 9].copy_from_slice(&[0xff; 4]);
    assert_eq!(clean(&large, Kind::Jpeg, MANY), Err(Refused::TooManyPixels { limit: MANY }));
}

fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
    })
}

#[test]
fn what_is_no_whole_picture_is_refused() {
    let whole = jpeg(&picture(64, 64));
    for (bytes, kind) in [
        (&whole[..20], Kind::Jpeg),
        (&b"\x89PNG\r\n\x1a\n"[..], Kind::Png),
        (b"GIF89a\x01\0\x01\0\0\0\0;", Kind::Gif),
        (b"GIF89a", Kind::Gif),
        (b"RIFF\x24\0\0\0WEBPVP8 ", Kind::Webp),
        (b"text", Kind::Text),
    ] {
        assert_eq!(clean(bytes, kind, MANY), Err(Refused::BrokenPicture), "{}", bytes.escape_ascii());
    }
}
