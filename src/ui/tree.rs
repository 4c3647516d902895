//! Renders a tree of elements that is written down as data, and keeps it equal to the state.
//!
//! Leptos' own builder makes a type of its own for every element, attribute and closure; forty elements of it are a quarter of what
//! this widget may weigh. So the tree is one view of one type, with one effect, on Leptos' renderer: the nodes are made once, and
//! whenever the signal is set, what differs is written. One set of nodes serves every phase, so that focus stays and nothing jumps.
//! No `innerHTML` anywhere, which Trusted Types forbid.

use std::borrow::Cow;

use leptos::{
    prelude::*,
    tachys::{
        html::attribute::any_attribute::AnyAttribute,
        hydration::Cursor,
        no_attrs,
        renderer::Rndr,
        view::{Mountable, Position, PositionState},
    },
};
use sendapi_pairing_core::text::cut;
use wasm_bindgen::JsCast;
use web_sys::{Element as Node, Node as AnyNode};

use super::{state::State, text::Text};

/// An element as it is written down.
pub(super) struct Element {
    pub(super) tag: &'static str,
    /// Attributes that stay: each `name=value`, `|` between them. Pairs of pointers do not compress.
    pub(super) fixed: &'static str,
    /// Attributes that follow the state; [`TEXT`] in place of a name is the content of an element without children.
    pub(super) live: &'static [(&'static str, Live)],
    pub(super) children: &'static [Element],
}

impl Element {
    fn fixed(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let mut rest = self.fixed;
        core::iter::from_fn(move || {
            let (attribute, more) = cut(rest, b'|').unwrap_or((rest, ""));
            rest = more;
            cut(attribute, b'=')
        })
    }
}

/// Stands for the name of an attribute: the text inside.
pub(super) const TEXT: &str = "";

const SVG: &str = "http://www.w3.org/2000/svg";

/// What of the state is shown.
#[derive(Clone, Copy)]
pub(super) enum Live {
    /// One of the words.
    Word(Text),
    /// Something else; `None` is an attribute that is not there, or no text.
    Of(for<'a> fn(&'a State) -> Option<Cow<'a, str>>),
}

impl Live {
    fn read(self, state: &State) -> Option<Cow<'_, str>> {
        match self {
            Self::Word(text) => Some(state.strings.get(text).into()),
            Self::Of(read) => read(state),
        }
    }
}

/// The view of an element and all in it.
pub(crate) struct Tree {
    pub(super) state: ArcRwSignal<State>,
    pub(super) root: &'static Element,
}

/// Something on the screen that follows the state.
struct Follower {
    node: Node,
    name: &'static str,
    live: Live,
    shown: Option<String>,
}

impl Follower {
    fn follow(&mut self, state: &State) {
        let value = self.live.read(state);
        let value = value.as_deref();
        if value == self.shown.as_deref() {
            return;
        }
        match value {
            _ if self.name == TEXT => self.node.set_text_content(value),
            Some(value) => Rndr::set_attribute(&self.node, self.name, value),
            None => Rndr::remove_attribute(&self.node, self.name),
        }
        self.shown = value.map(Into::into);
    }
}

/// A tree in a document.
pub(crate) struct Mounted {
    root: Node,
    /// Keeps the nodes equal to the state for as long as it lives.
    _effect: RenderEffect<Vec<Follower>>,
}

impl Tree {
    fn mounted(self, found: Option<Node>) -> Mounted {
        let Self { state, root } = self;
        let mut fresh = Vec::new();
        let root = plant(root, false, found, &mut fresh);
        let effect = RenderEffect::new(move |before: Option<Vec<Follower>>| {
            let mut followers = before.unwrap_or_else(|| core::mem::take(&mut fresh));
            state.with(|state| {
                for follower in &mut followers {
                    follower.follow(state);
                }
            });
            followers
        });
        Mounted {
            root,
            _effect: effect,
        }
    }
}

/// Makes the nodes of `element`, or takes those that a server's HTML brought.
fn plant(
    element: &'static Element,
    within_svg: bool,
    found: Option<Node>,
    followers: &mut Vec<Follower>,
) -> Node {
    let svg = within_svg || element.tag == "svg";
    let mut next = found.as_ref().and_then(Node::first_element_child);
    let node = found.unwrap_or_else(|| {
        let node = Rndr::create_element(element.tag, svg.then_some(SVG));
        for (name, value) in element.fixed() {
            Rndr::set_attribute(&node, name, value);
        }
        node
    });
    for &(name, live) in element.live {
        followers.push(Follower {
            node: node.clone(),
            name,
            live,
            shown: None,
        });
    }
    for child in element.children {
        let found = next.take();
        next = found.as_ref().and_then(Node::next_element_sibling);
        let fresh = found.is_none();
        let child = plant(child, svg, found, followers);
        if fresh {
            Rndr::insert_node(&node, &child, None);
        }
    }
    node
}

impl Mountable for Mounted {
    fn unmount(&mut self) {
        self.root.unmount();
    }

    fn mount(&mut self, parent: &Node, marker: Option<&AnyNode>) {
        self.root.mount(parent, marker);
    }

