//! The one error that leaves the core: a stable code, words for a person, and what the server said of itself.

use core::fmt;

use crate::text::piece;

/// Stable codes of everything that can go wrong; the strings are public API (`sendapi-error`'s `code`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The element or controller was set up wrongly: no endpoint, a bad URL.
    Config,
    /// A token that begins `sk_` was offered: a secret key must never be in a browser.
    SecretKeyRejected,
    /// 401, also after the token was renewed.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 402: no free session or no subscription.
    QuotaExceeded,
    /// 404 or 410.
    NotFound,
    /// 409.
    Conflict,
    /// 400 or 422, or any other 4xx without a code of its own.
    InvalidRequest,
    /// 429.
    RateLimited,
    /// 5xx, a redirect, or a page of HTML in place of JSON.
    ServerError,
    /// No answer, or one that the browser withheld.
    NetworkOrCors,
    /// No whole answer within the request's deadline.
    Timeout,
    /// An answer that does not keep the contract.
    InvalidResponse,
    /// A sound image that could not be verified as one QR code.
    QrUnverified,
    /// Another number than `expected-phone` connected.
    WrongNumber,
    /// The browser refused to load or run the wasm.
    WasmBlocked,
    /// A bug of ours.
    Internal,
}

impl ErrorCode {
    /// Every code, in the order of the documentation.
    pub const ALL: [Self; 17] = [
        Self::Config,
        Self::SecretKeyRejected,
        Self::Unauthorized,
        Self::Forbidden,
        Self::QuotaExceeded,
        Self::NotFound,
        Self::Conflict,
        Self::InvalidRequest,
        Self::RateLimited,
        Self::ServerError,
        Self::NetworkOrCors,
        Self::Timeout,
        Self::InvalidResponse,
        Self::QrUnverified,
        Self::WrongNumber,
        Self::WasmBlocked,
        Self::Internal,
    ];

    /// The public name, as in `sendapi-error`'s `code`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::SecretKeyRejected => "secret_key_rejected",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::QuotaExceeded => "quota_exceeded",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::InvalidRequest => "invalid_request",
            Self::RateLimited => "rate_limited",
            Self::ServerError => "server_error",
            Self::NetworkOrCors => "network_or_cors",
            Self::Timeout => "timeout",
            Self::InvalidResponse => "invalid_response",
            Self::QrUnverified => "qr_unverified",
            Self::WrongNumber => "wrong_number",
            Self::WasmBlocked => "wasm_blocked",
            Self::Internal => "internal",
        }
    }

    /// The code that bears `name`, the inverse of [`as_str`](Self::as_str).
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == name)
    }

    /// Whether the same request may succeed later without anybody changing anything.
    #[must_use]
    pub const fn is_transient(self) -> bool {
        matches!(
            self,
            Self::RateLimited
                | Self::ServerError
                | Self::NetworkOrCors
                | Self::Timeout
                | Self::InvalidResponse
        )
    }

    /// What it means, in a sentence for the developer's console. A server's own words, where it sent any, go before this.
    #[must_use]
    #[inline(never)]
    pub fn explanation(self) -> &'static str {
        // In the order of the codes. The marks are what scripts/split-module.mjs finds these words by.
        const LATER: &str = concat!(
            "\0later\0",
            "The pairing is not configured correctly.\0",
            "A secret key must never reach a browser: use a gateway token or your own backend.\0",
            "The backend did not accept the sign-in.\0",
            "The backend does not allow this.\0",
            "The account has no free session.\0",
            "The session does not exist any more.\0",
            "The request conflicts with the session's state.\0",
            "The backend did not understand the request.\0",
            "Too many requests; try again shortly.\0",
            "The backend had a problem.\0",
            "The backend could not be reached, or CORS withheld its answer.\0",
            "The backend took too long to answer.\0",
            "The backend sent something unexpected.\0",
            "The image could not be verified as a QR code.\0",
            "A different number was linked than expected.\0",
            "The browser blocked the widget's WebAssembly.\0",
            "Something went wrong in the widget.\0",
            "\0over\0"
        );
        piece(LATER, 0, self as usize + 2)
    }
}

/// What went wrong, as it reaches the page: `sendapi-error`'s detail.
///
/// Never holds a key, a token, a code's text or a whole phone number: its message is either ours or the server's own words cut to
/// [`MESSAGE_MAX`](Self::MESSAGE_MAX) characters and cleaned of control characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The stable code.
    pub code: ErrorCode,
    /// Words for a person: the server's own where it sent any, as text.
    pub message: String,
    /// Whether the user may sensibly try again.
    pub retryable: bool,
    /// The HTTP status of the answer, where there was one.
    pub http_status: Option<u16>,
    /// The server's id of the request, for its support.
    pub request_id: Option<String>,
}

impl Error {
    /// The longest message kept, in characters.
    pub const MESSAGE_MAX: usize = 300;

