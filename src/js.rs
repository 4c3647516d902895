//! Members of JavaScript objects, by name.

use js_sys::Object;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

// As js-sys has them, but for the name, which there is a JavaScript string that this side makes and drops.
#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = Reflect, js_name = get, catch)]
    fn reflect_get(target: &JsValue, name: &str) -> Result<JsValue, JsValue>;

    #[wasm_bindgen(js_namespace = Reflect, js_name = set)]
    fn reflect_set(target: &JsValue, name: &str, value: &JsValue) -> bool;
}

/// The member, or `undefined` where there is none, where its getter throws, and where `target` is no object.
pub(crate) fn get(target: &JsValue, name: &str) -> JsValue {
    reflect_get(target, name).unwrap_or(JsValue::UNDEFINED)
}

/// Sets members of a fresh object, which neither refuses nor throws.
pub(crate) fn fill(target: &JsValue, members: &[(&str, JsValue)]) {
    for (name, value) in members {
        reflect_set(target, name, value);
    }
}

/// A plain object of these members.
pub(crate) fn object(members: &[(&str, JsValue)]) -> JsValue {
    let object = JsValue::from(Object::new());
    fill(&object, members);
    object
}
