//! The screen as elements, written down as data.

use std::borrow::Cow;

use leptos::prelude::ArcRwSignal;
use sendapi_pairing_core::decimal;

use super::{
    screen::{Button, Plate, Screen, Sign, Tone},
    state::State,
    text::Text,
    tree::{
        Element,
        Live::{self, Of, Word},
        TEXT, Tree,
    },
};

/// The whole box.
pub(crate) fn view(state: ArcRwSignal<State>) -> Tree {
    Tree { state, root: &BASE }
}

/// The attribute that says which button of the screen it is: one of [`PLACES`].
pub(super) const BUTTON: &str = "data-button";
pub(super) const PLACES: [&str; 3] = ["0", "1", "2"];

/// An element with attributes that stay, attributes that follow, and children.
const fn tag(
    tag: &'static str,
    fixed: &'static str,
    live: &'static [(&'static str, Live)],
    children: &'static [Element],
) -> Element {
    Element {
        tag,
        fixed,
        live,
        children,
    }
}

static BASE: Element = tag(
    "div",
    "class=base|part=base",
    &[
        ("data-phase", Of(|state| Some(state.phase.into()))),
        ("data-offline", Of(|state| there(state.offline))),
        ("data-tone", Of(tone)),
        ("data-theme", Of(|state| Some((&state.look.theme).into()))),
        ("data-layout", Of(|state| Some((&state.look.layout).into()))),
        // The element has a skeleton of its own, in JavaScript.
        #[cfg(not(feature = "js"))]
        (
            "aria-busy",
            Of(|state| state.phase.is_empty().then_some("true".into())),
        ),
    ],
    &[
        tag(
            "header",
            "class=header|part=header",
            &[],
            &[
                tag(
                    "slot",
                    "name=heading",
                    &[],
                    &[tag("h2", "", &[(TEXT, Word(Text::Heading))], &[])],
                ),
                tag(
                    "p",
                    "class=name|dir=auto",
                    &[(TEXT, Of(|state| text(&state.screen.name)))],
                    &[],
                ),
                tag(
                    "p",
                    "class=asks",
                    &[
                        // The element knows its host from the start.
                        #[cfg(not(feature = "js"))]
                        ("data-off", Of(|state| there(state.look.site.is_empty()))),
                        (TEXT, Of(asks)),
                    ],
                    &[],
                ),
            ],
        ),
        tag("div", "class=body", &[], &[PLATE, PANEL]),
        tag(
            "div",
            "class=footer",
            &[],
            &[tag(
                "slot",
                "name=footer",
                &[],
                &[tag("p", "", &[(TEXT, Word(Text::Undo))], &[])],
            )],
        ),
        tag(
            "output",
            "class=spoken|aria-live=polite",
            &[(TEXT, Of(|state| text(&state.spoken)))],
            &[],
        ),
    ],
);

const PLATE: Element = tag(
    "div",
    "class=plate|part=qr-frame",
    &[("data-kind", Of(kind))],
    &[
        tag(
            "svg",
            "class=qr|shape-rendering=crispEdges",
            &[
                ("hidden", Of(|state| there(state.sheet.is_none()))),
                ("part", Of(|state| drawn(state, "qr"))),
                ("role", Of(|state| drawn(state, "img"))),
                (
                    "aria-label",
                    Of(|state| drawn(state, state.strings.get(Text::QrLabel))),
                ),
                (
                    "viewBox",
                    Of(|state| Some((&state.sheet.as_ref()?.view_box).into())),
                ),
            ],
            &[
                tag("rect", "width=100%|height=100%|fill=#fff", &[], &[]),
                tag(
                    "path",
                    "fill=#000",
                    &[("d", Of(|state| Some((&state.sheet.as_ref()?.path).into())))],
                    &[],
                ),
            ],
        ),
        tag(
            "slot",
            "",
            &[("name", Of(plate_slot))],
            &[tag(
                "svg",
                "class=sign|aria-hidden=true|viewBox=0 0 24 24",
                &[],
                &[tag("path", "", &[("d", Of(sign))], &[])],
            )],
        ),
    ],
);

