//! Who may call the API, and do what there: keys, portal tokens and their capabilities.

pub mod api_key;
pub mod capability;
pub mod portal_token;
