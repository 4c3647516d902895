//! The screen as elements. One set of nodes serves every phase, so that focus stays and nothing jumps; only words, attributes and the
//! drawing change.
//!
//! Built with the builder, not `view!`: the macro turns static subtrees into `innerHTML`, which Trusted Types forbid.

use leptos::{
    attr::any_attribute::AnyAttribute,
    ev,
    html::{button, div, h2, header, li, ol, output, p, slot, span},
    prelude::*,
    svg::{circle, path, rect, svg},
};
use sendapi_pairing_core::{
    pairing::{Act, Drawing, Snapshot},
    qr::svg as draw,
};

use super::{
    screen::{Plate, Screen, Sign, Tone, clock},
    text::{Strings, Text},
};

/// What the nodes are bound to.
#[derive(Clone, Copy)]
pub(crate) struct Model {
    pub(crate) screen: RwSignal<Screen>,
    pub(crate) drawing: RwSignal<Option<Sheet>>,
    /// Seconds left of the code's life, and the whole of it.
    pub(crate) left: RwSignal<Option<(u64, u64)>>,
    pub(crate) strings: RwSignal<Strings>,
    pub(crate) phase: RwSignal<&'static str>,
    pub(crate) offline: RwSignal<bool>,
    pub(crate) look: RwSignal<Look>,
    /// What a screen reader is told, politely.
    pub(crate) spoken: RwSignal<String>,
}

/// The developer's choices of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// `auto`, `stack` or `row`.
    pub layout: String,
    /// Who asks: the site's name, as people know it.
    pub site: String,
}

/// One drawing, ready for the DOM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sheet {
    generation: u32,
    width: usize,
    height: usize,
    path: String,
}

impl Sheet {
    /// The drawing of the code on show.
    pub(crate) fn of(snapshot: &Snapshot) -> Option<Self> {
        let code = snapshot.qr.as_ref()?;
        let (width, height, path) = match &code.drawing {
            Drawing::Verified(matrix) => {
                let side = draw::view_box_size(matrix);
                (side, side, draw::path(matrix))
            }
            Drawing::Original(bitmap) => {
                let (width, height) = draw::bitmap_view_box(bitmap);
                (width, height, draw::bitmap_path(bitmap))
            }
        };
        Some(Self {
            generation: code.generation,
            width,
            height,
            path,
        })
    }

    pub(crate) const fn generation(&self) -> u32 {
        self.generation
    }
}

impl Model {
    pub(crate) fn new(strings: Strings, look: Look) -> Self {
        Self {
            screen: RwSignal::new(Screen::default()),
            drawing: RwSignal::new(None),
            left: RwSignal::new(None),
            strings: RwSignal::new(strings),
            phase: RwSignal::new("idle"),
            offline: RwSignal::new(false),
            look: RwSignal::new(look),
            spoken: RwSignal::new(String::new()),
        }
    }

    fn word(self, text: Text) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || self.strings.with(|strings| strings.get(text).to_owned())
    }

    fn field(
        self,
        pick: fn(&Screen) -> String,
    ) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || self.screen.with(pick)
    }
}

fn part(name: &'static str) -> AnyAttribute {
    leptos::attr::custom::custom_attribute("part", name).into_any_attr()
}

/// The whole box.
pub(crate) fn view(model: Model, act: impl Fn(Act) + Clone + 'static) -> AnyView {
    let asks = move || {
        let site = model.look.with(|look| look.site.clone());
        model
            .strings
            .with(|strings| strings.fill(Text::Asks, &[("site", &site)]))
    };
    let heading = header()
        .class("header")
        .add_any_attr(part("header"))
        .child((
            slot()
                .name("heading")
                .child(h2().child(model.word(Text::Heading))),
            p().class("name")
                .attr("dir", "auto")
                .child(model.field(|screen| screen.name.clone())),
            p().class("asks").child(asks),
        ))
        .into_any();
    div()
        .class("base")
        .add_any_attr(part("base"))
        .attr("data-phase", move || model.phase.get())
        .attr("data-offline", move || model.offline.get())
        .attr("data-tone", move || {
            model.screen.with(|screen| match screen.tone {
                Tone::Calm => "calm",
                Tone::Good => "good",
                Tone::Warn => "warn",
                Tone::Bad => "bad",
            })
        })
        .attr("data-theme", move || {
            model.look.with(|look| look.theme.clone())
        })
        .attr("data-layout", move || {
            model.look.with(|look| look.layout.clone())
        })
        .child((
            heading,
            div().class("body").child((plate(model), panel(model, act))),
            div().class("footer").child(
                slot()
                    .name("footer")
                    .child(p().child(model.word(Text::Undo))),
            ),
            output()
                .class("spoken")
                .attr("aria-live", "polite")
                .child(move || model.spoken.get()),
        ))
        .into_any()
}

