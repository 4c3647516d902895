//! What reads codes that the core leaves over: a module that the page fetches for the first such code, or one that is linked in.

use std::rc::Rc;

use js_sys::{Promise, Uint8Array};
use sendapi_pairing_core::{pairing::Unread, qr::Matrix};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;

/// A second reader of codes.
#[derive(Clone)]
pub struct Reader(Rc<ReadCode>);

type ReadCode = dyn Fn(&str) -> Promise;

impl Reader {
    /// `read` promises a `Uint8Array`: the modules per side in one byte, then [`Matrix::to_bytes`]; or `undefined` where it can read
    /// nothing in the code. It rejects where there is nothing to read it with.
    pub fn new(read: impl Fn(&str) -> Promise + 'static) -> Self {
        Self(Rc::new(read))
    }
}

impl core::fmt::Debug for Reader {
    fn fmt(&self, out: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        out.write_str("Reader")
    }
}

impl PartialEq for Reader {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// Has `code` read by `reader`, or without one by what is linked in.
pub(crate) async fn read(reader: Option<Reader>, code: &str) -> Result<Matrix, Unread> {
    let Some(reader) = reader else {
        return linked(code);
    };
    let value = JsFuture::from((reader.0)(code)).await;
    let bytes = value.map_err(|_| Unread::Unavailable)?;
    let bytes = bytes.dyn_into::<Uint8Array>();
    let bytes = bytes.map_err(|_| Unread::Declined)?.to_vec();
    let (size, modules) = bytes.split_first().ok_or(Unread::Declined)?;
    Matrix::from_bytes(usize::from(*size), modules).ok_or(Unread::Declined)
}

#[cfg(feature = "reader")]
fn linked(code: &str) -> Result<Matrix, Unread> {
    sendapi_pairing_reader::read(code).map_err(|_| Unread::Declined)
}

#[cfg(not(feature = "reader"))]
fn linked(_code: &str) -> Result<Matrix, Unread> {
    Err(Unread::Unavailable)
}
