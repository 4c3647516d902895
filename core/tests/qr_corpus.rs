//! Pictures from encoders that are not ours (`scripts/corpus` makes them): each must be drawn, or declined, as its line says, and what
//! is drawn must be read by a decoder that is not ours as the text that was encoded.

mod qr_support;

use std::path::Path;

use qr_support::picture::Picture;
use qr_support::png;
use sendapi_pairing_core::qr::{self, QrError};

#[test]
fn every_picture_comes_out_as_it_must() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let list = std::fs::read_to_string(folder.join("corpus.tsv")).unwrap();
    let mut encoders = Vec::new();
    for line in list.lines() {
        let [file, encoder, outcome, text] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}");
        };
        let code = qr::read(&png::data_url(&std::fs::read(folder.join(file)).unwrap()));
        match (outcome, code) {
            ("drawn" | "careful", Ok(matrix)) => {
                let read = Picture::of_matrix(&matrix, 4).scaled(3.0).text();
                // rqrr gives kanji as the Shift JIS in which they are encoded.
                let expected = if file == "segno-kanji.png" {
                    b"\xe4\xaa\x89\xd7".to_vec()
                } else {
                    text.into()
                };
                assert_eq!(read, Some(expected), "{file}");
            }
            ("declined" | "careful", Err(QrError::Unverified(_))) => {}
            (_, other) => panic!("{file}: {other:?}, not {outcome}"),
        }
        encoders.push(encoder);
    }
    for encoder in [
        "qrencode",
        "segno",
        "python-qrcode",
        "node-qrcode",
        "zxing-cpp",
    ] {
        assert!(
            encoders.iter().filter(|&&one| one == encoder).count() >= 10,
            "{encoder}"
        );
    }
}
