//! The SVG: paths are filled by the rules of SVG and compared module by module.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

mod qr_support;

use qr_support::picture::{Picture, same, symbol};
use qr_support::png::{self, data_url};
use qr_support::random::Random;
use qr_support::svg::windings;
use sendapi_pairing_core::qr::{self, Matrix, QrError, svg};

/// By rectangles, a row of modules or a column at a time: the encodings that the outlines must beat.
fn by_runs(matrix: &Matrix, columns: bool) -> String {
    let dark = |x, y| {
        if columns {
            matrix.get(y, x)
        } else {
            matrix.get(x, y)
        }
    };
    let mut path = String::new();
    let mut pen = (0, 0);
    for y in 0..matrix.size() {
        let mut x = 0;
        while x < matrix.size() {
            let length = (x..matrix.size()).take_while(|&x| dark(x, y)).count();
            if length != 0 {
                let to = if columns {
                    (y as i64 + 4, x as i64 + 4)
                } else {
                    (x as i64 + 4, y as i64 + 4)
                };
                let relative = format!("m{} {}", to.0 - pen.0, to.1 - pen.1).replace(" -", "-");
                let absolute = format!("M{} {}", to.0, to.1);
                path += if absolute.len() < relative.len() || path.is_empty() {
                    &absolute
                } else {
                    &relative
                };
                path += &if columns {
                    format!("v{length}h1v-{length}z")
                } else {
                    format!("h{length}v1h-{length}z")
                };
                pen = to;
            }
            x += length.max(1);
        }
    }
    path
}

#[test]
fn paths_fill_exactly_the_dark_modules_by_either_rule() {
    let mut random = Random::new(21);
    for version in 1..=40 {
        let code = symbol(
            &random.bytes(7),
            version,
            random.below(4),
            random.below(8) as u8,
        )
        .unwrap();
        let matrix = qr::read(&data_url(&png::grey(&Picture::of_code(&code, 1)))).unwrap();
        assert!(same(&matrix, &code));
        let side = svg::view_box_size(&matrix);
        assert_eq!(side, matrix.size() + 8);
        let path = svg::path(&matrix);
        for (index, winding) in windings(&path, side, side).into_iter().enumerate() {
            let (x, y) = (
                (index % side).wrapping_sub(4),
                (index / side).wrapping_sub(4),
            );
            assert_eq!(
                winding,
                i32::from(matrix.get(x, y)),
                "version {version}: {x} {y}"
            );
        }
        for columns in [false, true] {
            let runs = by_runs(&matrix, columns);
            assert_eq!(
                windings(&runs, side, side)
                    .iter()
                    .filter(|&&winding| winding != 0)
                    .count(),
                path_area(&matrix)
            );
            assert!(
                path.len() * 6 < runs.len() * 5,
                "version {version}: {} {}",
                path.len(),
                runs.len()
            );
        }
        assert!(Picture::of_matrix(&matrix, 4).scaled(4.0).text().is_some());
    }
}

fn path_area(matrix: &Matrix) -> usize {
    matrix
        .to_bytes()
        .iter()
        .map(|byte| byte.count_ones() as usize)
        .sum()
}

#[test]
fn documents_are_a_plate_and_one_path() {
    let matrix = qr::read(&data_url(&png::grey(&Picture::of_code(
        &symbol(b"2@document", 1, 1, 0).unwrap(),
        4,
    ))))
    .unwrap();
    let document = svg::document(&matrix);
    let side = svg::view_box_size(&matrix);
    let expected = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\"><rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/>\
         <path shape-rendering=\"crispEdges\" fill=\"#000\" d=\"{}\"/></svg>",
        svg::path(&matrix)
    );
    assert_eq!(document, expected);
}

#[test]
fn matrices_of_any_modules_are_traced() {
    let mut random = Random::new(22);
    for size in [21usize, 25, 45, 177] {
        for kind in 0..4 {
            let bytes = match kind {
                0 => vec![0; (size * size).div_ceil(8)],
                1 => vec![0xff; (size * size).div_ceil(8)],
                // A checkerboard, where every corner joins two.
                2 => vec![0xaa; (size * size).div_ceil(8)],
                _ => random.bytes((size * size).div_ceil(8)),
            };
            let spare = bytes.len() * 8 - size * size;
            let mut bytes = bytes;
            *bytes.last_mut().unwrap() &= 0xff << spare;
            let matrix = Matrix::from_bytes(size, &bytes).unwrap();
            let side = size + 8;
            for (index, winding) in windings(&svg::path(&matrix), side, side)
                .into_iter()
                .enumerate()
            {
                let dark = matrix.get(
                    (index % side).wrapping_sub(4),
                    (index / side).wrapping_sub(4),
                );
                assert_eq!(winding, i32::from(dark), "{size} {kind} {index}");
            }
        }
    }
}

#[test]
fn the_original_is_traced_within_bounds() {
    let mut random = Random::new(23);
    for (width, height) in [
        (1, 1),
        (30, 7),
        (200, 513),
        (512, 512),
        (513, 300),
        (2000, 1500),
    ] {
        let noise = random.bytes(4096);
        let picture = Picture::new(width, height, |x, y| {
            noise[(x * 7 + y * 131) % 4096] / 128 * 255
        });
        let Err(QrError::Unverified(bitmap)) = qr::read(&data_url(&png::grey(&picture))) else {
            panic!("{width}")
        };
        let factor = width.max(height).div_ceil(512);
        assert_eq!(
            (bitmap.width(), bitmap.height()),
            (width.div_ceil(factor), height.div_ceil(factor))
        );
        let (box_width, box_height) = svg::bitmap_view_box(&bitmap);
        let margin = (box_width - bitmap.width()) / 2;
        assert_eq!(margin, bitmap.width().max(bitmap.height()) / 10 + 1);
        assert_eq!(box_height - bitmap.height(), 2 * margin);
        let path = svg::bitmap_path(&bitmap);
        for (index, winding) in windings(&path, box_width, box_height)
            .into_iter()
            .enumerate()
        {
            let (x, y) = (
                (index % box_width).wrapping_sub(margin),
                (index / box_width).wrapping_sub(margin),
            );
            assert_eq!(
                winding,
                i32::from(bitmap.get(x, y)),
                "{width} {height} {x} {y}"
            );
            if x < bitmap.width() && y < bitmap.height() {
                // The majority of the pixels that it stands for; those of a picture of one level are light.
                let (mut dark, mut all) = (0, 0);
                for row in (y * factor..height).take(factor) {
                    for column in (x * factor..width).take(factor) {
                        all += 1;
                        dark += usize::from(picture.get(column, row) == 0 && width > 1);
                    }
                }
                assert_eq!(bitmap.get(x, y), dark * 2 > all, "{width} {height} {x} {y}");
            }
        }
        let name = format!("Bitmap({}x{})", bitmap.width(), bitmap.height());
        assert_eq!(format!("{bitmap:?}"), name);
        let document = svg::bitmap_document(&bitmap);
        assert!(document.contains(&path) && document.len() < 1 << 20);
    }
}
