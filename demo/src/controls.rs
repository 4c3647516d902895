//! What a visitor may do to the session, and when.

use crate::service::Service;
use sendapi_pairing_core::pairing::Phase;

/// A control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Control {
    /// The phone loses its network.
    Disconnect,
    /// The phone is back.
    Reconnect,
    /// The service gives up.
    Fail,
    /// Start over with another session.
    Renew,
}

impl Control {
    pub(crate) const ALL: [Self; 4] = [Self::Disconnect, Self::Reconnect, Self::Fail, Self::Renew];

    /// The route below `/sandbox/sessions/{id}/`; `None` where the service has no part in it.
    pub(crate) const fn route(self) -> Option<&'static str> {
        match self {
            Self::Disconnect => Some("disconnect"),
            Self::Reconnect => Some("reconnect"),
            Self::Fail => Some("fail"),
            Self::Renew => None,
        }
    }

    /// Why it cannot be used now; `None` where it can. The same rules as the sandbox's own (contract.md).
    pub(crate) const fn barred(self, service: Service, phase: Phase) -> Option<&'static str> {
        match (self, service) {
            (Self::Disconnect, Service::Connected)
            | (Self::Reconnect, Service::Disconnected)
            | (Self::Fail, Service::Pending | Service::Disconnected) => None,
            (Self::Disconnect, Service::Disconnected) => Some("The phone is offline already."),
            (Self::Disconnect, _) => Some("Link a phone first."),
            (Self::Reconnect, Service::Connected) => Some("The phone is online."),
            (Self::Reconnect, _) => Some("Needs a phone that went offline."),
            (Self::Fail, Service::Connected) => Some("First let the phone go offline."),
            (Self::Fail, Service::Failed) => Some("It has failed already."),
            (Self::Fail, Service::None) => Some("There is no session."),
            (Self::Renew, _) => match phase {
                Phase::Checking | Phase::Creating => Some("One is being prepared."),
                Phase::Unlinking => Some("Finish unlinking first."),
                _ => None,
            },
        }
    }
}

/// What Delete does in live mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delete {
    /// The element asks, then deletes the linked session.
    Unlink,
    /// Nobody has scanned yet: the session goes at once.
    Discard,
}

impl Delete {
    /// What Delete would do in this phase.
    ///
    /// # Errors
    /// Why it cannot.
    pub(crate) const fn now(phase: Phase) -> Result<Self, &'static str> {
        match phase {
            Phase::Connected | Phase::WrongNumber => Ok(Self::Unlink),
            Phase::AwaitingScan | Phase::Refreshing | Phase::Expired => Ok(Self::Discard),
            Phase::Checking | Phase::Creating | Phase::Unlinking => Err("Wait a moment."),
            Phase::Reconnecting => Err("Wait until the phone is connected again."),
            Phase::Idle
            | Phase::Failed
            | Phase::ActionRequired
            | Phase::Unlinked
            | Phase::Error => Err("There is no session to delete from here."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sendapi_sandbox::{ControlError, Request, Sandbox, SandboxConfig};

    const ID: &str = "Bearer sk_test_demo";
    const NOW: u64 = 1_773_066_600_000;

    /// A sandbox with one session in the state wanted, and its id.
    fn sandbox(service: Service) -> (Sandbox, String) {
        let mut sandbox = Sandbox::new(SandboxConfig::default());
        if service == Service::None {
            return (sandbox, "sess_none".to_owned());
        }
        let created = sandbox.handle(&Request::create(ID, br#"{"name":"x"}"#), NOW);
        let body: serde_json::Value = serde_json::from_slice(&created.body).unwrap();
        let id = body["id"].as_str().unwrap().to_owned();
        if matches!(service, Service::Connected | Service::Disconnected) {
            let text = sandbox.current_text(&id, NOW).unwrap().to_owned();
            sandbox.scan(&text, None, NOW).unwrap();
        }
        if service == Service::Disconnected {
            sandbox.disconnect(&id, NOW).unwrap();
        }
        if service == Service::Failed {
            sandbox.fail(&id, NOW).unwrap();
        }
        (sandbox, id)
    }

    #[test]
    fn a_control_is_open_exactly_where_the_service_would_do_it() {
        let all = [
            Service::None,
            Service::Pending,
            Service::Connected,
            Service::Disconnected,
            Service::Failed,
        ];
        for service in all {
            for control in [Control::Disconnect, Control::Reconnect, Control::Fail] {
                let (mut sandbox, id) = sandbox(service);
                let done: Result<_, ControlError> = match control {
                    Control::Disconnect => sandbox.disconnect(&id, NOW),
                    Control::Reconnect => sandbox.reconnect(&id, NOW),
                    _ => sandbox.fail(&id, NOW),
                };
                let barred = control.barred(service, Phase::Idle);
                assert_eq!(
                    barred.is_none(),
                    done.is_ok(),
                    "{control:?} while {service:?}"
                );
            }
        }
    }

    #[test]
    fn starting_over_waits_for_what_is_under_way() {
        for phase in Phase::ALL {
            let busy = matches!(phase, Phase::Checking | Phase::Creating | Phase::Unlinking);
            assert_eq!(Control::Renew.barred(Service::None, phase).is_some(), busy);
        }
    }

    #[test]
    fn a_linked_session_is_never_deleted_without_the_elements_question() {
        assert_eq!(Delete::now(Phase::Connected), Ok(Delete::Unlink));
        assert_eq!(Delete::now(Phase::WrongNumber), Ok(Delete::Unlink));
        for phase in Phase::ALL {
            if Delete::now(phase) == Ok(Delete::Discard) {
                assert_eq!(Service::None.after(phase), Service::Pending);
            }
        }
    }
}
