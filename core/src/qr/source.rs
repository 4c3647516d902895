//! Which of the contract's accepted forms a `qr_code` has.

use super::Reason;

/// The longest `qr_code` looked at, in bytes: 256 KiB.
pub const MAX_SOURCE_BYTES: usize = 256 * 1024;

const DATA_URL: &str = "data:image/png;base64,";
/// Base64 of the PNG signature 89 50 4E 47 0D 0A 1A 0A, as far as whole characters of it reach.
const PNG: &str = "iVBORw0KGg";
const LINKED_DEVICES: &str = "https://wa.me/settings/linked_devices#";
const PAIRING: &str = "2@";

pub(super) enum Source<'a> {
    /// Base64 of what should be a PNG.
    Base64(&'a str),
    /// A pairing text, prefix included: to be encoded as it stands.
    Text,
}

/// Sorts a `qr_code` by its beginning alone; no other scheme, and no URL, is ever looked into.
pub(super) fn classify(qr_code: &str) -> Result<Source<'_>, Reason> {
    if qr_code.is_empty() {
        return Err(Reason::Empty);
    }
    if qr_code.len() > MAX_SOURCE_BYTES {
        return Err(Reason::TooLarge);
    }
    if let Some((scheme, rest)) = qr_code.split_at_checked(DATA_URL.len())
        && scheme.eq_ignore_ascii_case(DATA_URL)
    {
        return Ok(Source::Base64(rest));
    }
    classify_further(qr_code)
}

/// What is no data URL.
#[inline(never)]
fn classify_further(qr_code: &str) -> Result<Source<'_>, Reason> {
    let pairing = qr_code.strip_prefix(LINKED_DEVICES).unwrap_or(qr_code);
    if let Some(fields) = pairing.strip_prefix(PAIRING) {
        // A line break or a look-alike letter is damage in transit: encoded verbatim it would never pair.
        let sound = !fields.is_empty() && fields.bytes().all(|byte| byte.is_ascii_graphic());
        return if sound {
            Ok(Source::Text)
        } else {
            Err(Reason::Text)
        };
    }
    if qr_code.starts_with(PNG) {
        return Ok(Source::Base64(qr_code));
    }
    Err(Reason::Unrecognised)
}
