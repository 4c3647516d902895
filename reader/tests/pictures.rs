//! Pictures that the strict sampler declines: tilted, turned, blurred, of dots. What is read is drawn, and read again by a decoder that
//! is not ours; what shows no symbol, or two, is declined.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use qr_support::picture::{Picture, same, symbol};
use qr_support::png::{data_url, grey};
use qr_support::random::Random;
use qrcodegen::QrCode;
use sendapi_pairing_core::qr::{self, QrError};
use sendapi_pairing_reader::read;

const SIDE: f64 = 420.0;

fn text(length: usize) -> Vec<u8> {
    let fields = b"2@kq1uVQ0rB9b6vVx,aZ8d2mN4pQ7sT1wX,cE5gH9jK3lM6oR0u,yA2bC4dF7iL8nP1q";
    fields.iter().cycle().take(length).copied().collect()
}

/// A symbol seen so that a point of the picture, in modules from its corner, is at `of(x, y)`: nine samples a pixel.
fn seen(code: &QrCode, of: impl Fn(f64, f64) -> (f64, f64), dot: bool) -> Picture {
    let dot = |u: f64, v: f64| !dot || u.hypot(v) < 0.47;
    styled(code, SIDE, of, dot)
}

/// The same where what is drawn of a dark module is told by `ink`, given how far a point is from its middle.
fn styled(
    code: &QrCode,
    side: f64,
    of: impl Fn(f64, f64) -> (f64, f64),
    ink: impl Fn(f64, f64) -> bool,
) -> Picture {
    let side = side as usize;
    Picture::new(side, side, |x, y| {
        let mut light = 0;
        for part in 0..9 {
            let (u, v) = of(
                x as f64 + (f64::from(part % 3) + 0.5) / 3.0,
                y as f64 + (f64::from(part / 3) + 0.5) / 3.0,
            );
            let (column, row) = (u.floor(), v.floor());
            let dark =
                ink(u - column - 0.5, v - row - 0.5) && code.get_module(column as i32, row as i32);
            light += i32::from(!dark);
        }
        (light * 255 / 9) as u8
    })
}

/// Turned by `degrees` around the picture's middle, which is the symbol's, and tilted away: the far edge is `tilt` times nearer to
/// vanishing.
fn placed(code: &QrCode, degrees: f64, tilt: f64) -> impl Fn(f64, f64) -> (f64, f64) {
    let size = f64::from(code.size());
    let (sin, cos) = degrees.to_radians().sin_cos();
    let scale = (size + 8.0) * 1.3 / SIDE;
    move |x, y| {
        let (x, y) = ((x - SIDE / 2.0) * scale, (y - SIDE / 2.0) * scale);
        let (u, v) = (x * cos - y * sin, x * sin + y * cos);
        let depth = 1.0 - tilt * v / size;
        (u / depth + size / 2.0, v / depth + size / 2.0)
    }
}

fn blurred(picture: &Picture, radius: usize) -> Picture {
    let blur = |picture: &Picture| {
        Picture::new(picture.width, picture.height, |x, y| {
            let (mut sum, mut count) = (0usize, 0);
            for row in y.saturating_sub(radius)..(y + radius + 1).min(picture.height) {
                for column in x.saturating_sub(radius)..(x + radius + 1).min(picture.width) {
                    sum += usize::from(picture.get(column, row));
                    count += 1;
                }
            }
            (sum / count) as u8
        })
    };
    blur(&blur(picture))
}

/// What came of pictures.
#[derive(Default)]
struct Outcomes {
    declined: Vec<String>,
    /// The strict sampler left so many over.
    left_over: u32,
}

impl Outcomes {
    /// What is read must be exact.
    fn add(&mut self, picture: &Picture, code: &QrCode, what: String) {
        let url = data_url(&grey(picture));
        self.left_over += u32::from(matches!(qr::read(&url), Err(QrError::Unverified(_))));
        let Ok(matrix) = read(&url) else {
            return self.declined.push(what);
        };
        assert!(same(&matrix, code), "{what}: wrong");
        let shown = Picture::of_matrix(&matrix, 4).scaled(3.0).text();
        assert!(
            shown.is_some_and(|text| text.starts_with(b"2@kq1u")),
            "{what}"
        );
    }

    fn all_drawn(&self, left_over: u32) {
        assert_eq!(self.declined, [""; 0]);
        assert!(self.left_over > left_over, "{}", self.left_over);
    }
}

#[test]
fn turned_by_odd_angles_and_tilted() {
    let mut outcomes = Outcomes::default();
    // The steeper the tilt and the smaller the modules, the more is declined; what is read is exact all the same.
    let mut beyond = Outcomes::default();
    for (version, length) in [(1, 8), (2, 20), (5, 60), (10, 150), (14, 230), (20, 300)] {
        let code = symbol(&text(length), version, 1, 3).unwrap();
        for degrees in [0.0f64, 7.0, 23.0, 45.0, 68.0, 100.0, 181.0, 300.0] {
            for tilt in [0.0, 0.2, 0.4] {
                let picture = seen(&code, placed(&code, degrees, tilt), false);
                // The near end grows, and may leave the picture at a corner.
                let (sin, cos) = degrees.to_radians().sin_cos();
                let size = f64::from(code.size());
                let near = (sin.abs() + cos.abs()) / 2.0 / (1.0 - tilt / 2.0) * size;
                let whole = near <= (size + 8.0) * 0.65;
                let within = tilt == 0.0 || (whole && (tilt < 0.3 || version <= 5));
                let these = if within { &mut outcomes } else { &mut beyond };
                these.add(
                    &picture,
                    &code,
                    format!("version {version}, {degrees} degrees, tilt {tilt}"),
                );
            }
        }
    }
    outcomes.left_over += beyond.left_over;
    outcomes.all_drawn(120);
}

