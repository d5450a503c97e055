//! What those who send files are told.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use irc::numerics::Language as Words;
use serde_json::json;
use session::texts;
use uploads::{Entry, Refused};

use crate::config::Language;
use crate::filehost::Denied;
use crate::previews::NoPreview;

/// How long who finds no place is to wait, in seconds.
const PAUSE_SECONDS: u64 = 5;

/// What has gone wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// The server does not take files, or not yet.
    Closed,
    /// Who asks is not known, or may not.
    Denied(Denied),
    /// The file is not taken.
    Refused(Refused),
    /// There is no such file.
    NoSuchFile,
    /// The disk is full.
    DiskFull,
    /// The disk is in trouble.
    Failed,
    /// Nobody looks at a link.
    NoPreview(NoPreview),
}

/// Says what has gone wrong: a status, a word for programs, the limit that was met, a sentence for people.
pub(super) fn problem(problem: &Problem, language: Language) -> Response {
    let (status, code) = code(problem);
    let limit = match problem {
        Problem::Refused(
            Refused::TooLarge { limit } | Refused::OverQuota { limit } | Refused::TooManyPixels { limit },
        ) => Some(*limit),
        _ => None,
    };
    let body = json!({ "code": code, "limit": limit, "text": text(problem, language) });
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (status, headers, body.to_string()).into_response();
    let set = response.headers_mut();
    if status == StatusCode::UNAUTHORIZED {
        set.insert(
            header::WWW_AUTHENTICATE,
            HeaderValue::from_static("Bearer realm=\"files\", Basic realm=\"files\", charset=\"UTF-8\""),
        );
    }
    let pause = match problem {
        Problem::Denied(Denied::TooManyGuesses { seconds }) => Some(*seconds),
        Problem::Denied(Denied::Busy)
        | Problem::Refused(Refused::TooManyAtOnce)
        | Problem::NoPreview(NoPreview::TooManyAtOnce)
        | Problem::Closed => Some(PAUSE_SECONDS),
        _ => None,
    };
    if let Some(pause) = pause {
        set.insert(header::RETRY_AFTER, HeaderValue::from(pause));
    }
    response
}

fn code(problem: &Problem) -> (StatusCode, &'static str) {
    match problem {
        Problem::Closed => (StatusCode::SERVICE_UNAVAILABLE, "CLOSED"),
        Problem::Denied(Denied::Unknown) => (StatusCode::UNAUTHORIZED, "UNKNOWN"),
        Problem::Denied(Denied::Wrong) => (StatusCode::UNAUTHORIZED, "WRONG_PASSWORD"),
        Problem::Denied(Denied::Token) => (StatusCode::UNAUTHORIZED, "WRONG_TOKEN"),
        Problem::Denied(Denied::TooManyGuesses { .. }) => (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_GUESSES"),
        Problem::Denied(Denied::Forbidden(_)) => (StatusCode::FORBIDDEN, "FORBIDDEN"),
        Problem::Denied(Denied::Busy) => (StatusCode::SERVICE_UNAVAILABLE, "BUSY"),
        Problem::Refused(Refused::TooLarge { .. }) => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_LARGE"),
        Problem::Refused(Refused::TooManyPixels { .. }) => (StatusCode::PAYLOAD_TOO_LARGE, "TOO_MANY_PIXELS"),
        Problem::Refused(Refused::OverQuota { .. }) => (StatusCode::INSUFFICIENT_STORAGE, "OVER_QUOTA"),
        Problem::Refused(Refused::NoRoom) | Problem::DiskFull => (StatusCode::INSUFFICIENT_STORAGE, "NO_ROOM"),
        Problem::Refused(Refused::Type) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "TYPE"),
        Problem::Refused(Refused::UnknownPicture) => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "UNKNOWN_PICTURE"),
        Problem::Refused(Refused::BrokenPicture) => (StatusCode::UNPROCESSABLE_ENTITY, "BROKEN_PICTURE"),
        Problem::Refused(Refused::TooManyAtOnce) | Problem::NoPreview(NoPreview::TooManyAtOnce) => {
            (StatusCode::TOO_MANY_REQUESTS, "TOO_MANY_AT_ONCE")
        }
        Problem::Refused(Refused::Incomplete) => (StatusCode::BAD_REQUEST, "INCOMPLETE"),
        Problem::Refused(Refused::Empty) => (StatusCode::BAD_REQUEST, "EMPTY"),
        Problem::NoSuchFile => (StatusCode::NOT_FOUND, "NO_SUCH_FILE"),
        Problem::Failed => (StatusCode::INTERNAL_SERVER_ERROR, "FAILED"),
        Problem::NoPreview(NoPreview::Address) => (StatusCode::BAD_REQUEST, "ADDRESS"),
    }
}

