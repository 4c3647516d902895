//! The tab's memory: which session it was about, and a create that may still be under way.

use sendapi_pairing_core::{
    decimal,
    model::SessionId,
    pairing::{IdempotencyKey, Slot},
    text::cut,
};
use web_sys::Storage;

/// A place in `sessionStorage`. A browser that refuses storage is one without memory, not an error.
#[derive(Debug)]
pub(super) struct TabMemory {
    name: String,
}

impl TabMemory {
    /// The place for one endpoint and one signed-in user. The user's id is hashed: it need not be readable to whoever looks.
    pub(super) fn new(endpoint: &str, persist_key: &str) -> Self {
        let mut name = String::from("sendapi-pairing:");
        name.push_str(endpoint);
        if !persist_key.is_empty() {
            name.push(':');
            decimal::push(&mut name, fnv1a(persist_key));
        }
        Self { name }
    }

    pub(super) fn load(&self) -> Slot {
        let text = storage().and_then(|storage| storage.get_item(&self.name).ok()?);
        let text = text.unwrap_or_default();
        let (id, key) = cut(&text, b'\n').unwrap_or((&text, ""));
        Slot {
            session_id: SessionId::parse(id),
            idempotency_key: IdempotencyKey::parse(key),
        }
    }

    pub(super) fn save(&self, slot: &Slot) {
        let Some(storage) = storage() else {
            return;
        };
        let id = slot.session_id.as_ref().map_or("", SessionId::as_str);
        let key = slot
            .idempotency_key
            .as_ref()
            .map_or("", IdempotencyKey::as_str);
        // A full or forbidden storage costs the resume after a reload, nothing else.
        let _ = if id.is_empty() && key.is_empty() {
            storage.remove_item(&self.name)
        } else {
            storage.set_item(&self.name, &[id, "\n", key].concat())
        };
    }
}

fn storage() -> Option<Storage> {
    web_sys::window()?.session_storage().ok()?
}

/// FNV-1a, 64 bit.
fn fnv1a(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}
