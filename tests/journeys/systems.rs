//! The four systems: their catalogues, and the profiles that deliver as they do.

mod catalogues;
mod cloudcart;
mod front_systems;
mod locally;
mod locallygrown;
mod profiles;
