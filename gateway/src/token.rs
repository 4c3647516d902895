//! The short-lived token that the customer's backend signs for one end user.
//!
//! A JWT (RFC 7519) signed with HS256 and nothing else. Header: `{"alg":"HS256","kid":"…"}`. Claims:
//!
//! | claim | | meaning |
//! | --- | --- | --- |
//! | `aud` | required | text equal to the gateway's audience |
//! | `sub` | required | 1 to 128 characters: who the end user is, to the customer |
//! | `exp` | required | Unix seconds, a whole number, at most 10 minutes ahead, and 30 s for clocks that differ |
//! | `ops` | required | array out of `create`, `read`, `qr`, `delete`, `list` |
//! | `session` | optional | the only session that the token reaches; `null` is refused |
//! | `origin` | optional | the only origin that may carry it; `null` is refused |
//! | `nbf`, `iat` | optional | Unix seconds; a token of the future is refused |
//!
//! Other claims are ignored; one that is there twice is refused.

use crate::id::SessionId;
use crate::json;
use crate::secret::Secret;
use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The alphabets differ in two letters each, so a text that both read is the same key in both.
const OF_KEYS: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, PADDED_OR_NOT);
const OF_KEYS_URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, PADDED_OR_NOT);
const PADDED_OR_NOT: GeneralPurposeConfig =
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent);

/// The longest time ahead that `exp` may lie, in seconds.
pub const LIFE_MAX_S: u64 = 600;
/// What clocks may differ by before a far `exp`, or an `nbf` or `iat` of the future, is refused, in seconds. An `exp` that has
/// passed is never forgiven.
const SKEW_S: u64 = 30;
/// The longest token that is looked at.
const TOKEN_MAX: usize = 4096;
const SUBJECT_MAX: usize = 128;

/// What a token allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Create a session.
    Create,
    /// Read one's session.
    Read,
    /// Ask for a new code.
    Qr,
    /// Delete one's session.
    Delete,
    /// List one's sessions.
    List,
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// The gateway's audience.
    pub aud: String,
    /// The end user.
    pub sub: String,
    /// Unix seconds.
    pub exp: u64,
    /// What it allows.
    pub ops: Vec<Operation>,
    /// The only session it reaches.
    #[serde(
        default,
        deserialize_with = "json::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub session: Option<String>,
    /// The only origin that may carry it.
    #[serde(
        default,
        deserialize_with = "json::given",
        skip_serializing_if = "Option::is_none"
    )]
    pub origin: Option<String>,
}

/// From when on a token counts, in Unix seconds; fractions are common here.
#[derive(Deserialize)]
struct Begin {
    nbf: Option<f64>,
    iat: Option<f64>,
}

impl Begin {
    fn is_after(&self, now_s: u64) -> bool {
        let latest = now_s.saturating_add(SKEW_S) as f64;
        [self.nbf, self.iat].iter().flatten().any(|at| *at > latest)
    }
}

/// Why a token was refused. The words never contain the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// It begins `sk_`: somebody put the key into a page.
    SecretKey,
    /// It is no token of ours: shape, algorithm, key id, signature or claims.
    Invalid,
    /// `exp` has passed.
    Expired,
    /// `exp` is more than [`LIFE_MAX_S`] ahead.
    TooLong,
    /// Its `nbf` or `iat` lies ahead.
    Early,
    /// Another audience.
    Audience,
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SecretKey => "A SendAPI key is not a token. Revoke it: a browser has seen it.",
            Self::Invalid => "The token is not valid.",
            Self::Expired => "The token has expired.",
            Self::TooLong => "The token lives longer than 10 minutes.",
            Self::Early => "The token is not valid yet: do the clocks agree?",
            Self::Audience => "The token is for another audience.",
        })
    }
}

impl std::error::Error for TokenError {}

/// Why the keys were refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyringError {
    /// Not `KID:BASE64[,KID:BASE64...]` with ids of letters, digits, `-` and `_`.
    Malformed,
    /// A key has fewer than 32 bytes.
    Short,
    /// Two keys have one id.
    Duplicate,
}

impl fmt::Display for KeyringError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "must be KID:BASE64[,KID:BASE64...]",
            Self::Short => "each key must have at least 32 bytes (try: openssl rand -base64 32)",
            Self::Duplicate => "each KID must be given once",
        })
    }
}

impl std::error::Error for KeyringError {}

#[derive(Deserialize, Serialize)]
struct Header {
    alg: String,
    kid: String,
    #[serde(
        default,
        deserialize_with = "json::given",
        skip_serializing_if = "Option::is_none"
    )]
    crit: Option<serde_json::Value>,
}

/// The signing keys by id; the first signs, all verify, so that keys can be rotated.
pub struct Keyring {
    keys: Vec<(String, hmac::Key)>,
    audience: String,
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keyring")
            .field("keys", &self.keys.len())
            .field("audience", &self.audience)
            .finish()
    }
}

