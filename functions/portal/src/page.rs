//! What every page has around it: the head, the platform's name, and the headers that keep the page
//! to itself.

use lambda_http::Body;
use lambda_http::http::{HeaderValue, Response, StatusCode, header};
use maud::{DOCTYPE, Markup, html};

use crate::api::Refusal;
use crate::assets;
use crate::brand::Brand;
use crate::session::Session;

/// The frame that pages are put in.
#[derive(Debug)]
pub struct Frame {
    brand: Brand,
    policy: HeaderValue,
}

impl Frame {
    /// For a platform; `origins` may show the page in a frame of theirs.
    #[must_use]
    pub fn new(brand: Brand, origins: &[String]) -> Self {
        let ancestors = if origins.is_empty() { "'none'".to_owned() } else { origins.join(" ") };
        let policy = format!(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
             form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
        );
        // Origins that no header can hold allow nobody.
        let policy = HeaderValue::from_str(&policy)
            .unwrap_or(HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"));
        Self { brand, policy }
    }

    /// A page of the visitor's.
    #[must_use]
    pub fn page(&self, session: &Session, title: &str, content: &Markup) -> Response<Body> {
        self.around(StatusCode::OK, Some(session), title, content)
    }

    /// Why there is no page, and what to do.
    #[must_use]
    pub fn refusal(&self, session: Option<&Session>, refusal: &Refusal) -> Response<Body> {
        let (status, title, words) = match refusal {
            Refusal::NoSession => (
                StatusCode::UNAUTHORIZED,
                "This page is opened by a link",
                "Open it by the link that you were given. If you just did, your browser keeps no cookies for this page where it is \
                 shown: allow them, or open the page in a window of its own."
                    .to_owned(),
            ),
            Refusal::Expired => (
                StatusCode::UNAUTHORIZED,
                "This link has expired",
                "Go back to where you came from, and open this page from there again.".to_owned(),
            ),
            Refusal::NotPermitted => (
                StatusCode::FORBIDDEN,
                "Your link does not allow this",
                "It was made for looking, or for other things. Ask whoever gave it to you for one that allows it."
                    .to_owned(),
            ),
            Refusal::Foreign => (
                StatusCode::FORBIDDEN,
                "The form was not sent by this page",
                "Open the page again, and send the form from there.".to_owned(),
            ),
            Refusal::NotFound(detail) => (StatusCode::NOT_FOUND, "There is nothing here", detail.clone()),
            Refusal::Conflict(detail) => (StatusCode::CONFLICT, "That cannot be done now", detail.clone()),
            Refusal::Invalid(faults) => (
                StatusCode::UNPROCESSABLE_ENTITY,
                "That cannot be used",
                faults.iter().map(|fault| fault.message.as_str()).collect::<Vec<_>>().join("; "),
            ),
            Refusal::Busy => (
                StatusCode::SERVICE_UNAVAILABLE,
                "Too much at once",
                "Nothing was lost. Try again in a moment.".to_owned(),
            ),
            Refusal::Unavailable => (
                StatusCode::BAD_GATEWAY,
                "This did not work",
                "The fault is on this side. Nothing was lost; try again in a moment.".to_owned(),
            ),
        };
        // Who has no session any more is offered nothing.
        let session = session.filter(|_| !matches!(refusal, Refusal::Expired));
        let content = html! {
            h1 { (title) }
            p { (words) }
            @if session.is_some() { p { a href="/portal/subscriptions" { "All webhooks" } } }
        };
        let mut response = self.around(status, session, title, &content);
        if matches!(refusal, Refusal::Expired | Refusal::NotFound(_)) {
            // What is fetched by the clock stops: htmx loads the whole page, which is this one.
            response.headers_mut().insert("hx-refresh", HeaderValue::from_static("true"));
        }
        response
    }

    fn around(
        &self,
        status: StatusCode,
        session: Option<&Session>,
        title: &str,
        content: &Markup,
    ) -> Response<Body> {
        let Brand { name, logo, colour } = &self.brand;
        let markup = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    // No styles of its own, nothing evaluated: what the policy would not let it do.
                    meta name="htmx-config" content=r#"{"includeIndicatorStyles":false,"allowEval":false}"#;
                    title { (title) " – " (name) }
                    link rel="icon" href="data:,";
                    link rel="stylesheet" href=(assets::STYLE.path());
                    link rel="stylesheet" href=(format!("/portal/colours.css?of={}", &colour.to_string()[1..]));
                    script src=(assets::HTMX.path()) defer {}
                    script src=(assets::SCRIPT.path()) defer {}
                }
                body {
                    a.skip href="#main" { "Skip to the content" }
                    header { div {
                        a.brand href="/portal/subscriptions" {
                            @if let Some(logo) = logo { img src=(logo) alt=""; }
                            (name)
                        }
                        @if let Some(session) = session { span.tenant { (session.tenant()) } }
                    } }
                    main id="main" { (content) }
                    @if let Some(session) = session {
                        footer { "Your link to this page works until " (time(session.expires_at())) ". Times are in UTC." }
                    }
                }
            }
        };
        self.html(status, markup)
    }

    fn html(&self, status: StatusCode, markup: Markup) -> Response<Body> {
        let mut response = Response::new(Body::from(markup.into_string()));
        *response.status_mut() = status;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone());
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
        response
    }

    /// The platform's colour, as the style sheet uses it.
    #[must_use]
    pub fn colours(&self) -> String {
        let colour = self.brand.colour;
        format!(
            ":root{{--accent:{}}}@media(prefers-color-scheme:dark){{:root{{--accent:{}}}}}",
            colour.on_light(),
            colour.on_dark()
        )
    }
}

/// A time, for people and for programs.
#[must_use]
pub fn time(at: shared::core::timestamp::Timestamp) -> Markup {
    let text = at.to_string();
    let shown = format!("{} {}", &text[..10], &text[11..19]);
    html! { time datetime=(text) { (shown) } }
}
