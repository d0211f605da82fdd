//! How the page looks like its platform: name, logo, and a colour that stays readable.

use std::fmt;
use std::str::FromStr;

/// The platform, as its merchants know it.
#[derive(Debug, Clone)]
pub struct Brand {
    /// Its name, beside the logo and in titles.
    pub name: String,
    /// Its logo as a `data:image/…` URL: the page asks nobody else for anything.
    pub logo: Option<String>,
    /// The colour of links and buttons.
    pub colour: Colour,
}

/// A colour, as red, green and blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour([u8; 3]);

/// What text stands on at worst in the light and in the dark look: the style sheet's cards.
const LIGHT: Colour = Colour([0xf6, 0xf7, 0xf9]);
const DARK: Colour = Colour([0x1d, 0x20, 0x26]);
/// The least contrast of text with what is behind it (WCAG 2.2, 1.4.3, level AA).
const READABLE: f64 = 4.5;

impl Default for Colour {
    fn default() -> Self {
        Self([0x1f, 0x5f, 0xbf])
    }
}

impl Colour {
    /// For links and buttons in the light look: as it is, or darker until it can be read.
    #[must_use]
    pub fn on_light(self) -> Self {
        self.towards(Self([0; 3]), LIGHT)
    }

    /// For links and buttons in the dark look: as it is, or lighter until it can be read.
    #[must_use]
    pub fn on_dark(self) -> Self {
        self.towards(Self([0xff; 3]), DARK)
    }

    fn towards(self, end: Self, behind: Self) -> Self {
        let mixed = |share: u16| {
            let mix = |from: u8, to: u8| {
                let value = (u16::from(from) * (32 - share) + u16::from(to) * share) / 32;
                u8::try_from(value).unwrap_or(u8::MAX)
            };
            let [r, g, b] = [0, 1, 2].map(|part| mix(self.0[part], end.0[part]));
            Self([r, g, b])
        };
        (0..=32).map(mixed).find(|colour| colour.contrast(behind) >= READABLE).unwrap_or(end)
    }

    /// The contrast of two colours, 1 to 21 (WCAG 2.2, "contrast ratio").
    fn contrast(self, other: Self) -> f64 {
        let (one, other) = (self.luminance(), other.luminance());
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn luminance(self) -> f64 {
        let linear = |part: u8| {
            let part = f64::from(part) / 255.0;
            if part <= 0.04045 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
        };
        let [r, g, b] = self.0.map(linear);
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [r, g, b] = self.0;
        write!(f, "#{r:02x}{g:02x}{b:02x}")
    }
}

/// Text that is no colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a colour such as #1f5fbf is wanted")]
pub struct InvalidColour;

impl FromStr for Colour {
    type Err = InvalidColour;

    fn from_str(text: &str) -> Result<Self, InvalidColour> {
        let is_colour = |digits: &&str| {
            digits.len() == 6 && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        };
        let digits = text.strip_prefix('#').filter(is_colour).ok_or(InvalidColour)?;
        let number = u32::from_str_radix(digits, 16).map_err(|_| InvalidColour)?;
        let [_, r, g, b] = number.to_be_bytes();
        Ok(Self([r, g, b]))
    }
}

#[cfg(test)]
mod tests;
