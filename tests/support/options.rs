//! How a journey wants its stack.

use std::fmt::Write as _;

/// How to start a stack, and what a journey expects of it.
#[derive(Debug, Clone)]
pub struct Options {
    pub(crate) parameters: Vec<(&'static str, String)>,
    pub(crate) template: Option<String>,
    pub(crate) clock: bool,
    pub(crate) one_process: bool,
    pub(crate) dead_letters: u64,
    pub(crate) errors: Vec<&'static str>,
    pub(crate) exceeds_limits: bool,
}

impl Default for Options {
    /// The scheduler ticks each second and waits beyond two seconds are parked, so that nothing
    /// takes minutes.
    fn default() -> Self {
        let parameters =
            [("TickSeconds", "1"), ("HideLimitSeconds", "2"), ("DeletionProtection", "false")];
        let parameters = parameters.map(|(name, value)| (name, value.to_owned())).to_vec();
        Self {
            parameters,
            template: None,
            clock: false,
            one_process: false,
            dead_letters: 0,
            errors: Vec::new(),
            exceeds_limits: false,
        }
    }
}

impl Options {
    /// With a parameter of the template; the last one of a name counts.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.parameters.push((name, value.to_owned()));
        self
    }

    /// With another template than the product's: its text.
    #[must_use]
    pub fn with_template(mut self, text: String) -> Self {
        self.template = Some(text);
        self
    }

    /// With more variables in the environment of a function, named as in the product's template.
    #[must_use]
    pub fn with_variables(self, function: &str, variables: &[(&str, &str)]) -> Self {
        const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
        let mut template = std::fs::read_to_string(TEMPLATE).expect("the template");
        let (function, header) = (format!("\n  {function}:\n"), "\n        Variables:\n");
        let start = template.find(&function).expect("the function");
        let place = start + template[start..].find(header).expect("its variables") + header.len();
        let mut lines = String::new();
        for (name, value) in variables {
            let _ = writeln!(lines, "          {name}: \"{value}\"");
        }
        template.insert_str(place, &lines);
        self.with_template(template)
    }

    /// With a property of a function that the product's template sets for all functions.
    #[must_use]
    pub fn with_property(self, function: &str, name: &str, value: &str) -> Self {
        const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../infra/template.yaml");
        let mut template = std::fs::read_to_string(TEMPLATE).expect("the template");
        let (function, header) = (format!("\n  {function}:\n"), "\n    Properties:\n");
        let start = template.find(&function).expect("the function");
        let place = start + template[start..].find(header).expect("its properties") + header.len();
        template.insert_str(place, &format!("      {name}: {value}\n"));
        self.with_template(template)
    }

    /// With a clock that [`World::advance`](crate::world::World::advance) puts forward.
    #[must_use]
    pub fn with_clock(mut self) -> Self {
        self.clock = true;
        self
    }

    /// With a single process for each function behind the API, for what a process knows by itself:
    /// a second one is started as soon as a request finds the first not back from the one before,
    /// however slowly they come.
    #[must_use]
    pub fn with_one_process(mut self) -> Self {
        self.one_process = true;
        self
    }

    /// A crashed delivery function's messages come back after four seconds, which bounds an attempt
    /// to three.
    #[must_use]
    pub fn for_crashes(self) -> Self {
        self.with("DeliveryTimeoutSeconds", "4").with("DeliveryVisibilitySeconds", "5")
    }

    /// The journey leaves this many dead letters.
    #[must_use]
    pub fn leaving_dead_letters(mut self, count: u64) -> Self {
        self.dead_letters = count;
        self
    }

    /// A function exceeds limits of Lambda's, which is what the journey is about.
    #[must_use]
    pub fn exceeding_limits(mut self) -> Self {
        self.exceeds_limits = true;
        self
    }

    /// Errors in the logs that contain one of these are what the journey is about.
    #[must_use]
    pub fn expecting_errors(mut self, parts: &[&'static str]) -> Self {
        self.errors.extend(parts);
        self
    }
}
