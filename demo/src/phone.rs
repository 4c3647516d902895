//! The phone: what its camera is doing, and what it says.

/// The phone's camera.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Lens {
    /// The list of linked devices is on show.
    #[default]
    Closed,
    /// Open, looking for a code.
    Looking,
    /// Read a code, and the service took it.
    Caught,
    /// Open, and gave up.
    Blind(Why),
}

/// Why a scan came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// There is no code on the page.
    NoCode,
    /// There is a picture, and it cannot be read.
    Unreadable,
    /// It was read; the service knows no living code with that text.
    Dead,
    /// It was read; the service did not answer.
    Unreachable,
}

impl Lens {
    pub(crate) const fn is_open(self) -> bool {
        !matches!(self, Self::Closed)
    }

    /// For attributes.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Looking => "looking",
            Self::Caught => "linked",
            Self::Blind(Why::NoCode) => "no-code",
            Self::Blind(Why::Unreadable) => "unreadable",
            Self::Blind(Why::Dead) => "dead",
            Self::Blind(Why::Unreachable) => "unreachable",
        }
    }

    /// What the phone says; `linked` is how many devices its list holds.
    pub(crate) const fn words(self, linked: usize) -> &'static str {
        match self {
            Self::Closed if linked == 0 => "No device is linked yet.",
            Self::Closed => "Linked devices can send and receive messages with this number.",
            Self::Looking => "Looking for a code…",
            Self::Caught => "Linked.",
            Self::Blind(Why::NoCode) => "There is no code on the page to scan.",
            Self::Blind(Why::Unreadable) => "This code cannot be read. Nothing was linked.",
            Self::Blind(Why::Dead) => "This code no longer works. Get a new one, then scan again.",
            Self::Blind(Why::Unreachable) => "The phone could not reach the service.",
        }
    }

    /// What its button says.
    pub(crate) const fn button(self) -> &'static str {
        match self {
            Self::Closed => "Link a device",
            Self::Looking | Self::Caught => "Scanning…",
            Self::Blind(_) => "Scan again",
        }
    }

    /// Whether the button does nothing now.
    pub(crate) const fn is_busy(self) -> bool {
        matches!(self, Self::Looking | Self::Caught)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_goes_wrong_has_its_own_words_and_a_way_on() {
        let all = [Why::NoCode, Why::Unreadable, Why::Dead, Why::Unreachable].map(Lens::Blind);
        for (at, lens) in all.iter().enumerate() {
            assert!(lens.is_open() && !lens.is_busy());
            assert_eq!(lens.button(), "Scan again");
            for other in &all[at + 1..] {
                assert_ne!(lens.words(0), other.words(0));
                assert_ne!(lens.as_str(), other.as_str());
            }
        }
    }
}
