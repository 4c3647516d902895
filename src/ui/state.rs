//! What the view shows, as one value behind one signal.

use js_sys::{Date, Function};
use leptos::prelude::*;
use sendapi_pairing_core::{
    decimal,
    model::Timestamp,
    pairing::{Act, Drawing, Phase, Snapshot},
    qr::svg as draw,
};
use wasm_bindgen::JsCast;
use web_sys::{Element, EventTarget};

use super::{
    screen::{Screen, Settings, compose, shown_name},
    text::{Strings, Text},
    view::{BUTTON, PLACES},
};
use crate::{
    driver::{Listener, View},
    js::{get, object},
};

/// The developer's choices of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// `auto`, `stack` or `row`.
    pub layout: String,
    /// Who asks: the site's name, as people know it; empty: the page's host.
    pub site: String,
    /// The language of dates (BCP 47); empty: the browser's own.
    pub lang: String,
}

/// One drawing, ready for the DOM.
#[derive(Clone, Debug)]
pub(super) struct Sheet {
    generation: u32,
    pub(super) view_box: String,
    pub(super) path: String,
}

impl Sheet {
    fn of(drawing: &Drawing, generation: u32) -> Self {
        match drawing {
            Drawing::Verified(matrix) => {
                let side = draw::view_box_size(matrix);
                Self::new(side, side, draw::path(matrix), generation)
            }
            Drawing::Original(bitmap) => {
                let (width, height) = draw::bitmap_view_box(bitmap);
                Self::new(width, height, draw::bitmap_path(bitmap), generation)
            }
        }
    }

    #[inline(never)]
    fn new(width: usize, height: usize, path: String, generation: u32) -> Self {
        let mut view_box = String::from("0 0 ");
        decimal::push(&mut view_box, width as u64);
        view_box.push(' ');
        decimal::push(&mut view_box, height as u64);
        Self {
            generation,
            view_box,
            path,
        }
    }
}

/// All that is on the screen.
#[derive(Clone, Debug, Default)]
pub(crate) struct State {
    pub(super) strings: Strings,
    pub(super) look: Look,
    settings: Settings,
    pub(super) phase: &'static str,
    pub(super) offline: bool,
    pub(super) screen: Screen,
    pub(super) sheet: Option<Sheet>,
    /// Seconds that the countdown shows of the code's life, and the whole of it.
    pub(super) left: Option<(u64, u64)>,
    /// What a screen reader is told, politely.
    pub(super) spoken: String,
    warned: bool,
}

impl State {
    pub(crate) fn new(strings: Strings, look: Look, settings: Settings) -> Self {
        Self {
            strings,
            look,
            settings,
            ..Self::default()
        }
    }

    /// The box while nothing is known: what keeps its place in every phase is there.
    pub(super) fn skeleton(strings: Strings, look: Look, settings: Settings) -> Self {
        let mut state = Self::new(strings, look, settings);
        state.screen.name = shown_name(&state.settings.session_name);
        state
    }

    /// Says who asks, where the developer did not: known in a browser alone, and not before what a server wrote has been taken over.
    #[cfg(not(feature = "js"))]
    pub(super) fn name_site(&mut self) {
        if self.look.site.is_empty()
            && let Some(window) = web_sys::window()
        {
            self.look.site = window.location().hostname().unwrap_or_default();
        }
    }

    /// Takes other words, another look; the screen follows with the next [`State::show`].
    #[cfg(feature = "js")]
    pub(crate) fn configure(&mut self, strings: Strings, look: Look, settings: Settings) {
        self.strings = strings;
        self.look = look;
        self.settings = Settings {
            drawn: self.settings.drawn,
            ..settings
        };
    }

    pub(crate) fn show(&mut self, view: &View<'_>) {
        let snapshot: &Snapshot = view.snapshot;
        if snapshot.qr.is_some() {
            self.settings.drawn = true;
        } else if matches!(snapshot.phase, Phase::Checking | Phase::Creating) {
            self.settings.drawn = false;
        }
        self.screen = compose(snapshot, &self.strings, &self.settings);
        self.offline = snapshot.offline;
        if snapshot.phase == Phase::Connected && self.screen.note.is_empty() {
            self.note_since(snapshot);
        }
        let phase = snapshot.phase.as_str();
        if self.phase != phase {
            self.phase = phase;
            self.spoken.clone_from(&self.screen.title);
            self.warned = false;
        }
        let generation = self.sheet.as_ref().map(|sheet| sheet.generation);
        let code = snapshot.qr.as_ref();
        if generation != code.map(|code| code.generation) {
            self.sheet = code.map(|code| Sheet::of(&code.drawing, code.generation));
            self.warned = false;
        }
        let seconds = view.countdown();
        self.left = seconds.zip(code).map(|(seconds, code)| {
            let whole = code.life().0.div_ceil(1000);
            (seconds.min(whole), whole)
        });
        // Of a code that lives no longer than that, its title is to be heard.
        let soon = |(left, whole)| left <= 30 && whole > 30;
        if self.left.is_some_and(soon) && !self.warned {
            self.warned = true;
            self.spoken = self.strings.get(Text::SoonEnds).to_owned();
        }
    }
}

impl State {
    #[inline(never)]
    fn note_since(&mut self, snapshot: &Snapshot) {
        let linked = snapshot.session.as_ref();
        if let Some(since) = linked.and_then(|session| session.created_at)
            && let Some(day) = day(since, &self.look.lang)
        {
            self.screen.note = self.strings.fill(Text::SinceLabel, &[("time", &day)]);
        }
    }
}

/// A day as people of this language write it; `None` where the browser does not know the language.
#[inline(never)]
fn day(time: Timestamp, lang: &str) -> Option<String> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "milliseconds of four-digit years are far below 2^53"
    )]
    let date = Date::new(&(time.unix_millis() as f64).into());
    let style = object(&[("dateStyle", "long".into())]);
    let lang = (!lang.is_empty()).then_some(lang);
    // Looked up, because the binding of js-sys does not catch what this throws at a language that is none.
    let write: Function = get(&date, "toLocaleDateString").dyn_into().ok()?;
    let written = write.call2(&date, &lang.into(), &style).ok()?;
    written.as_string()
}

/// Has `act` do what a pressed button stands for, as long as the listener is kept. `place` is around the view.
pub(crate) fn presses(
    place: &EventTarget,
    state: ArcRwSignal<State>,
    act: impl Fn(Act) + 'static,
) -> Listener {
    Listener::new(place, "click", move |event| {
        let pressed = event.target().and_then(|target| target.dyn_into().ok());
        let button = pressed.and_then(|pressed: Element| pressed.get_attribute(BUTTON));
        let pressed = state.with_untracked(|state| {
            let place = PLACES
                .iter()
                .position(|place| Some(*place) == button.as_deref())?;
            Some(state.screen.buttons[place].as_ref()?.act.clone())
        });
        if let Some(pressed) = pressed {
            act(pressed);
        }
    })
}
