//! Codes on their way from one gateway to another, unreadable to whoever else can read the store.

use crate::secret::Secret;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use ring::rand::{SecureRandom as _, SystemRandom};
use std::fmt;

/// AES-256-GCM under a key derived from the one secret that all gateways of a key have in common: the key itself.
#[derive(Clone)]
pub struct Seal(std::sync::Arc<LessSafeKey>);

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Seal(..)")
    }
}

impl Seal {
    /// Derives the key; `None` if the cryptographic library cannot.
    #[must_use]
    pub fn of(secret: &Secret) -> Option<Self> {
        let salt = ring::hkdf::Salt::new(ring::hkdf::HKDF_SHA256, b"sendapi-gateway");
        let pseudo_random = salt.extract(secret.expose().as_bytes());
        let okm = pseudo_random.expand(&[b"codes"], &AES_256_GCM).ok()?;
        Some(Self(std::sync::Arc::new(LessSafeKey::new(
            UnboundKey::from(okm),
        ))))
    }

    /// Seals `text` as something about `what`; `None` without randomness.
    pub(super) fn seal(&self, what: &str, text: &str) -> Option<String> {
        let mut nonce = [0; NONCE_LEN];
        SystemRandom::new().fill(&mut nonce).ok()?;
        let mut bytes = text.as_bytes().to_vec();
        let about = Aad::from(what.as_bytes());
        self.0
            .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), about, &mut bytes)
            .ok()?;
        Some(URL_SAFE_NO_PAD.encode([&nonce[..], &bytes].concat()))
    }

    /// Opens what [`Self::seal`] made about the same thing; `None` for everything else.
    pub(super) fn open(&self, what: &str, sealed: &str) -> Option<String> {
        let mut bytes = URL_SAFE_NO_PAD.decode(sealed).ok()?;
        let (nonce, bytes) = bytes.split_at_mut_checked(NONCE_LEN)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let about = Aad::from(what.as_bytes());
        let text = self.0.open_in_place(nonce, about, bytes).ok()?;
        String::from_utf8(text.to_vec()).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seal(secret: &str) -> Seal {
        Seal::of(&Secret::new(secret.to_owned())).unwrap()
    }

    #[test]
    fn only_the_same_key_opens_it_and_only_for_the_same_session() {
        let sealed = seal("sk_live_a").seal("one", "2@code").unwrap();
        assert!(!sealed.contains("2@code"));
        assert_eq!(seal("sk_live_a").open("one", &sealed).unwrap(), "2@code");
        assert_eq!(seal("sk_live_a").open("two", &sealed), None);
        assert_eq!(seal("sk_live_b").open("one", &sealed), None);
        assert_eq!(seal("sk_live_a").open("one", &sealed[1..]), None);
        assert_eq!(seal("sk_live_a").open("one", ""), None);
        assert_ne!(seal("sk_live_a").seal("one", "2@code").unwrap(), sealed);
    }
}