impl Keyring {
    /// Reads `KID:BASE64[,KID:BASE64...]`, in either alphabet of RFC 4648 (sections 4 and 5), padded or not.
    ///
    /// # Errors
    /// See [`KeyringError`].
    pub fn parse(text: &str, audience: &str) -> Result<Self, KeyringError> {
        let mut keys: Vec<(String, hmac::Key)> = Vec::new();
        for pair in text.split(',') {
            let (kid, key) = pair.trim().split_once(':').ok_or(KeyringError::Malformed)?;
            let sound = (1..=64).contains(&kid.len())
                && kid
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'));
            if !sound {
                return Err(KeyringError::Malformed);
            }
            let key = OF_KEYS
                .decode(key)
                .or_else(|_| OF_KEYS_URL_SAFE.decode(key))
                .map_err(|_| KeyringError::Malformed)?;
            if key.len() < 32 {
                return Err(KeyringError::Short);
            }
            if keys.iter().any(|(known, _)| known == kid) {
                return Err(KeyringError::Duplicate);
            }
            keys.push((kid.to_owned(), hmac::Key::new(hmac::HMAC_SHA256, &key)));
        }
        Ok(Self {
            keys,
            audience: audience.to_owned(),
        })
    }

    /// The audience that tokens must name.
    #[must_use]
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// Signs claims with the first key.
    #[must_use]
    pub fn sign(&self, claims: &Claims) -> Secret {
        let Some((kid, key)) = self.keys.first() else {
            return Secret::new(String::new());
        };
        let header = Header {
            alg: "HS256".to_owned(),
            kid: kid.clone(),
            crit: None,
        };
        let part = |json: Vec<u8>| URL_SAFE_NO_PAD.encode(json);
        let signed = format!(
            "{}.{}",
            part(serde_json::to_vec(&header).unwrap_or_default()),
            part(serde_json::to_vec(claims).unwrap_or_default())
        );
        let tag = hmac::sign(key, signed.as_bytes());
        Secret::new(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag)))
    }

    /// Checks a token at `now_s` (Unix seconds): signature first, then every claim that does not depend on the request.
    ///
    /// # Errors
    /// See [`TokenError`].
    pub fn verify(&self, token: &str, now_s: u64) -> Result<Claims, TokenError> {
        if token.starts_with("sk_") {
            return Err(TokenError::SecretKey);
        }
        if token.len() > TOKEN_MAX {
            return Err(TokenError::Invalid);
        }
        let (signed, tag) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
        let (header, claims) = signed.split_once('.').ok_or(TokenError::Invalid)?;
        let header: Header = part(header)?;
        if header.alg != "HS256" || header.crit.is_some() {
            return Err(TokenError::Invalid);
        }
        let (_, key) = self
            .keys
            .iter()
            .find(|(kid, _)| *kid == header.kid)
            .ok_or(TokenError::Invalid)?;
        let tag = URL_SAFE_NO_PAD
            .decode(tag)
            .map_err(|_| TokenError::Invalid)?;
        hmac::verify(key, signed.as_bytes(), &tag).map_err(|_| TokenError::Invalid)?;
        let begin: Begin = part(claims)?;
        let claims: Claims = part(claims)?;
        if claims.aud != self.audience {
            return Err(TokenError::Audience);
        }
        if claims.exp <= now_s {
            return Err(TokenError::Expired);
        }
        if claims.exp > now_s.saturating_add(LIFE_MAX_S + SKEW_S) {
            return Err(TokenError::TooLong);
        }
        if begin.is_after(now_s) {
            return Err(TokenError::Early);
        }
        let subject = claims.sub.chars().count();
        let session = claims
            .session
            .as_deref()
            .is_none_or(|id| SessionId::parse(id).is_some());
        if !(1..=SUBJECT_MAX).contains(&subject)
            || claims.sub.chars().any(char::is_control)
            || !session
        {
            return Err(TokenError::Invalid);
        }
        Ok(claims)
    }
}

fn part<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, TokenError> {
    let json = URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| TokenError::Invalid)?;
    serde_json::from_slice(&json).map_err(|_| TokenError::Invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE};

    #[test]
    fn a_signing_key_may_be_in_any_common_base64() {
        // Of 34 bytes that need padding and the letters in which the alphabets differ.
        let key = [0xfb; 34];
        let texts = [
            STANDARD.encode(key),
            STANDARD_NO_PAD.encode(key),
            URL_SAFE.encode(key),
            URL_SAFE_NO_PAD.encode(key),
        ];
        let claims = Claims {
            aud: "a".to_owned(),
            sub: "s".to_owned(),
            exp: 100,
            ops: Vec::new(),
            session: None,
            origin: None,
        };
        let ring = |text: &str| Keyring::parse(&format!("k:{text}"), "a");
        let signed = ring(&texts[0]).unwrap().sign(&claims);
        for text in &texts {
            let verified = ring(text).unwrap().verify(signed.expose(), 50);
            assert_eq!(verified.as_ref(), Ok(&claims), "{text}");
        }
        let mixed = texts[0].replacen('+', "-", 1);
        let spaced = format!("{} ", &texts[1][..10]) + &texts[1][10..];
        for bad in [mixed.as_str(), &spaced, &format!("{}=", texts[0]), "="] {
            assert_eq!(ring(bad).unwrap_err(), KeyringError::Malformed, "{bad}");
        }
    }
}
