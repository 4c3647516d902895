//! Where the session stands at the service, as far as this page can tell.

use sendapi_pairing_core::pairing::Phase;

/// A session's status, or none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Service {
    /// No session, or none that is known.
    #[default]
    None,
    /// Waiting for the scan.
    Pending,
    /// Linked.
    Connected,
    /// The phone is offline.
    Disconnected,
    /// Given up.
    Failed,
}

impl Service {
    /// The word on the wire (contract.md).
    pub(crate) fn parse(status: &str) -> Option<Self> {
        Some(match status {
            "pending" => Self::Pending,
            "connected" => Self::Connected,
            "disconnected" => Self::Disconnected,
            "failed" => Self::Failed,
            _ => return None,
        })
    }

    /// What the element's phase says of it; phases in between say nothing new.
    pub(crate) const fn after(self, phase: Phase) -> Self {
        match phase {
            Phase::AwaitingScan | Phase::Refreshing | Phase::Expired => Self::Pending,
            Phase::Connected | Phase::WrongNumber => Self::Connected,
            Phase::Reconnecting => Self::Disconnected,
            Phase::Failed => Self::Failed,
            Phase::Idle | Phase::Creating | Phase::Unlinked => Self::None,
            Phase::Checking | Phase::ActionRequired | Phase::Unlinking | Phase::Error => self,
        }
    }
}

impl From<sendapi_sandbox::Status> for Service {
    fn from(status: sendapi_sandbox::Status) -> Self {
        use sendapi_sandbox::Status;
        match status {
            Status::Pending => Self::Pending,
            Status::Connected => Self::Connected,
            Status::Disconnected => Self::Disconnected,
            Status::Failed => Self::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sendapi_sandbox::Status;

    #[test]
    fn the_words_are_the_wires() {
        for status in [
            Status::Pending,
            Status::Connected,
            Status::Disconnected,
            Status::Failed,
        ] {
            assert_eq!(Service::parse(status.as_str()), Some(status.into()));
        }
        assert_eq!(Service::parse("archived"), None);
    }

    #[test]
    fn a_phase_in_between_keeps_what_is_known() {
        assert_eq!(
            Service::Connected.after(Phase::Unlinking),
            Service::Connected
        );
        assert_eq!(Service::Pending.after(Phase::Error), Service::Pending);
        assert_eq!(Service::Connected.after(Phase::Idle), Service::None);
        assert_eq!(
            Service::Connected.after(Phase::Reconnecting),
            Service::Disconnected
        );
    }
}
