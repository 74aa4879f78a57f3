//! The API's description: what each endpoint says about itself, and the failures that all of them share.

use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{Content, OpenApi, Ref, RefOr, ResponseBuilder};
use utoipa::{Modify, OpenApi as _};

use crate::problem::{PROBLEM_JSON, ProblemBody};
use crate::rest::conversations::ConversationFilter;
use crate::rest::health::ReadyFor;

/// What there is to say before any endpoint has spoken.
pub fn preface() -> OpenApi {
    Preface::openapi()
}

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "ChatDesk", description = "One inbox and a sales assistant for shops on Facebook and Instagram. \
        Times are RFC 3339 in UTC, money is a decimal text with its currency, lists are paged by cursor."),
    components(schemas(ProblemBody<'static>, ConversationFilter, ReadyFor)),
    modifiers(&Bearer)
)]
struct Preface;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = openapi.components.get_or_insert_default();
        components.add_security_scheme("bearer", SecurityScheme::Http(scheme));
    }
}

/// Adds to each endpoint the failures that follow from what it is.
pub fn with_failures(mut openapi: OpenApi) -> OpenApi {
    for (path, item) in &mut openapi.paths.paths {
        let operations = [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            add_failures(path, operation);
        }
    }
    openapi
}

fn add_failures(path: &str, operation: &mut Operation) {
    let mut failures: Vec<(&str, &str)> = vec![("default", "Any other failure")];
    if operation.security.is_some() {
        failures.push(("401", "No access token, or one that does not work"));
        failures.push(("403", "The role does not allow it"));
    }
    if path.contains('{') {
        failures.push(("404", "It does not exist, or it is another business's"));
    }
    if takes_json(operation) {
        failures.push(("400", "Not JSON"));
        failures.push(("413", "Too large"));
        failures.push(("415", "Not application/json"));
    }
    if operation.request_body.is_some() || operation.parameters.is_some() {
        failures.push(("422", "Fields that cannot be taken, all of them named"));
    }
    if operation.tags.iter().flatten().any(|tag| tag == "auth") {
        failures.push(("429", "Too many tries"));
    }
    if path.starts_with("/api/") {
        failures.push(("503", "Not available right now; Retry-After says when"));
    }
    let problem = || Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem"))));
    for (status, why) in failures {
        let told = || ResponseBuilder::new().description(why).content(PROBLEM_JSON, problem()).build();
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| told().into());
    }
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            // A description is required (OpenAPI 3.1 §4.8.17), and what comes back has its own.
            "Done".clone_into(&mut response.description);
        }
        if let RefOr::T(response) = response
            && response.content.is_empty()
            && matches!(status.as_bytes().first(), Some(b'4' | b'5'))
        {
            response.content.insert(PROBLEM_JSON.to_owned(), problem().into());
        }
    }
}

fn takes_json(operation: &Operation) -> bool {
    matches!(&operation.request_body, Some(RefOr::T(body)) if body.content.contains_key("application/json"))
}
