//! Draws what a `qr_code` shows: `qr_to_svg [--matrix] FILE`, with FILE a PNG, or a text with a data URL, bare base64 or a
//! pairing text in it; `-` reads standard input. Prints the SVG, or with `--matrix` a row of 0 and 1 per row of modules without the
//! quiet zone. On bad input: one line on standard error, and exit status 1.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use sendapi_pairing_core::qr::{Matrix, svg};

fn main() -> ExitCode {
    match run() {
        Ok(text) => match io::stdout().write_all(text.as_bytes()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Err(message) => {
            // Where even that fails nobody is there to be told.
            let _ = writeln!(io::stderr(), "{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<String, String> {
    let mut matrix = false;
    let mut file = None;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--matrix" => matrix = true,
            _ if file.is_none() => file = Some(argument),
            _ => return Err("usage: qr_to_svg [--matrix] FILE".to_owned()),
        }
    }
    let file = file.ok_or("usage: qr_to_svg [--matrix] FILE")?;
    let bytes = read(&file).map_err(|error| format!("{file}: {error}"))?;
    let qr_code = if bytes.starts_with(b"\x89PNG") {
        base64(&bytes)
    } else {
        let text =
            String::from_utf8(bytes).map_err(|_| format!("{file}: neither a PNG nor text"))?;
        // Editors and shells end files with a line break, which is no part of a code.
        text.trim_end_matches(['\r', '\n']).to_owned()
    };
    let code =
        sendapi_pairing_reader::read(&qr_code).map_err(|error| format!("{file}: {error}"))?;
    Ok(if matrix {
        rows(&code)
    } else {
        svg::document(&code) + "\n"
    })
}

fn read(file: &str) -> io::Result<Vec<u8>> {
    if file == "-" {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes)?;
        return Ok(bytes);
    }
    std::fs::read(file)
}

fn rows(matrix: &Matrix) -> String {
    let mut text = String::new();
    for y in 0..matrix.size() {
        text.extend((0..matrix.size()).map(|x| if matrix.get(x, y) { '1' } else { '0' }));
        text.push('\n');
    }
    text
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0u32, |bits, &byte| bits << 8 | u32::from(byte))
            << (8 * (3 - group.len()));
        for index in 0..4 {
            let letter = ALPHABET[(bits >> (18 - 6 * index) & 63) as usize];
            text.push(if index <= group.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}