#[test]
fn blurred_by_a_good_part_of_a_module() {
    let mut outcomes = Outcomes::default();
    for (version, length) in [(2, 20), (5, 60), (10, 150)] {
        let code = symbol(&text(length), version, 1, 5).unwrap();
        let module = SIDE / ((f64::from(code.size()) + 8.0) * 1.3);
        for degrees in [0.0, 12.0, 45.0] {
            for part in [0.2, 0.35, 0.45] {
                let radius = (module * part).round().max(1.0) as usize;
                let picture = blurred(&seen(&code, placed(&code, degrees, 0.1), false), radius);
                outcomes.add(
                    &picture,
                    &code,
                    format!("version {version}, {degrees} degrees, blur {radius}"),
                );
            }
        }
    }
    outcomes.all_drawn(20);
}

#[test]
fn drawn_as_round_dots() {
    let mut outcomes = Outcomes::default();
    for (version, length) in [(2, 20), (5, 60), (10, 150)] {
        let code = symbol(&text(length), version, 2, 1).unwrap();
        for degrees in [0.0, 10.0, 45.0] {
            for invert in [false, true] {
                let mut picture = seen(&code, placed(&code, degrees, 0.0), true);
                if invert {
                    picture = picture.mapped(|value| 255 - value);
                }
                outcomes.add(
                    &picture,
                    &code,
                    format!("version {version}, {degrees} degrees, inverted {invert}"),
                );
            }
        }
    }
    outcomes.all_drawn(9);
}

#[test]
fn drawn_in_odd_styles() {
    type Ink = fn(f64, f64) -> bool;
    let styles: [(&str, Ink); 5] = [
        ("small dots", |u, v| u.hypot(v) < 0.4),
        ("gaps between modules", |u, v| u.abs().max(v.abs()) < 0.38),
        ("rounded", |u, v| u.powi(4) + v.powi(4) < 0.05),
        ("diamonds", |u, v| u.abs() + v.abs() < 0.62),
        ("bars", |u, _| u.abs() < 0.36),
    ];
    let mut outcomes = Outcomes::default();
    for (version, length) in [(2, 20), (5, 60), (10, 150)] {
        let code = symbol(&text(length), version, 2, 1).unwrap();
        for (style, ink) in styles {
            for (degrees, tilt) in [(0.0, 0.0), (10.0, 0.0), (45.0, 0.1)] {
                outcomes.add(
                    &styled(&code, SIDE, placed(&code, degrees, tilt), ink),
                    &code,
                    format!("{style}, version {version}, {degrees} degrees, tilt {tilt}"),
                );
            }
        }
    }
    outcomes.all_drawn(20);
}

/// On paper that is bent along one direction: no perspective has it, the alignment patterns do.
#[test]
fn bent() {
    let mut outcomes = Outcomes::default();
    for (version, length) in [(7, 100), (10, 150), (14, 230)] {
        let code = symbol(&text(length), version, 1, 3).unwrap();
        let size = f64::from(code.size());
        for degrees in [0.0, 20.0] {
            for depth in [1.0, 2.0] {
                let flat = placed(&code, degrees, 0.1);
                let picture = seen(
                    &code,
                    |x, y| {
                        let (u, v) = flat(x, y);
                        (u, v + depth * (u / size * std::f64::consts::PI).sin())
                    },
                    false,
                );
                outcomes.add(
                    &picture,
                    &code,
                    format!("version {version}, {degrees} degrees, {depth} modules"),
                );
            }
        }
    }
    outcomes.all_drawn(4);
}

fn declined(picture: &Picture, what: &str) {
    let read = read(&data_url(&grey(picture)));
    assert!(
        matches!(read, Err(QrError::Unverified(_))),
        "{what}: {read:?}"
    );
}

#[test]
fn no_symbol_and_two_symbols_are_declined() {
    let side = SIDE as usize;
    for level in [0, 128, 255] {
        declined(&Picture::new(side, side, |_, _| level), "blank");
    }
    let mut random = Random::new(5);
    let noise: Vec<u8> = (0..side * side).map(|_| random.next() as u8).collect();
    declined(
        &Picture::new(side, side, |x, y| noise[y * side + x]),
        "noise",
    );
    declined(
        &Picture::new(side, side, |x, y| {
            ((x as f64 / 9.0).sin() * (y as f64 / 13.0).cos() * 90.0 + 128.0 + (x * y % 17) as f64)
                as u8
        }),
        "waves",
    );
    for (degrees, tilt) in [(0.0, 0.0), (9.0, 0.1), (45.0, 0.0)] {
        let first = symbol(&text(40), 4, 1, 3).unwrap();
        let second = symbol(b"2@another", 3, 1, 2).unwrap();
        let mut page = Picture::new(2 * side, side, |_, _| 255);
        page.paste(&seen(&first, placed(&first, degrees, tilt), false), 0, 0);
        page.paste(
            &seen(&second, placed(&second, degrees + 5.0, tilt), false),
            side,
            0,
        );
        declined(&page, "two");
    }
    // Damage past what error correction bears.
    let code = symbol(&text(150), 10, 0, 3).unwrap();
    let mut picture = seen(&code, placed(&code, 8.0, 0.1), false);
    picture.fill(140, 140, 140, 140, 255);
    declined(&picture, "damaged");
}
