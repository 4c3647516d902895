//! The phone's list of linked devices.

use crate::service::Service;

/// One linked device: a session, as the phone sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Device {
    /// The session's id.
    pub(crate) id: String,
    /// The session's name.
    pub(crate) name: String,
    /// Whether the phone can reach it.
    pub(crate) online: bool,
}

/// All that this phone has linked, the latest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Devices(Vec<Device>);

impl Devices {
    /// Adds a device; one that is there already is online again.
    pub(crate) fn link(&mut self, id: &str, name: &str) {
        self.unlink(id);
        let (id, name) = (id.to_owned(), name.to_owned());
        self.0.insert(
            0,
            Device {
                id,
                name,
                online: true,
            },
        );
    }

    /// Removes a device, if it is there.
    pub(crate) fn unlink(&mut self, id: &str) {
        self.0.retain(|device| device.id != id);
    }

    /// Follows the status of a session, if it was linked by this phone.
    pub(crate) fn follow(&mut self, id: &str, service: Service) {
        match service {
            Service::Failed => self.unlink(id),
            Service::Connected | Service::Disconnected => {
                for device in self.0.iter_mut().filter(|device| device.id == id) {
                    device.online = service == Service::Connected;
                }
            }
            Service::None | Service::Pending => {}
        }
    }

    /// The latest first.
    pub(crate) fn all(&self) -> &[Device] {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(devices: &Devices) -> Vec<(&str, bool)> {
        devices
            .all()
            .iter()
            .map(|device| (device.id.as_str(), device.online))
            .collect()
    }

    #[test]
    fn a_device_is_listed_once_and_follows_its_session() {
        let mut devices = Devices::default();
        devices.link("a", "One");
        devices.link("b", "Two");
        devices.follow("a", Service::Disconnected);
        assert_eq!(shown(&devices), [("b", true), ("a", false)]);
        devices.link("a", "One");
        assert_eq!(shown(&devices), [("a", true), ("b", true)]);
        devices.follow("b", Service::Failed);
        assert_eq!(shown(&devices), [("a", true)]);
        devices.unlink("a");
        assert!(devices.all().is_empty());
    }

    #[test]
    fn what_another_phone_linked_does_not_appear() {
        let mut devices = Devices::default();
        devices.follow("a", Service::Connected);
        assert!(devices.all().is_empty());
    }
}