const PANEL: Element = tag(
    "div",
    "class=panel",
    &[],
    &[
        tag(
            "div",
            "class=status|part=status",
            &[("data-room", Of(room))],
            &[tag(
                "h2",
                "class=title|tabindex=-1",
                &[(TEXT, Of(|state| text(&state.screen.title)))],
                &[],
            )],
        ),
        tag(
            "div",
            "class=guide",
            &[("data-off", Of(|state| there(!state.screen.steps)))],
            &[tag(
                "slot",
                "name=instructions",
                &[],
                &[tag(
                    "ol",
                    "class=steps|part=steps",
                    &[],
                    &[
                        step(&[(TEXT, Word(Text::StepOpen))]),
                        step(&[(TEXT, Word(Text::StepMenu))]),
                        step(&[(TEXT, Word(Text::StepScan))]),
                    ],
                )],
            )],
        ),
        COUNTDOWN,
        tag(
            "div",
            "class=about",
            &[],
            &[
                tag(
                    "p",
                    "class=phone|part=phone|dir=ltr",
                    &[
                        ("hidden", Of(|state| there(state.screen.phone.is_empty()))),
                        (TEXT, Of(|state| text(&state.screen.phone))),
                    ],
                    &[],
                ),
                tag(
                    "slot",
                    "",
                    &[("name", Of(|state| Some(slot_of(state, "error").into())))],
                    &[tag(
                        "p",
                        "class=detail",
                        &[
                            ("part", Of(error_part)),
                            ("hidden", Of(|state| there(state.screen.detail.is_empty()))),
                            (TEXT, Of(|state| text(&state.screen.detail))),
                        ],
                        &[],
                    )],
                ),
                tag(
                    "p",
                    "class=note",
                    &[
                        ("hidden", Of(|state| there(state.screen.note.is_empty()))),
                        (TEXT, Of(|state| text(&state.screen.note))),
                    ],
                    &[],
                ),
                tag(
                    "slot",
                    "",
                    &[("name", Of(|state| Some(slot_of(state, "connected").into())))],
                    &[],
                ),
            ],
        ),
        tag(
            "div",
            "class=actions|part=actions",
            &[],
            &[
                button(
                    "class=primary|type=button|data-button=0",
                    &[
                        ("hidden", Of(|state| no_button(state, 0))),
                        ("part", Of(|state| button_part(state, 0))),
                        (TEXT, Of(|state| label(state, 0))),
                    ],
                ),
                button(
                    "class=plain|type=button|data-button=1",
                    &[
                        ("hidden", Of(|state| no_button(state, 1))),
                        ("part", Of(|state| button_part(state, 1))),
                        (TEXT, Of(|state| label(state, 1))),
                    ],
                ),
                button(
                    "class=danger|type=button|data-button=2",
                    &[
                        ("hidden", Of(|state| no_button(state, 2))),
                        ("part", Of(|state| button_part(state, 2))),
                        (TEXT, Of(|state| label(state, 2))),
                    ],
                ),
            ],
        ),
    ],
);

const COUNTDOWN: Element = tag(
    "div",
    "class=countdown|part=countdown|aria-hidden=true",
    &[("data-off", Of(|state| there(state.left.is_none())))],
    &[
        tag(
            "svg",
            "viewBox=0 0 20 20",
            &[],
            &[
                ring(
                    "class=track|cx=10|cy=10|r=8|pathLength=100|stroke-dashoffset=0",
                    &[],
                ),
                ring(
                    "class=ring|cx=10|cy=10|r=8|pathLength=100",
                    &[("stroke-dashoffset", Of(gone))],
                ),
            ],
        ),
        tag("span", "", &[(TEXT, Of(time_left))], &[]),
    ],
);

const fn step(live: &'static [(&'static str, Live)]) -> Element {
    tag("li", "part=step", live, &[])
}

const fn ring(fixed: &'static str, live: &'static [(&'static str, Live)]) -> Element {
    tag("circle", fixed, live, &[])
}

const fn button(fixed: &'static str, live: &'static [(&'static str, Live)]) -> Element {
    tag("button", fixed, live, &[])
}

type Shown<'a> = Option<Cow<'a, str>>;

fn text(words: &str) -> Shown<'_> {
    Some(words.into())
}

/// An attribute without a value.
fn there(it: bool) -> Shown<'static> {
    it.then_some("".into())
}

fn drawn<'a>(state: &State, value: &'a str) -> Shown<'a> {
    state.sheet.is_some().then_some(value.into())
}