    fn insert_before_this(&self, child: &mut dyn Mountable) -> bool {
        self.root.insert_before_this(child)
    }

    fn elements(&self) -> Vec<Node> {
        self.root.elements()
    }
}

impl Render for Tree {
    type State = Mounted;

    fn build(self) -> Mounted {
        self.mounted(None)
    }

    fn rebuild(self, state: &mut Mounted) {
        *state = self.mounted(Some(state.root.clone()));
    }
}

no_attrs!(Tree);

impl RenderHtml for Tree {
    type AsyncOutput = Self;
    type Owned = Self;

    const MIN_LENGTH: usize = 0;

    fn dry_resolve(&mut self) {}

    async fn resolve(self) -> Self {
        self
    }

    fn to_html_with_buf(
        self,
        html: &mut String,
        position: &mut Position,
        _escape: bool,
        _mark_branches: bool,
        _extra_attrs: Vec<AnyAttribute>,
    ) {
        let Self { state, root } = self;
        state.with_untracked(|state| write(html, root, state));
        *position = Position::NextChild;
    }

    fn hydrate<const FROM_SERVER: bool>(
        self,
        cursor: &Cursor,
        position: &PositionState,
    ) -> Mounted {
        match position.get() {
            Position::Current => {}
            Position::FirstChild => cursor.child(),
            _ => cursor.sibling(),
        }
        let found = cursor.current().dyn_into().ok();
        #[cfg(debug_assertions)]
        self.state
            .with_untracked(|state| compare(found.as_ref(), self.root, state));
        let mounted = self.mounted(found);
        position.set(Position::NextChild);
        mounted
    }

    fn into_owned(self) -> Self {
        self
    }
}

/// Tells, on the console, of the first nodes that are not what this component renders, as Leptos does for its own: then the server and
/// the browser were given different properties, or something changed the page before.
#[cfg(debug_assertions)]
fn compare(found: Option<&Node>, element: &Element, state: &State) -> bool {
    let wrong = |what: &str, found: &str| {
        leptos::logging::error!(
            "sendapi-pairing: hydration mismatch: <{}> {what}: {found}",
            element.tag
        );
        false
    };
    let Some(node) = found else {
        return wrong("expected", "no element");
    };
    let tag = node.local_name();
    if tag != element.tag {
        return wrong("expected", &tag);
    }
    let fixed = element
        .fixed()
        .map(|(name, value)| (name, Some(value.into())));
    let live = element
        .live
        .iter()
        .map(|(name, live)| (*name, live.read(state)));
    for (name, wanted) in fixed.chain(live) {
        let there = if name == TEXT {
            node.text_content()
        } else {
            node.get_attribute(name)
        };
        // No text and empty text are the same text.
        let same = |it: Option<&str>| {
            it.filter(|it| name != TEXT || !it.is_empty())
                .map(str::to_owned)
        };
        if same(there.as_deref()) != same(wanted.as_deref()) {
            return wrong(&format!("differs in {name:?}"), &format!("{there:?}"));
        }
    }
    let mut next = node.first_element_child();
    for child in element.children {
        if !compare(next.as_ref(), child, state) {
            return false;
        }
        next = next.and_then(|child| child.next_element_sibling());
    }
    next.is_none_or(|more| wrong("has one more", &more.local_name()))
}

/// Writes an element as HTML.
fn write(html: &mut String, element: &Element, state: &State) {
    let attribute = |html: &mut String, name: &str, value: &str| {
        html.push(' ');
        html.push_str(name);
        html.push_str("=\"");
        escape(html, value);
        html.push('"');
    };
    html.push('<');
    html.push_str(element.tag);
    for (name, value) in element.fixed() {
        attribute(html, name, value);
    }
    let mut text = None;
    for (name, live) in element.live {
        match live.read(state) {
            value if *name == TEXT => text = value,
            Some(value) => attribute(html, name, &value),
            None => {}
        }
    }
    html.push('>');
    escape(html, text.as_deref().unwrap_or_default());
    for child in element.children {
        write(html, child, state);
    }
    html.push_str("</");
    html.push_str(element.tag);
    html.push('>');
}

fn escape(html: &mut String, text: &str) {
    for ch in text.chars() {
        match ch {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            _ => html.push(ch),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::{component::Look, screen::Settings, view::view};

    fn written(name: &str) -> String {
        let settings = Settings {
            session_name: name.into(),
            ..Settings::default()
        };
        let state = State::skeleton(super::super::Strings::default(), Look::default(), settings);
        view(ArcRwSignal::new(state)).to_html()
    }

    #[test]
    fn a_server_writes_the_frame_without_a_code() {
        let html = written("Support Bot");
        assert!(
            html.starts_with("<div class=\"base\" part=\"base\""),
            "{html}"
        );
        for part in [
            "aria-busy=\"true\"",
            ">Link WhatsApp</h2>",
            ">Support Bot</p>",
            "data-kind=\"waiting\"",
            "<path fill=\"#000\"></path>",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn what_is_written_into_it_stays_text() {
        let html = written("</p><script>\"&amp;");
        assert!(
            html.contains(">&lt;/p&gt;&lt;script&gt;&quot;&amp;amp;</p>"),
            "{html}"
        );
    }
}
