//! What the view shows, as one value behind one signal.

use std::rc::Rc;

use js_sys::{Date, Function, Object, Reflect};
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use sendapi_pairing_core::{
    model::Timestamp,
    pairing::{Act, Drawing, Phase, Snapshot},
    qr::svg as draw,
};
use wasm_bindgen::JsCast;

use super::{
    screen::{Screen, Settings, compose},
    text::{Strings, Text},
};
use crate::driver::View;

/// The developer's choices of appearance.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// `auto`, `stack` or `row`.
    pub layout: String,
    /// Who asks: the site's name, as people know it.
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
        let (width, height, path) = match drawing {
            Drawing::Verified(matrix) => {
                let side = draw::view_box_size(matrix);
                (side, side, draw::path(matrix))
            }
            Drawing::Original(bitmap) => {
                let (width, height) = draw::bitmap_view_box(bitmap);
                (width, height, draw::bitmap_path(bitmap))
            }
        };
        let (width, height) = (width.to_string(), height.to_string());
        Self {
            generation,
            view_box: ["0 0 ", &width, " ", &height].concat(),
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
    /// Seconds left of the code's life, and the whole of it.
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

    /// Takes other words, another look; the screen follows with the next [`State::show`].
    #[cfg(feature = "js")]
    pub(crate) fn configure(&mut self, strings: Strings, look: Look, settings: Settings) {
        self.strings = strings;
        self.look = look;
        self.settings = settings;
    }

    pub(crate) fn show(&mut self, view: &View<'_>) {
        let snapshot: &Snapshot = view.snapshot;
        self.screen = compose(snapshot, &self.strings, &self.settings);
        self.offline = snapshot.offline;
        let linked = snapshot.session.as_ref();
        if snapshot.phase == Phase::Connected
            && self.screen.note.is_empty()
            && let Some(since) = linked.and_then(|session| session.created_at)
            && let Some(day) = day(since, &self.look.lang)
        {
            self.screen.note = self.strings.fill(Text::SinceLabel, &[("time", &day)]);
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
        let seconds = view.remaining().map(|left| left.0.div_ceil(1000));
        self.left = seconds.zip(code.map(|code| code.life().0 / 1000));
        if seconds.is_some_and(|left| left <= 30) && !self.warned {
            self.warned = true;
            self.spoken = self.strings.get(Text::SoonEnds).to_owned();
        }
    }
}

/// A day as people of this language write it; `None` where the browser does not know the language.
fn day(time: Timestamp, lang: &str) -> Option<String> {
    #[allow(
        clippy::cast_precision_loss,
        reason = "milliseconds of four-digit years are far below 2^53"
    )]
    let date = Date::new(&(time.unix_millis() as f64).into());
    let style = Object::new();
    // Setting a member of a fresh object does not fail.
    let _ = Reflect::set(&style, &"dateStyle".into(), &"long".into());
    let lang = (!lang.is_empty()).then_some(lang);
    // Looked up, because the binding of js-sys does not catch what this throws at a language that is none.
    let write: Function = Reflect::get(&date, &"toLocaleDateString".into())
        .ok()?
        .dyn_into()
        .ok()?;
    let written = write.call2(&date, &lang.into(), &style).ok()?;
    written.as_string()
}

/// What the nodes are bound to.
#[derive(Clone)]
pub(crate) struct Model {
    pub(crate) state: ArcRwSignal<State>,
    /// Leptos wants its views to be able to change threads; a browser has the one.
    act: SendWrapper<Rc<dyn Fn(Act)>>,
}

impl Model {
    /// `act` does what a pressed button stands for.
    pub(crate) fn new(state: State, act: impl Fn(Act) + 'static) -> Self {
        Self {
            state: ArcRwSignal::new(state),
            act: SendWrapper::new(Rc::new(act)),
        }
    }

    /// Presses the button in this place.
    pub(super) fn press(&self, place: usize) {
        let act = self.state.with_untracked(|state| {
            let button = state.screen.buttons.get(place)?.as_ref()?;
            Some(button.act.clone())
        });
        if let Some(act) = act {
            (self.act)(act);
        }
    }
}
