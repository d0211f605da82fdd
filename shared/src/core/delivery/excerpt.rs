//! The part of a text that is kept.

/// The first `limit` bytes of a body as text: what is not UTF-8 becomes U+FFFD, and nothing is cut
/// inside a character.
#[must_use]
pub fn excerpt(body: &[u8], limit: usize) -> Option<String> {
    let text = String::from_utf8_lossy(&body[..body.len().min(limit)]);
    let mut text = text.into_owned();
    while text.len() > limit || (body.len() > limit && text.ends_with('\u{fffd}')) {
        text.pop();
    }
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests;
