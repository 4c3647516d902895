//! The style sheet of a component that lives in the page itself; the element brings its own into its shadow root.

use std::{cell::Cell, sync::LazyLock};

use web_sys::CssStyleSheet;

thread_local! {
    static ADOPTED: Cell<bool> = const { Cell::new(false) };
}

static CSS: LazyLock<String> =
    LazyLock::new(|| [PLACE, include_str!("style.css"), &super::slots::css()].concat());

/// What `:host` is to the element.
const PLACE: &str = ".sendapi-pairing {\n  container-type: inline-size;\n}\n";

/// The component's style sheet. A browser adopts it by itself, once the component runs there; a page rendered by a server wants it before,
/// as a `<style>` or behind a `<link>`.
#[must_use]
pub fn stylesheet() -> &'static str {
    &CSS
}

/// Adopts the sheet once per page: a constructed sheet, since a strict `style-src` forbids `<style>`.
pub(super) fn adopt() {
    if ADOPTED.replace(true) {
        return;
    }
    let document = web_sys::window().and_then(|window| window.document());
    let (Some(document), Ok(sheet)) = (document, CssStyleSheet::new()) else {
        return;
    };
    let Ok(replace) = js_sys::Reflect::get(&sheet, &"replaceSync".into()) else {
        return;
    };
    let replace: js_sys::Function = replace.into();
    let sheets = js_sys::Reflect::get(&document, &"adoptedStyleSheets".into());
    if replace.call1(&sheet, &stylesheet().into()).is_ok()
        && let Ok(sheets) = sheets
    {
        // Pushing in place is what browsers of the last years allow; where they do not, the component is plain but works.
        let sheets: js_sys::Array = sheets.into();
        sheets.push(&sheet);
    }
}