fn plate(model: Model) -> AnyView {
    let sign = move || {
        model.screen.with(|screen| match screen.plate {
            Plate::Sign(sign) => sign_path(sign),
            Plate::Waiting | Plate::Code => "",
        })
    };
    let kind = move || {
        model.screen.with(|screen| match screen.plate {
            Plate::Waiting => "waiting",
            Plate::Code => "code",
            Plate::Sign(_) => "sign",
        })
    };
    let code = move || {
        model.drawing.get().map(|sheet| {
            let view_box = [
                "0 0 ",
                &sheet.width.to_string(),
                " ",
                &sheet.height.to_string(),
            ]
            .concat();
            svg()
                .attr("class", "qr")
                .add_any_attr(part("qr"))
                .attr("role", "img")
                .attr("aria-label", model.word(Text::QrLabel))
                .attr("viewBox", view_box)
                .attr("shape-rendering", "crispEdges")
                .child((
                    rect()
                        .attr("width", "100%")
                        .attr("height", "100%")
                        .attr("fill", "#fff"),
                    path().attr("d", sheet.path).attr("fill", "#000"),
                ))
        })
    };
    div()
        .class("plate")
        .add_any_attr(part("qr-frame"))
        .attr("data-kind", kind)
        .child((
            code,
            svg()
                .attr("class", "sign")
                .attr("aria-hidden", "true")
                .attr("viewBox", "0 0 24 24")
                .child(path().attr("d", sign)),
            slot().name("loading"),
        ))
        .into_any()
}

fn panel(model: Model, act: impl Fn(Act) + Clone + 'static) -> AnyView {
    let step = move |text| li().add_any_attr(part("step")).child(model.word(text));
    let steps = slot().name("instructions").child(
        ol().class("steps")
            .add_any_attr(part("steps"))
            .hidden(move || model.screen.with(|screen| !screen.steps))
            .child((
                step(Text::StepOpen),
                step(Text::StepMenu),
                step(Text::StepScan),
            )),
    );
    let hidden_without =
        move |pick: fn(&Screen) -> bool| move || model.screen.with(|screen| !pick(screen));
    div()
        .class("panel")
        .child((
            div().class("status").add_any_attr(part("status")).child((
                h2().class("title")
                    .attr("tabindex", "-1")
                    .child(model.field(|screen| screen.title.clone())),
                p().class("phone")
                    .add_any_attr(part("phone"))
                    .attr("dir", "ltr")
                    .hidden(hidden_without(|screen| !screen.phone.is_empty()))
                    .child(model.field(|screen| screen.phone.clone())),
                p().class("detail")
                    .attr("dir", "auto")
                    .hidden(hidden_without(|screen| !screen.detail.is_empty()))
                    .child(model.field(|screen| screen.detail.clone())),
            )),
            steps,
            countdown(model),
            p().class("note")
                .hidden(hidden_without(|screen| !screen.note.is_empty()))
                .child(model.field(|screen| screen.note.clone())),
            div().class("actions").add_any_attr(part("actions")).child((
                action(model, 0, act.clone()),
                action(model, 1, act.clone()),
                action(model, 2, act),
            )),
        ))
        .into_any()
}

fn countdown(model: Model) -> AnyView {
    let words = move || {
        let left = model.left.get().map(|(left, _)| clock(left));
        left.map(|time| {
            model
                .strings
                .with(|strings| strings.fill(Text::TimeLeft, &[("time", &time)]))
        })
    };
    // The ring's length is 100, so an offset is a percentage gone.
    let gone = move || {
        let (left, whole) = model.left.get().unwrap_or((0, 1));
        (100 - left.saturating_mul(100) / whole.max(1)).to_string()
    };
    let ring = move |class, offset: AnyAttribute| {
        circle()
            .attr("class", class)
            .attr("cx", "10")
            .attr("cy", "10")
            .attr("r", "8")
            .attr("pathLength", "100")
            .add_any_attr(offset)
    };
    let none = leptos::attr::custom::custom_attribute("stroke-dashoffset", "0").into_any_attr();
    let gone = leptos::attr::custom::custom_attribute("stroke-dashoffset", gone).into_any_attr();
    div()
        .class("countdown")
        .add_any_attr(part("countdown"))
        .attr("aria-hidden", "true")
        .hidden(move || model.left.with(Option::is_none))
        .child((
            svg()
                .attr("viewBox", "0 0 20 20")
                .child((ring("track", none), ring("ring", gone))),
            span().child(words),
        ))
        .into_any()
}

fn action(model: Model, at: usize, act: impl Fn(Act) + 'static) -> AnyView {
    const CLASSES: [&str; 3] = ["primary", "plain", "danger"];
    let wanted = move || {
        model
            .screen
            .with_untracked(|screen| screen.buttons.get(at).cloned().flatten())
    };
    button()
        .attr("type", "button")
        .class(CLASSES[at])
        .attr("part", move || {
            let part = model
                .screen
                .with(|screen| screen.buttons[at].as_ref().map(|button| button.part));
            ["button ", part.unwrap_or_default()].concat()
        })
        .hidden(move || model.screen.with(|screen| screen.buttons[at].is_none()))
        .on(ev::click, move |_| {
            if let Some(button) = wanted() {
                act(button.act);
            }
        })
        .child(move || {
            model.screen.with(|screen| {
                screen.buttons[at]
                    .as_ref()
                    .map(|button| button.label.clone())
            })
        })
        .into_any()
}

/// Drawn for this widget, on a grid of 24.
const fn sign_path(sign: Sign) -> &'static str {
    match sign {
        Sign::Link => {
            "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1"
        }
        Sign::Renew => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
        Sign::Check => "M5 12.5l4.7 4.7L19.2 7.5",
        Sign::Phone => {
            "M8.5 3h7A1.5 1.5 0 0 1 17 4.500v15a1.500 1.500 0 0 1-1.500 1.500h-7A1.500 1.500 0 0 1 7 19.500v-15A1.500 1.500 0 0 1 8.500 3zM11 18h2"
        }
        Sign::Alert => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5M12 16v.010",
    }
}