    /// An error of our own: the code's explanation as message, no answer behind it.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self {
            code,
            message: code.explanation().into(),
            retryable: code.is_transient(),
            http_status: None,
            request_id: None,
        }
    }

    /// A server's words as they may be shown: control characters made spaces, cut to [`MESSAGE_MAX`](Self::MESSAGE_MAX) characters,
    /// and every word that looks like a key, a token, a pairing text or a phone number replaced by `…`, since a server may quote what
    /// it was sent. `None` where nothing is left.
    #[must_use]
    pub fn clean_message(words: &str) -> Option<String> {
        let mut clean = String::new();
        let visible = words.chars().take(Self::MESSAGE_MAX * 4);
        let visible: String = visible
            .map(|ch| if is_unprintable(ch) { ' ' } else { ch })
            .collect();
        let visible = hide_numbers(&visible);
        for word in visible.split_whitespace() {
            if !clean.is_empty() {
                clean.push(' ');
            }
            clean.push_str(if is_secret(word) { "…" } else { word });
        }
        if let Some((end, _)) = clean.char_indices().nth(Self::MESSAGE_MAX) {
            clean.truncate(end);
        }
        (!clean.is_empty()).then_some(clean)
    }

    /// A server's request id, where it is one: at most 128 visible ASCII characters, and no secret.
    #[must_use]
    pub fn clean_id(id: &str) -> Option<String> {
        let sound = (1..=128).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_graphic());
        (sound && !is_secret(id)).then(|| id.into())
    }

    /// The same, for an answer that bore `status`.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.http_status = Some(status);
        self
    }
}

/// Control characters, and the marks that reorder text (Unicode, UAX #9): a server's words must not rearrange ours.
fn is_unprintable(ch: char) -> bool {
    ch.is_control()
        || matches!(ch, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Whether `word` holds what begins like a key, a JWT, a pairing text or a data URL.
fn is_secret(word: &str) -> bool {
    ["sk_", "eyJ", "2@", "data:", "linked_devices#"]
        .iter()
        .any(|mark| holds(word, mark))
}

/// Whether `text` holds `part`, which is not empty. For texts of a line or two: std's search would be a kilobyte of a browser's download.
pub(crate) fn holds(text: &str, part: &str) -> bool {
    let mut windows = text.as_bytes().windows(part.len());
    windows.any(|window| window == part.as_bytes())
}

/// Replaces runs of seven digits or more, single separators between them included, by `…`.
fn hide_numbers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut run = String::new();
    let mut digits = 0;
    for ch in text.chars().chain(['\0']) {
        let joins = matches!(ch, ' ' | '-' | '.' | '(' | ')' | '+');
        if ch.is_ascii_digit() || (joins && digits > 0) {
            digits += usize::from(ch.is_ascii_digit());
            run.push(ch);
            continue;
        }
        if digits >= 7 {
            let spaced = run.ends_with(' ');
            out.push_str(if spaced { "… " } else { "…" });
        } else {
            out.push_str(&run);
        }
        run.clear();
        digits = 0;
        if ch != '\0' {
            out.push(ch);
        }
    }
    out
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.code.as_str())?;
        out.write_str(": ")?;
        out.write_str(&self.message)
    }
}

impl core::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip_and_are_unique() {
        for code in ErrorCode::ALL {
            assert_eq!(ErrorCode::from_name(code.as_str()), Some(code));
        }
        assert_eq!(ErrorCode::from_name("nope"), None);
    }

    #[test]
    fn every_code_has_the_explanation_that_is_its_own() {
        for (code, part) in [
            (ErrorCode::Config, "not configured"),
            (ErrorCode::QuotaExceeded, "no free session"),
            (ErrorCode::RateLimited, "Too many requests"),
            (ErrorCode::Timeout, "too long"),
            (ErrorCode::WrongNumber, "different number"),
            (ErrorCode::Internal, "in the widget"),
        ] {
            assert!(code.explanation().contains(part), "{code:?}");
        }
        let mut all = ErrorCode::ALL.map(ErrorCode::explanation).to_vec();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), ErrorCode::ALL.len());
        assert!(all.iter().all(|words| words.ends_with('.')));
    }

    #[test]
    fn it_is_written_as_its_code_and_words() {
        let error = Error::new(ErrorCode::Timeout).to_string();
        assert_eq!(error, "timeout: The backend took too long to answer.");
    }

    #[test]
    fn a_servers_words_are_kept_and_its_slips_are_not() {
        for (words, clean) in [
            ("Session limit reached", Some("Session limit reached")),
            ("Invalid key sk_live_0123456789.", Some("Invalid key …")),
            ("token=eyJhbGciOi.x.y expired", Some("… expired")),
            ("no code 2@abc,def", Some("no code …")),
            ("+44 7700 900000 is taken", Some("+… is taken")),
            ("try in 120 s, error 4029", Some("try in 120 s, error 4029")),
            ("a\u{202e}b\n\tc", Some("a b c")),
            (" \n", None),
        ] {
            assert_eq!(Error::clean_message(words).as_deref(), clean, "{words:?}");
        }
        let long = Error::clean_message(&"ä".repeat(5000)).unwrap();
        assert_eq!(long.chars().count(), Error::MESSAGE_MAX);
        // What is wide is not long: as much is looked at as may shrink to that.
        let wide = Error::clean_message(&"a   ".repeat(300)).unwrap();
        assert_eq!(wide.chars().count(), Error::MESSAGE_MAX);
        assert_eq!(Error::clean_id("req_1").as_deref(), Some("req_1"));
        assert_eq!(Error::clean_id("sk_live_1"), None);
        assert_eq!(Error::clean_id("a b"), None);
    }
}