fn asks(state: &State) -> Shown<'_> {
    let values = [("site", state.look.site.as_str())];
    Some(state.strings.fill(Text::Asks, &values).into())
}

fn tone(state: &State) -> Shown<'_> {
    let tone = match state.screen.tone {
        Tone::Calm => "calm",
        Tone::Good => "good",
        Tone::Warn => "warn",
        Tone::Bad => "bad",
    };
    Some(tone.into())
}

fn kind(state: &State) -> Shown<'_> {
    let kind = match state.screen.plate {
        Plate::Waiting => "waiting",
        Plate::Code => "code",
        Plate::Sign(_) => "sign",
    };
    Some(kind.into())
}

/// The name of a slot that is filled in the phase of its name alone. The other name is nobody's: a slot without one would take all
/// that stands in the tag.
fn slot_of(state: &State, phase: &'static str) -> &'static str {
    if state.phase == phase { phase } else { "none" }
}

/// What the page puts on the plate, in place of the sign.
fn plate_slot(state: &State) -> Shown<'_> {
    let waiting = state.screen.plate == Plate::Waiting;
    let name = if waiting {
        "loading"
    } else {
        slot_of(state, "expired")
    };
    Some(name.into())
}

/// The longest title on the way to a link keeps its place, whatever is said.
fn room(state: &State) -> Shown<'_> {
    let titles = [
        Text::ScanTitle,
        Text::CreatingTitle,
        Text::RefreshingTitle,
        Text::ExpiredTitle,
    ];
    let titles = titles.map(|title| state.strings.get(title));
    // `chars().count()` is made for long texts, and too long itself for this.
    let chars = |words: &&str| words.bytes().filter(|byte| byte & 0xc0 != 0x80).count();
    titles.into_iter().max_by_key(chars).and_then(text)
}

fn error_part(state: &State) -> Shown<'_> {
    (state.phase == "error").then_some("error".into())
}

fn time_left(state: &State) -> Shown<'_> {
    let (left, _) = state.left.unwrap_or_default();
    let values = [("time", &*state.strings.clock(left))];
    Some(state.strings.fill(Text::TimeLeft, &values).into())
}

/// The ring's length is 100, so its offset is a percentage gone.
fn gone(state: &State) -> Shown<'_> {
    let (left, whole) = state.left?;
    let mut gone = String::new();
    decimal::push(&mut gone, 100 - left.saturating_mul(100) / whole.max(1));
    Some(gone.into())
}

fn button_at(screen: &Screen, place: usize) -> Option<&Button> {
    screen.buttons.get(place)?.as_ref()
}

fn no_button(state: &State, place: usize) -> Shown<'_> {
    there(button_at(&state.screen, place).is_none())
}

fn button_part(state: &State, place: usize) -> Shown<'_> {
    let part = button_at(&state.screen, place)?.part;
    Some(["button ", part].concat().into())
}

fn label(state: &State, place: usize) -> Shown<'_> {
    text(&button_at(&state.screen, place)?.label)
}

/// Drawn for this widget, on a grid of 24.
fn sign(state: &State) -> Shown<'_> {
    let Plate::Sign(sign) = state.screen.plate else {
        return None;
    };
    let path = match sign {
        Sign::Link => {
            "M10 14a4 4 0 0 0 5.7 0l3.1-3.1a4 4 0 0 0-5.7-5.7L12 6.3M14 10a4 4 0 0 0-5.7 0l-3.1 3.1a4 4 0 0 0 5.7 5.7l1.1-1.1"
        }
        Sign::Renew => "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L19.5 9M19.5 4.5V9H15",
        Sign::Check => "M5 12.5l4.7 4.7L19.2 7.5",
        Sign::Phone => {
            "M8.5 3h7A1.5 1.5 0 0 1 17 4.5v15a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19.5v-15A1.5 1.5 0 0 1 8.5 3zM11 18h2"
        }
        Sign::Alert => "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16zM12 8v5M12 16v.01",
    };
    Some(path.into())
}
