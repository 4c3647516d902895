//! Codes that look like WhatsApp's, and their pictures drawn the way common encoders draw them.

use crate::config::Codes;
use crate::rng::Rng;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use qrcode::{Color, EcLevel, QrCode};

/// The prefix that current WhatsApp libraries emit before the pairing text.
const PREFIX: &str = "https://wa.me/settings/linked_devices#";

/// A new pairing text: `2@` and three or four base64 fields, about 230 characters; half of them after [`PREFIX`].
pub(crate) fn text(rng: &mut Rng) -> String {
    let style = rng.next();
    let four = style & 1 == 0;
    let mut out = String::with_capacity(300);
    if style & 2 == 0 {
        out.push_str(PREFIX);
    }
    out.push_str("2@");
    let mut reference = [0u8; 102];
    let reference = &mut reference[..if four { 69 } else { 102 }];
    rng.fill(reference);
    STANDARD.encode_string(reference, &mut out);
    for _ in 0..if four { 3 } else { 2 } {
        let mut key = [0u8; 32];
        rng.fill(&mut key);
        out.push(',');
        STANDARD.encode_string(key, &mut out);
    }
    out
}

/// What `qr_code` holds for a text.
pub(crate) fn draw(codes: Codes, text: &str, rng: &mut Rng) -> String {
    match codes {
        Codes::Text => text.to_owned(),
        Codes::BarePng => STANDARD.encode(png(text, rng)),
        Codes::Png => {
            let mut url = String::from("data:image/png;base64,");
            STANDARD.encode_string(png(text, rng), &mut url);
            url
        }
    }
}

/// Pixel formats that encoders in the field write: qrencode a one-bit palette, python-qrcode one-bit grey, zxing and the
/// `image` crate eight-bit grey, PHP's endroid RGB, node-qrcode RGBA.
#[derive(Clone, Copy)]
enum Format {
    Palette1,
    Grey1,
    Grey8,
    Rgb8,
    Rgba8,
}

const FORMATS: [Format; 5] = [
    Format::Palette1,
    Format::Grey1,
    Format::Grey8,
    Format::Rgb8,
    Format::Rgba8,
];
const SCALES: [usize; 6] = [3, 4, 5, 6, 8, 10];
const MARGINS: [usize; 3] = [1, 2, 4];
const LEVELS: [EcLevel; 3] = [EcLevel::L, EcLevel::M, EcLevel::M];

fn png(text: &str, rng: &mut Rng) -> Vec<u8> {
    let level = *rng.pick(&LEVELS);
    let scale = *rng.pick(&SCALES);
    let margin = *rng.pick(&MARGINS);
    let format = *rng.pick(&FORMATS);
    let Ok(code) = QrCode::with_error_correction_level(text, level) else {
        // 2,331 bytes fit at level M and our texts have under 300.
        return Vec::new();
    };
    let modules = code.width();
    let size = (modules + 2 * margin) * scale;
    let dark = |x: usize, y: usize| {
        let inside = |v: usize| (v / scale).checked_sub(margin).filter(|m| *m < modules);
        matches!((inside(x), inside(y)), (Some(x), Some(y)) if code[(x, y)] == Color::Dark)
    };
    let pixels = raster(format, size, dark);
    encode(format, size as u32, &pixels).unwrap_or_default()
}

fn raster(format: Format, size: usize, dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let mut out = Vec::new();
    for y in 0..size {
        match format {
            Format::Palette1 | Format::Grey1 => {
                for byte in 0..size.div_ceil(8) {
                    let bits = (0..8).fold(0u8, |bits, bit| {
                        let x = byte * 8 + bit;
                        bits << 1 | u8::from(x < size && !dark(x, y))
                    });
                    out.push(bits);
                }
            }
            Format::Grey8 | Format::Rgb8 | Format::Rgba8 => {
                for x in 0..size {
                    let value = if dark(x, y) { 0 } else { 255 };
                    match format {
                        Format::Rgb8 => out.extend([value; 3]),
                        Format::Rgba8 => out.extend([value, value, value, 255]),
                        _ => out.push(value),
                    }
                }
            }
        }
    }
    out
}

fn encode(format: Format, size: u32, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, size, size);
    let (color, depth) = match format {
        Format::Palette1 => (png::ColorType::Indexed, png::BitDepth::One),
        Format::Grey1 => (png::ColorType::Grayscale, png::BitDepth::One),
        Format::Grey8 => (png::ColorType::Grayscale, png::BitDepth::Eight),
        Format::Rgb8 => (png::ColorType::Rgb, png::BitDepth::Eight),
        Format::Rgba8 => (png::ColorType::Rgba, png::BitDepth::Eight),
    };
    encoder.set_color(color);
    encoder.set_depth(depth);
    if matches!(format, Format::Palette1) {
        encoder.set_palette(vec![0, 0, 0, 255, 255, 255]);
    }
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_look_like_whatsapps() {
        let mut rng = Rng::new(7);
        let mut prefixed = 0;
        let mut four = 0;
        for _ in 0..1000 {
            let whole = text(&mut rng);
            let bare = whole.strip_prefix(PREFIX).inspect(|_| prefixed += 1);
            let bare = bare.unwrap_or(&whole);
            let fields: Vec<_> = bare.strip_prefix("2@").unwrap().split(',').collect();
            assert!((3..=4).contains(&fields.len()));
            four += usize::from(fields.len() == 4);
            assert!(fields.iter().all(|f| STANDARD.decode(f).is_ok()));
            assert!((220..=240).contains(&bare.len()), "{}", bare.len());
        }
        assert!((400..600).contains(&prefixed), "{prefixed}");
        assert!((400..600).contains(&four), "{four}");
    }

    #[test]
    fn pictures_are_read_by_a_decoder_that_is_not_ours() {
        let mut rng = Rng::new(11);
        for _ in 0..20 {
            let text = text(&mut rng);
            let url = draw(Codes::Png, &text, &mut rng);
            let bytes = STANDARD
                .decode(url.strip_prefix("data:image/png;base64,").unwrap())
                .unwrap();
            assert!(url.len() < 256 * 1024, "{}", url.len());
            let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
            decoder.set_transformations(png::Transformations::normalize_to_color8());
            let mut reader = decoder.read_info().unwrap();
            let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
            let info = reader.next_frame(&mut pixels).unwrap();
            let channels = info.color_type.samples();
            let (width, height) = (info.width as usize, info.height as usize);
            let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
                pixels[(y * width + x) * channels]
            });
            let grids = image.detect_grids();
            assert_eq!(grids.len(), 1);
            assert_eq!(grids[0].decode().unwrap().1, text);
        }
    }
}
