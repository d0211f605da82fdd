//! The portal: a tenant's own page. It shows and does what the API allows the bearer of a portal
//! token, and asks the API for everything: it has no right to any table, queue or secret.
//!
//! A link opens it (`/portal?token=…`), whose token becomes a cookie. Pages are plain HTML with
//! forms; htmx fetches parts of them again where something goes on.

mod advice;
mod answers;
mod api;
mod assets;
mod brand;
mod chart;
mod config;
mod form;
mod gzip;
mod json;
mod page;
mod pages;
mod session;
mod snippets;

use std::convert::Infallible;
use std::str::FromStr;

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Method, Response, StatusCode, header};
use shared::core::access::capability::Capability;
use shared::edges::clock;

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
    pub async fn handle(
        &self,
        request: lambda_http::Request,
    ) -> Result<Response<Body>, Infallible> {
        let may_be_small = gzip::is_accepted(request.headers());
        let response = self.answer(request).await;
        Ok(if may_be_small { gzip::compress(response) } else { response })
    }

    async fn answer(&self, request: lambda_http::Request) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path();
        let query = Form::read(parts.uri.query().unwrap_or_default().as_bytes());
        if let Some(file) = self.file(path) {
            return file;
        }
        if let (&Method::GET, "/portal", Some(token)) = (&parts.method, path, query.get("token")) {
            return self.open(token);
        }
        let Some(session) = Session::of(&parts.headers) else {
            return self.frame.refusal(None, &Refusal::NoSession);
        };
        let asked = Asked { session: &session, query, form: Form::read(&body) };
        let segments: Vec<_> = path.split('/').skip(2).collect();
        let answer = match parts.method {
            Method::GET | Method::HEAD => self.show(&asked, &segments).await,
            Method::POST if session::is_own(&parts.headers) => self.act(&asked, &segments).await,
            Method::POST => Err(Refusal::Foreign),
            _ => Err(nothing()),
        };
        answer.unwrap_or_else(|refusal| self.frame.refusal(Some(&session), &refusal))
    }

    fn file(&self, path: &str) -> Option<Response<Body>> {
        if path == "/portal/colours.css" {
            return Some(assets::kept("text/css", self.frame.colours(), "public, max-age=86400"));
        }
        assets::find(path)
    }

    /// The link's token becomes a cookie, and leaves the address bar.
    fn open(&self, token: &str) -> Response<Body> {
        let now = clock::now();
        let Some(session) = Session::new(token).filter(|session| session.expires_at() > now) else {
            return self.frame.refusal(None, &Refusal::Expired);
        };
        let mut response = see("/portal/subscriptions");
        let cookie = session.cookie(now, self.secure, self.framed);
        response.headers_mut().insert(header::SET_COOKIE, cookie);
        response
    }

    async fn show(&self, asked: &Asked<'_>, segments: &[&str]) -> Answer {
        // A form that the API would refuse is not worth filling in.
        if matches!(segments, [.., "new" | "edit" | "test"])
            && !asked.session.may(Capability::Manage)
        {
            return Err(Refusal::NotPermitted);
        }
        match segments {
            [] | [""] => Ok(see("/portal/subscriptions")),
            ["subscriptions"] => self.subscriptions(asked).await,
            ["subscriptions", "new"] => self.new_subscription(asked).await,
            ["subscriptions", id, rest @ ..] => {
                let id = known(id)?;
                match rest {
                    [] => self.subscription(asked, id).await,
                    ["edit"] => self.edit(asked, id).await,
                    ["secret"] => self.secret(asked, id).await,
                    ["test"] => self.test(asked, id).await,
                    ["deliveries"] => self.deliveries(asked, id).await,
                    ["deliveries", event] => self.delivery(asked, (id, known(event)?)).await,
                    ["resends", resend] => self.resend_progress(asked, (id, known(resend)?)).await,
                    _ => Err(nothing()),
                }
            }
            _ => Err(nothing()),
        }
    }

    async fn act(&self, asked: &Asked<'_>, segments: &[&str]) -> Answer {
        match segments {
            ["subscriptions", "new"] => self.create(asked).await,
            ["subscriptions", id, rest @ ..] => {
                let id = known(id)?;
                match rest {
                    ["edit"] => self.save(asked, id).await,
                    ["switch"] => self.switch(asked, id).await,
                    ["rotate"] => self.rotate(asked, id).await,
                    ["test"] => self.push(asked, id).await,
                    ["resend"] => self.resend_failed(asked, id).await,
                    ["deliveries", event, "resend"] => {
                        self.resend(asked, (id, known(event)?)).await
                    }
                    ["resends", resend, "cancel"] => {
                        self.stop_resend(asked, (id, known(resend)?)).await
                    }
                    _ => Err(nothing()),
                }
            }
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

/// A path's segment that is an id: anything else leads nowhere, and never into a path of the API.
fn known<T: FromStr>(segment: &str) -> Result<T, Refusal> {
    segment.parse().map_err(|_| nothing())
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
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
