//! What a function says of the operations that it answers. With the table of routes, the API's
//! description is made of it.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::Value;

/// A type's JSON Schema, from a generator that keeps what it refers to.
pub type Form = fn(&mut SchemaGenerator) -> Schema;

/// What operations are grouped by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Tenants, their keys and portal links, erasures.
    Tenants,
    /// Event types and profiles.
    Catalogue,
    /// Subscriptions and their secrets.
    Subscriptions,
    /// Events: published, listed, erased.
    Events,
    /// Deliveries, with what sends them again.
    Deliveries,
    /// Counts of them.
    Statistics,
    /// The service itself.
    Service,
}

/// A header of a request or an answer.
#[derive(Debug, Clone, Copy)]
pub struct Header {
    /// Its name.
    pub name: &'static str,
    /// What it means, for people.
    pub description: &'static str,
    /// What values it takes.
    pub form: Form,
}

/// The body that a request has.
#[derive(Debug)]
pub struct Body {
    /// Its type.
    pub form: Form,
    /// Whether it may be left out.
    pub optional: bool,
    /// One of it, where its fields' examples do not make one.
    pub example: Option<Value>,
}

/// An answer that is no problem.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// What it means, for people.
    pub meaning: &'static str,
    /// The type of its body; `None` for no body.
    pub form: Option<Form>,
    /// One of it, where its fields' examples do not make one.
    pub example: Option<Value>,
    /// Headers that it may have.
    pub headers: Vec<Header>,
}

/// An operation, but for what its route says of it.
#[derive(Debug)]
pub struct Described {
    /// What it belongs to.
    pub area: Area,
    /// What it does, in few words.
    pub summary: &'static str,
    /// What else there is to know.
    pub description: &'static str,
    /// Headers that a request may have.
    pub headers: Vec<Header>,
    /// The request's body.
    pub body: Option<Body>,
    /// What it answers where all goes well.
    pub answers: Vec<Answer>,
    /// Whether it may contradict what is there.
    pub conflicts: bool,
}

impl Described {
    /// An operation of which no more is known yet.
    #[must_use]
    pub const fn new(area: Area, summary: &'static str) -> Self {
        Self {
            area,
            summary,
            description: "",
            headers: Vec::new(),
            body: None,
            answers: Vec::new(),
            conflicts: false,
        }
    }

    /// What else there is to know.
    #[must_use]
    pub fn knowing(self, description: &'static str) -> Self {
        Self { description, ..self }
    }

    /// A request may have this header.
    #[must_use]
    pub fn reads(mut self, header: Header) -> Self {
        self.headers.push(header);
        self
    }

    /// A request has a body of this type.
    #[must_use]
    pub fn takes<T: JsonSchema>(self) -> Self {
        Self { body: Some(Body { form: form::<T>, optional: false, example: None }), ..self }
    }

    /// A request has a body of this type, or none.
    #[must_use]
    pub fn may_take<T: JsonSchema>(self) -> Self {
        Self { body: Some(Body { form: form::<T>, optional: true, example: None }), ..self }
    }

    /// One of what was named last, the answers or the request's body.
    #[must_use]
    pub fn for_example(mut self, example: Value) -> Self {
        match (self.answers.last_mut(), &mut self.body) {
            (Some(answer), _) => answer.example = Some(example),
            (None, Some(body)) => body.example = Some(example),
            (None, None) => {}
        }
        self
    }

    /// It answers with this status and a body of this type.
    #[must_use]
    pub fn answers<T: JsonSchema>(mut self, status: u16, meaning: &'static str) -> Self {
        self.answers.push(Answer {
            status,
            meaning,
            form: Some(form::<T>),
            example: None,
            headers: Vec::new(),
        });
        self
    }

    /// It answers 204, without a body.
    #[must_use]
    pub fn answers_nothing(mut self, meaning: &'static str) -> Self {
        self.answers.push(Answer {
            status: 204,
            meaning,
            form: None,
            example: None,
            headers: Vec::new(),
        });
        self
    }

    /// The answer named last may have this header.
    #[must_use]
    pub fn with(mut self, header: Header) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push(header);
        }
        self
    }

    /// It may contradict what is there, which is answered with 409.
    #[must_use]
    pub fn may_conflict(self) -> Self {
        Self { conflicts: true, ..self }
    }
}

/// The form of a type.
pub fn form<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}
