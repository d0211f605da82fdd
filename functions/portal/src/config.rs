//! What this function is told by its environment.

use shared::edges::env::{self, EnvError};

use crate::brand::Brand;

/// Read once, at start.
#[derive(Debug)]
pub struct Config {
    /// Where the API is asked: `https://` and a host. The page itself is there, too, under this
    /// name or another.
    pub(crate) api_url: String,
    pub(crate) brand: Brand,
    /// Origins that may show the page in a frame; with one, browsers are asked to keep its cookie
    /// apart by origin.
    pub(crate) frames: Vec<String>,
}

impl Config {
    /// Reads it; an error names the variable.
    pub fn from_env() -> Result<Self, EnvError> {
        let frames = env::optional("PORTAL_FRAME_ORIGINS").unwrap_or_default();
        let frames =
            frames.split(',').map(str::trim).filter(|origin| !origin.is_empty()).map(str::to_owned);
        Ok(Self {
            api_url: env::text("API_URL")?,
            brand: Brand {
                name: env::optional("PORTAL_NAME").unwrap_or_else(|| "Webhooks".to_owned()),
                logo: env::optional("PORTAL_LOGO"),
                colour: env::parsed("PORTAL_COLOUR", str::parse)?.unwrap_or_default(),
            },
            frames: frames.collect(),
        })
    }
}
