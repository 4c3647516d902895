//! The style sheet of a component that lives in the page itself; the element brings its own into its shadow root.

use std::cell::Cell;

use web_sys::CssStyleSheet;

thread_local! {
    static ADOPTED: Cell<bool> = const { Cell::new(false) };
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
    let css = [include_str!("style.css"), &super::slots::css()].concat();
    if replace.call1(&sheet, &css.into()).is_ok()
        && let Ok(sheets) = sheets
    {
        // Pushing in place is what browsers of the last years allow; where they do not, the component is plain but works.
        let sheets: js_sys::Array = sheets.into();
        sheets.push(&sheet);
    }
}
