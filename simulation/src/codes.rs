//! Short stand-ins for the service's codes, so that a million runs need not encode millions of 230-character texts.
//!
//! The network puts a stand-in in the place of each text that the service sends: one in eight is a pairing text of 12 characters, one
//! in eight a picture in which only the second reader finds the code, the others are pictures of one pixel a module. What a phone sees
//! in a tab is the drawn matrix; the pool finds the stand-in by it, the run finds the service's text by that.

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use sendapi_pairing_core::qr::Matrix;

/// How many stand-ins there are; a run takes them in turn.
const SIZE: usize = 128;

const DATA_URL: &str = "data:image/png;base64,";

/// Whether a `qr_code` is one of the pool's, as far as its looks go.
pub(crate) fn is_stand_in(code: &str) -> bool {
    code.starts_with("2@stand-in") || (code.starts_with(DATA_URL) && code.len() > 200)
}

/// Light pixels around the modules (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

/// The stand-ins of one thread.
pub(crate) struct Pool {
    codes: Vec<String>,
    matrices: Vec<Matrix>,
    by_modules: HashMap<Vec<u8>, usize>,
}

impl Pool {
    pub(crate) fn new() -> Self {
        let mut pool = Self {
            codes: Vec::with_capacity(SIZE),
            matrices: Vec::with_capacity(SIZE),
            by_modules: HashMap::new(),
        };
        for number in 0..SIZE {
            let mut code = format!("2@stand-in{number:02x}");
            if let Ok(matrix) = sendapi_pairing_reader::read(&code) {
                pool.by_modules.insert(matrix.to_bytes(), number);
                let picture = match number % 8 {
                    0 => None,
                    4 => riddle(number).ok(),
                    _ => draw(&matrix).ok(),
                };
                code = picture.unwrap_or(code);
                pool.matrices.push(matrix);
            }
            pool.codes.push(code);
        }
        pool
    }

    /// What stands for the `number`th code of a run.
    pub(crate) fn text(&self, number: usize) -> &str {
        &self.codes[number % SIZE]
    }

    /// What a second reader makes of a `qr_code`.
    pub(crate) fn read(&self, code: &str) -> Option<Matrix> {
        let number = self.codes.iter().position(|known| known == code)?;
        self.matrices.get(number).cloned()
    }

    /// The latest of `count` codes that looks like `matrix`.
    pub(crate) fn find(&self, matrix: &Matrix, count: usize) -> Option<usize> {
        let slot = *self.by_modules.get(&matrix.to_bytes())?;
        (slot..count).step_by(SIZE).next_back()
    }
}

/// A data URL of a picture for each number, in which nobody but [`Pool::read`] finds a code.
fn riddle(number: usize) -> Result<String, png::EncodingError> {
    let pixels: Vec<u8> = (0..256).map(|at| (at * (number + 3)) as u8).collect();
    encode(16, png::BitDepth::Eight, &pixels)
}

/// A data URL of a one-bit picture, one pixel a module.
fn draw(matrix: &Matrix) -> Result<String, png::EncodingError> {
    let side = matrix.size() + 2 * QUIET;
    let mut pixels = Vec::new();
    for y in 0..side {
        for byte in 0..side.div_ceil(8) {
            let dark = (0..8).fold(0u8, |bits, bit| {
                let x = (byte * 8 + bit).wrapping_sub(QUIET);
                bits << 1 | u8::from(matrix.get(x, y.wrapping_sub(QUIET)))
            });
            pixels.push(!dark);
        }
    }
    encode(side, png::BitDepth::One, &pixels)
}

fn encode(side: usize, depth: png::BitDepth, pixels: &[u8]) -> Result<String, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side as u32, side as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(depth);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    let mut url = String::from(DATA_URL);
    STANDARD.encode_string(bytes, &mut url);
    Ok(url)
}

/// One code that the service sent in this run.
pub(crate) struct Code {
    pub(crate) session: String,
    /// The service's own text: what a phone sends it.
    pub(crate) text: String,
    /// When the service says that it dies, in the world's time.
    pub(crate) expires: u64,
    /// When a `/qr` for its session first went out after it had come, and from which tab.
    pub(crate) killed: Option<(u64, usize)>,
    /// That was while the create that brought it was still under way: a tab was duplicated, and its copy repeated the create.
    pub(crate) overtaken: bool,
    /// The start of the request that brought it, and the life that the answer gave it. The latest, where several brought it.
    pub(crate) limit: Option<u64>,
}
