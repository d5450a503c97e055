//! What the page behind a link says of itself: `GET /preview?url=…`. Meaning: [`crate::previews`].

use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use url::form_urlencoded;

use super::super::life::Life;
use super::super::websocket::Visit;
use super::Desk;
use super::answer::{Problem, for_other_sites};

/// How long an answer may take: a page and its picture, and those that are asked for before them.
const ANSWER_TIME: Duration = Duration::from_mins(1);

pub(super) async fn preview(State(desk): State<Desk>, request: Request) -> Response {
    let extensions = (request.extensions().get::<Visit>().cloned(), request.extensions().get::<Life>().cloned());
    let (Some(visit), Some(life)) = extensions else { return desk.say(&Problem::Closed) };
    life.go_on(ANSWER_TIME);
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let address =
        form_urlencoded::parse(query).find(|(name, _)| name == "url").map(|(_, address)| address.into_owned());
    let headers = request.headers().clone();
    let found = async {
        let filehost = desk.filehost().ok_or_else(|| desk.say(&Problem::Closed))?;
        let visitor = desk.recognise(&filehost, &visit, &headers).await?;
        filehost.may_send(&visitor).map_err(|denied| desk.say(&Problem::Denied(denied)))?;
        let Some(previews) = &filehost.previews else { return Ok(None) };
        let looked = previews.of(&address.unwrap_or_default(), &visitor.owner.counted_as()).await;
        looked.map_err(|why| desk.say(&Problem::NoPreview(why)))
    };
    for_other_sites(match found.await {
        Ok(Some(json)) => {
            let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
            (StatusCode::OK, headers, json.to_string()).into_response()
        }
        Ok(None) => StatusCode::NO_CONTENT.into_response(),
        Err(answer) => answer,
    })
}
