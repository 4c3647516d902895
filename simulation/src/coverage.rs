//! Which pairs of phase and input, and which transitions, were reached.

use sendapi_pairing_core::pairing::Phase;

/// The inputs, told apart where the core tells them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `Act::Mount`.
    Mount,
    /// `Act::Start`.
    Start,
    /// `Act::Start { fresh: true }`.
    StartFresh,
    /// `Act::Refresh`.
    Refresh,
    /// `Act::Retry`.
    Retry,
    /// `Act::Stop`.
    Stop,
    /// `Act::Stop { discard: true }`.
    Discard,
    /// `Act::Unlink`.
    Unlink,
    /// `Act::Unlink { confirmed: true }`.
    UnlinkConfirmed,
    /// `Act::ConfirmUnlink`.
    ConfirmUnlink,
    /// `Act::CancelUnlink`.
    CancelUnlink,
    /// `Act::AcceptNumber`.
    AcceptNumber,
    /// `Act::ShowOriginal`.
    ShowOriginal,
    /// `Input::Answered`, a success.
    Answered,
    /// `Input::Answered`, a failure.
    Refused,
    /// `Input::Answered` to an older question, `Input::Read` of an older code.
    Stale,
    /// `Input::Read(Ok)`.
    Read,
    /// `Input::Read(Err)`.
    Unread,
    /// `Input::TokenRenewed(Ok)`.
    TokenRenewed,
    /// `Input::TokenRenewed(Err)`.
    TokenLost,
    /// `Input::Timeout`.
    Timeout,
    /// `Input::Visible(true)`.
    Shown,
    /// `Input::Visible(false)`.
    Hidden,
    /// `Input::OnScreen`.
    OnScreen,
    /// `Input::Online(true)`.
    Online,
    /// `Input::Online(false)`.
    Offline,
    /// `Input::Leading(true)`.
    Leading,
    /// `Input::Leading(false)`.
    Deposed,
    /// `Input::Heard`.
    Heard,
    /// `Input::Configure`.
    Configure,
    /// `Input::UnlinkDecided(true)`.
    DecidedYes,
    /// `Input::UnlinkDecided(false)`.
    DecidedNo,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 32] = [
        Self::Mount,
        Self::Start,
        Self::StartFresh,
        Self::Refresh,
        Self::Retry,
        Self::Stop,
        Self::Discard,
        Self::Unlink,
        Self::UnlinkConfirmed,
        Self::ConfirmUnlink,
        Self::CancelUnlink,
        Self::AcceptNumber,
        Self::ShowOriginal,
        Self::Answered,
        Self::Refused,
        Self::Stale,
        Self::Read,
        Self::Unread,
        Self::TokenRenewed,
        Self::TokenLost,
        Self::Timeout,
        Self::Shown,
        Self::Hidden,
        Self::OnScreen,
        Self::Online,
        Self::Offline,
        Self::Leading,
        Self::Deposed,
        Self::Heard,
        Self::Configure,
        Self::DecidedYes,
        Self::DecidedNo,
    ];
}

/// What one or many runs reached.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By phase: a bit for each [`Kind`] that arrived in it.
    pub reached: [u32; 14],
    /// By phase: a bit for each [`Kind`] that changed the phase or brought an output.
    pub effective: [u32; 14],
    /// By phase: a bit for each phase that followed it.
    pub transitions: [u16; 14],
}

impl Coverage {
    pub(crate) fn input(&mut self, phase: Phase, kind: Kind, effective: bool) {
        self.reached[phase as usize] |= 1 << kind as u32;
        if effective {
            self.effective[phase as usize] |= 1 << kind as u32;
        }
    }

    pub(crate) fn transition(&mut self, from: Phase, to: Phase) {
        self.transitions[from as usize] |= 1 << to as u16;
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for phase in 0..14 {
            self.reached[phase] |= other.reached[phase];
            self.effective[phase] |= other.effective[phase];
            self.transitions[phase] |= other.transitions[phase];
        }
    }

    /// How many pairs of phase and input arrived, had an effect, and how many transitions were seen.
    #[must_use]
    pub fn counts(&self) -> (u32, u32, u32) {
        (
            self.reached.iter().map(|bits| bits.count_ones()).sum(),
            self.effective.iter().map(|bits| bits.count_ones()).sum(),
            self.transitions.iter().map(|bits| bits.count_ones()).sum(),
        )
    }

    /// The table of pairs in Markdown: `●` where the input had an effect in the phase at least once, `·` where it arrived and changed
    /// nothing, and nothing where it never arrived.
    #[must_use]
    pub fn table(&self) -> String {
        let mut out = String::from("| input |");
        for phase in Phase::ALL {
            out.push_str(&format!(" {} |", phase.as_str()));
        }
        out.push_str("\n| --- |");
        out.push_str(&" --- |".repeat(Phase::ALL.len()));
        for kind in Kind::ALL {
            out.push_str(&format!("\n| {kind:?} |"));
            for phase in 0..14 {
                let bit = |bits: u32| bits >> kind as u32 & 1 == 1;
                out.push_str(
                    match (bit(self.reached[phase]), bit(self.effective[phase])) {
                        (_, true) => " ● |",
                        (true, false) => " · |",
                        (false, false) => "  |",
                    },
                );
            }
        }
        out.push_str("\n\n| from | to |\n| --- | --- |");
        for from in Phase::ALL {
            let to: Vec<_> = Phase::ALL
                .into_iter()
                .filter(|to| self.transitions[from as usize] >> *to as u16 & 1 == 1)
                .map(Phase::as_str)
                .collect();
            out.push_str(&format!("\n| {} | {} |", from.as_str(), to.join(", ")));
        }
        out.push('\n');
        out
    }
}
