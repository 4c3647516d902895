//! The core's corpus of pictures by encoders that are not ours, read by the second reader beside `rqrr`, which is not ours either.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use std::path::Path;

use qr_support::picture::Picture;
use qr_support::png::data_url;
use sendapi_pairing_core::qr::{self, QrError};
use sendapi_pairing_reader::read;

#[test]
fn whatever_another_decoder_reads_is_read_and_nothing_else_comes_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../core/tests/corpus");
    let list = std::fs::read_to_string(folder.join("corpus.tsv")).unwrap();
    let (mut theirs, mut ours, mut left_over) = (0, 0, 0);
    for line in list.lines() {
        let [file, _, _, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let url = data_url(&std::fs::read(folder.join(file)).unwrap());
        let raster = qr::raster(&url).unwrap();
        let width = raster.width();
        let picture = Picture::new(width, raster.height(), |x, y| raster.luma()[y * width + x]);
        // rqrr gives kanji as the Shift JIS in which they are encoded.
        let expected = if file == "segno-kanji.png" {
            b"\xe4\xaa\x89\xd7".to_vec()
        } else {
            text.into()
        };
        left_over += u32::from(matches!(qr::read(&url), Err(QrError::Unverified(_))));
        let by_other = picture.text();
        theirs += u32::from(by_other.is_some());
        match read(&url) {
            Ok(matrix) => {
                ours += 1;
                let shown = Picture::of_matrix(&matrix, 4).scaled(3.0).text();
                assert_eq!(shown, Some(expected), "{file}");
            }
            Err(QrError::Unverified(_)) => {
                // Two codes, no code, or damage past correction.
                assert!(by_other.is_none(), "{file}: rqrr reads it");
                assert!(
                    !file.starts_with("tilted") && !file.starts_with("blurred"),
                    "{file}"
                );
            }
            Err(error) => panic!("{file}: {error}"),
        }
    }
    println!("rqrr reads {theirs}, this {ours}, of which the core leaves over {left_over}");
    assert!(
        ours >= theirs && left_over > 5,
        "{ours} {theirs} {left_over}"
    );
}
