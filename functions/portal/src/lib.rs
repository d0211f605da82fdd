//! The portal: a tenant's own page. It shows and does what the API allows the bearer of a portal token, and asks the API for
//! everything: it has no right to any table, queue or secret.
//!
//! A link opens it (`/portal?token=…`), whose token becomes a cookie. Pages are plain HTML with forms; htmx fetches parts of
//! them again where something goes on.

mod advice;
mod answers;
mod api;
mod assets;
mod brand;
mod chart;
mod config;
mod form;
mod page;
mod pages;
mod session;
mod snippets;

use std::convert::Infallible;

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Method, Response, StatusCode, header};
use shared::clock;

pub use config::Config;

use api::{Api, Refusal};
use form::Form;
use page::Frame;
use session::Session;

type Answer = Result<Response<Body>, Refusal>;

/// The function's state, made once.
#[derive(Debug)]
pub struct Portal {
    api: Api,
    frame: Frame,
    /// Whether browsers come by https.
    secure: bool,
    /// Whether others may show the page in a frame.
    framed: bool,
}

impl Portal {
    /// Opens no connection yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let Config { api_url, brand, frames } = config;
        Self {
            secure: api_url.starts_with("https://"),
            framed: !frames.is_empty(),
            frame: Frame::new(brand, &frames),
            api: Api::new(api_url),
        }
    }

    /// Answers one request.
    pub async fn handle(&self, request: lambda_http::Request) -> Result<Response<Body>, Infallible> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
        if let Some(file) = self.file(path) {
            return Ok(file);
        }
        if let Some(token) = query.get("token") {
            return Ok(self.open(token));
        }
        let Some(session) = Session::of(&parts.headers) else {
            return Ok(self.frame.refusal(None, &Refusal::Expired));
        };
        let asked = Asked { session: &session, query, form: Form::read(&body) };
        let segments: Vec<_> = path.split('/').skip(2).collect();
        let answer = match parts.method {
            Method::GET | Method::HEAD => self.show(&asked, &segments).await,
            Method::POST if session::is_own(&parts.headers) => self.act(&asked, &segments).await,
            _ => Err(Refusal::NotPermitted),
        };
        Ok(answer.unwrap_or_else(|refusal| self.frame.refusal(Some(&session), &refusal)))
    }

    fn file(&self, path: &str) -> Option<Response<Body>> {
        if path == "/portal/colours.css" {
            return Some(assets::kept("text/css", self.frame.colours(), "public, max-age=86400"));
        }
        assets::find(path)
    }

    /// The link's token becomes a cookie, and leaves the address bar.
    fn open(&self, token: &str) -> Response<Body> {
        let Some(session) = Session::new(token) else { return self.frame.refusal(None, &Refusal::Expired) };
        let mut response = see("/portal/subscriptions");
        let cookie = session.cookie(clock::now(), self.secure, self.framed);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
    }

    async fn show(&self, asked: &Asked<'_>, segments: &[&str]) -> Answer {
        match segments {
            [] | [""] => Ok(see("/portal/subscriptions")),
            ["subscriptions"] => self.subscriptions(asked).await,
            ["subscriptions", "new"] => self.new_subscription(asked).await,
            ["subscriptions", id] => self.subscription(asked, id).await,
            ["subscriptions", id, "edit"] => self.edit(asked, id).await,
            ["subscriptions", id, "secret"] => self.secret(asked, id).await,
            ["subscriptions", id, "test"] => self.test(asked, id).await,
            ["subscriptions", id, "deliveries"] => self.deliveries(asked, id).await,
            ["subscriptions", id, "deliveries", event] => self.delivery(asked, id, event).await,
            ["subscriptions", id, "resends", resend] => self.resend_progress(asked, id, resend).await,
            _ => Err(nothing()),
        }
    }

    async fn act(&self, asked: &Asked<'_>, segments: &[&str]) -> Answer {
        match segments {
            ["subscriptions", "new"] => self.create(asked).await,
            ["subscriptions", id, "edit"] => self.save(asked, id).await,
            ["subscriptions", id, "switch"] => self.switch(asked, id).await,
            ["subscriptions", id, "rotate"] => self.rotate(asked, id).await,
            ["subscriptions", id, "test"] => self.push(asked, id).await,
            ["subscriptions", id, "resend"] => self.resend_failed(asked, id).await,
            ["subscriptions", id, "deliveries", event, "resend"] => self.resend(asked, id, event).await,
            ["subscriptions", id, "resends", resend, "cancel"] => self.stop_resend(asked, id, resend).await,
            _ => Err(nothing()),
        }
    }
}

/// One request of a visitor.
struct Asked<'a> {
    session: &'a Session,
    query: Form,
    form: Form,
}

fn nothing() -> Refusal {
    Refusal::NotFound("The page may have moved, or what it was about was deleted.".to_owned())
}

/// After something was done: the page that shows it.
fn see(path: &str) -> Response<Body> {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = StatusCode::SEE_OTHER;
    // Paths are made of words and ids.
    let location = HeaderValue::from_str(path).unwrap_or(HeaderValue::from_static("/portal"));
    response.headers_mut().insert(header::LOCATION, location);
    response
}
