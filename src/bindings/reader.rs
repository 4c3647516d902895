//! The second reader of codes, which JavaScript brings: it knows where the module lies.

use std::cell::RefCell;

use js_sys::{Function, Promise};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};

use crate::driver::Reader;

thread_local! {
    static READER: RefCell<Option<Reader>> = const { RefCell::new(None) };
}

/// `(code) => Promise<Uint8Array | undefined>`, as [`Reader::new`] takes it; asked for codes that this module leaves over.
#[wasm_bindgen(js_name = setReader)]
pub fn set_reader(read: Function) {
    let reader = Reader::new(move |code| {
        match read
            .call1(&JsValue::UNDEFINED, &code.into())
            .and_then(JsCast::dyn_into)
        {
            Ok(promise) => promise,
            Err(thrown) => Promise::reject(&thrown),
        }
    });
    READER.with(|registered| registered.replace(Some(reader)));
}

pub(super) fn registered() -> Option<Reader> {
    READER.with(|registered| registered.borrow().clone())
}
