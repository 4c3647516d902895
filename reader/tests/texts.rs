//! Pairing texts: encoded verbatim, as a decoder that is not ours reads them.

// What the tests call may unwrap as they do.
#![allow(clippy::unwrap_used)]

#[path = "../../core/tests/qr_support/mod.rs"]
mod qr_support;

use qr_support::picture::Picture;
use sendapi_pairing_core::qr::{self, QrError, Reason};
use sendapi_pairing_reader::read;

#[test]
fn texts_of_any_length_are_encoded_verbatim() {
    let fields = |length: usize| -> String {
        (0..length)
            .map(|at| char::from(b'!' + (at % 94) as u8))
            .collect()
    };
    let prefix = "https://wa.me/settings/linked_devices#";
    for length in [3, 20, 80, 230, 400, 700] {
        for prefix in ["", prefix] {
            let text = format!("{prefix}2@{}", fields(length));
            let matrix = read(&text).unwrap();
            let shown = Picture::of_matrix(&matrix, 4).scaled(3.0).text();
            assert_eq!(shown, Some(text.into()), "{length}");
            assert_eq!(qr::verify(&matrix), Some(matrix), "{length}");
        }
    }
    let longest = format!("2@{}", "a".repeat(2951));
    assert_eq!(read(&longest).unwrap().version(), 40);
    assert_eq!(read(&(longest + "a")), Err(QrError::Invalid(Reason::Text)));
}

#[test]
fn what_is_neither_picture_nor_text_is_refused_as_before() {
    for (code, reason) in [
        ("", Reason::Empty),
        ("2@a b", Reason::Text),
        ("https://other.example/x.png", Reason::Unrecognised),
        ("data:image/png;base64,AAAA", Reason::NotPng),
    ] {
        assert_eq!(read(code), Err(QrError::Invalid(reason)), "{code}");
    }
}
