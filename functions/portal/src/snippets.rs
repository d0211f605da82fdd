//! Code that verifies a request, to be copied. `tests/checks/snippets/check.sh` runs each, on recorded
//! deliveries.

/// One piece of code.
#[derive(Debug)]
pub struct Snippet {
    /// Its element on the page.
    pub id: &'static str,
    /// What it is for.
    pub name: &'static str,
    /// What to know of it.
    pub words: &'static str,
    /// The code.
    pub code: &'static str,
}

const SECRET: [Snippet; 4] = [
    Snippet {
        id: "node",
        name: "Node.js",
        words: "Without any package.",
        code: include_str!("../snippets/verify.js"),
    },
    Snippet {
        id: "python",
        name: "Python",
        words: "Without any package.",
        code: include_str!("../snippets/verify.py"),
    },
    Snippet {
        id: "rust",
        name: "Rust",
        words: "With the Standard Webhooks crate.",
        code: include_str!("../snippets/verify.rs"),
    },
    Snippet {
        id: "curl",
        name: "curl",
        words: "Try your server out: a request signed by yourself.",
        code: include_str!("../snippets/verify.sh"),
    },
];
const PUBLIC_KEY: [Snippet; 2] = [
    Snippet {
        id: "node",
        name: "Node.js",
        words: "Without any package.",
        code: include_str!("../snippets/verify_ed25519.js"),
    },
    Snippet {
        id: "python",
        name: "Python",
        words: "With the package cryptography.",
        code: include_str!("../snippets/verify_ed25519.py"),
    },
];

/// What verifies with the secret, or with the public key.
#[must_use]
pub fn all(public_key: bool) -> &'static [Snippet] {
    if public_key { &PUBLIC_KEY } else { &SECRET }
}
