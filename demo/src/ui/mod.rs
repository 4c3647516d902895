//! The islands of the page that this program fills; the rest of the page is `index.html`.

mod badge;
mod controls;
mod log;
mod phone;
mod preferences;

use crate::page::{Page, keep};
use leptos::attr::any_attribute::AnyAttribute;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// The id of an island's place, and what fills it.
type Island = (&'static str, fn(Page) -> AnyView);

/// Fills every island that the page has.
pub(crate) fn mount(page: Page) {
    let islands: [Island; 5] = [
        ("badge", badge::view),
        ("preferences", preferences::view),
        ("phone", phone::view),
        ("controls", controls::view),
        ("journal", log::view),
    ];
    for (id, view) in islands {
        let island = document().get_element_by_id(id);
        if let Some(island) = island.and_then(|island| island.dyn_into::<HtmlElement>().ok()) {
            keep(leptos::mount::mount_to(island, move || view(page)));
        }
    }
}

fn aria(name: &'static str, value: &'static str) -> AnyAttribute {
    leptos::attr::custom::custom_attribute(name, value).into_any_attr()
}
