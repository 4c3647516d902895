//! Theme and direction.

use crate::page::Page;
use leptos::ev;
use leptos::html::{fieldset, input, label, legend, span};
use leptos::prelude::*;

pub(super) fn view(page: Page) -> AnyView {
    let theme = choice(
        "Theme",
        "theme",
        &[("auto", "Auto"), ("light", "Light"), ("dark", "Dark")],
        move |value| page.set_theme(value),
    );
    let direction = choice(
        "Direction",
        "direction",
        &[("ltr", "LTR"), ("rtl", "RTL")],
        move |value| page.set_direction(value),
    );
    (theme, direction).into_any()
}

/// A row of radio buttons, the first one chosen.
fn choice(
    title: &'static str,
    name: &'static str,
    options: &[(&'static str, &'static str)],
    pick: impl Fn(&'static str) + Copy + 'static,
) -> AnyView {
    let option = |at: usize, value: &'static str, words: &'static str| {
        label()
            .class("segment")
            .child((
                input()
                    .id(format!("{name}-{value}"))
                    .attr("type", "radio")
                    .attr("name", name)
                    .attr("value", value)
                    .attr("checked", at == 0)
                    .on(ev::change, move |_| pick(value)),
                span().child(words),
            ))
            .into_any()
    };
    let options: Vec<_> = options
        .iter()
        .enumerate()
        .map(|(at, &(value, words))| option(at, value, words))
        .collect();
    fieldset()
        .class("segments")
        .child((legend().class("spoken").child(title), options))
        .into_any()
}