fn text(problem: &Problem, language: Language) -> String {
    let says = |english: &str, italian: &str| {
        match language {
            Language::English => english,
            Language::Italian => italian,
        }
        .to_owned()
    };
    match problem {
        Problem::Closed => says("Files are not taken here.", "Qui non si accettano file."),
        Problem::Denied(denied) => denied_text(denied, language),
        Problem::Refused(Refused::TooLarge { limit }) => says(
            &format!("The file is too large: {limit} bytes at most."),
            &format!("Il file è troppo grande: al massimo {limit} byte."),
        ),
        Problem::Refused(Refused::OverQuota { limit }) => says(
            &format!("Your files take too much room: {limit} bytes together. Remove some."),
            &format!("I tuoi file occupano troppo spazio: {limit} byte in tutto. Toglierne qualcuno."),
        ),
        Problem::Refused(Refused::NoRoom) | Problem::DiskFull => {
            says("The server has no room for more files.", "Il server non ha più posto per altri file.")
        }
        Problem::Refused(Refused::Type) => {
            says("Files of this type are not taken.", "File di questo tipo non si accettano.")
        }
        Problem::Refused(Refused::UnknownPicture) => says(
            "A picture of this type may tell where it was taken, and that cannot be taken out here: send it as JPEG or PNG.",
            "Un'immagine di questo tipo può rivelare dove è stata fatta, e qui non si può toglierlo: mandala come JPEG o PNG.",
        ),
        Problem::Refused(Refused::BrokenPicture) => says("The picture is damaged.", "L'immagine è danneggiata."),
        Problem::Refused(Refused::TooManyPixels { limit }) => says(
            &format!("The picture is too large: {limit} pixels at most."),
            &format!("L'immagine è troppo grande: al massimo {limit} pixel."),
        ),
        Problem::Refused(Refused::TooManyAtOnce) => {
            says("Wait until your other files are here.", "Aspetta che siano arrivati gli altri tuoi file.")
        }
        Problem::Refused(Refused::Incomplete) => says("The file has ended early.", "Il file è finito troppo presto."),
        Problem::Refused(Refused::Empty) => says("The file is empty.", "Il file è vuoto."),
        Problem::NoSuchFile => says("There is no such file.", "Questo file non c'è."),
        Problem::Failed => {
            says("The server cannot keep the file now.", "Ora il server non riesce a conservare il file.")
        }
        Problem::NoPreview(NoPreview::Address) => {
            says("This is no address of a page.", "Questo non è l'indirizzo di una pagina.")
        }
        Problem::NoPreview(NoPreview::TooManyAtOnce) => {
            says("Wait until other pages are looked at.", "Aspetta che le altre pagine siano state guardate.")
        }
    }
}

fn denied_text(denied: &Denied, language: Language) -> String {
    let (english, italian) = match denied {
        Denied::Unknown => (
            "Say who you are: with your account and password, or a token (TOKEN GENERATE FILEHOST).",
            "Di' chi sei: con account e password, o con un token (TOKEN GENERATE FILEHOST).",
        ),
        Denied::Wrong => ("Account or password are wrong.", "L'account o la password sono sbagliati."),
        Denied::Token => ("The token holds no more: ask for another.", "Il token non vale più: chiedine un altro."),
        Denied::TooManyGuesses { .. } => ("Too many attempts: wait.", "Troppi tentativi: aspetta."),
        Denied::Busy => ("Too many ask at once: try again.", "Troppe richieste insieme: riprova."),
        Denied::Forbidden(refusal) => {
            let words = match language {
                Language::English => Words::En,
                Language::Italian => Words::It,
            };
            return texts::refusal(refusal, words);
        }
    };
    match language {
        Language::English => english,
        Language::Italian => italian,
    }
    .to_owned()
}

/// Says where a file is that has come.
pub(super) fn created(entry: &Entry, base: &str) -> Response {
    let location = format!("{base}/uploads/{}", entry.name);
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    let mut response = (StatusCode::CREATED, headers, entry_json(entry, base).to_string()).into_response();
    if let Ok(location) = HeaderValue::from_str(&location) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    for_other_sites(response)
}

/// Describes a file.
pub(super) fn entry_json(entry: &Entry, base: &str) -> serde_json::Value {
    let kind = entry.stored_name().map_or("", |name| name.kind.content_type());
    json!({
        "url": format!("{base}/uploads/{}", entry.name),
        "name": entry.shown,
        "type": kind,
        "bytes": entry.bytes,
        "pixels": entry.pixels,
        "by": entry.by,
        "at": entry.at,
    })
}

/// Lets pages of other sites read the answer: only the Authorization header says who asks, and no browser adds that by itself.
pub(super) fn for_other_sites(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Location, Retry-After"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_problem_has_a_sentence_in_both_languages() {
        let denied =
            [Denied::Unknown, Denied::Wrong, Denied::Token, Denied::TooManyGuesses { seconds: 7 }, Denied::Busy];
        let refused = [
            Refused::TooLarge { limit: 7 },
            Refused::OverQuota { limit: 7 },
            Refused::NoRoom,
            Refused::Type,
            Refused::UnknownPicture,
            Refused::BrokenPicture,
            Refused::TooManyPixels { limit: 7 },
            Refused::TooManyAtOnce,
            Refused::Incomplete,
            Refused::Empty,
        ];
        let none = [NoPreview::Address, NoPreview::TooManyAtOnce].map(Problem::NoPreview);
        let others = [Problem::Closed, Problem::NoSuchFile, Problem::DiskFull, Problem::Failed];
        let all =
            denied.map(Problem::Denied).into_iter().chain(refused.map(Problem::Refused)).chain(others).chain(none);
        for one in all {
            let [english, italian] = [Language::English, Language::Italian].map(|language| text(&one, language));
            assert!(english != italian && english.ends_with('.') && italian.ends_with('.'), "{one:?}");
            assert!(!code(&one).0.is_success());
        }
        let answer = problem(&Problem::Denied(Denied::TooManyGuesses { seconds: 7 }), Language::English);
        assert_eq!(answer.headers()[header::RETRY_AFTER], "7");
    }
}
