//! INFO on the wire: what this program is. Proof: `scenarios/info.txt`.
//!
//! Spec: Modern IRC, "INFO message".

use irc::numerics::{self, Language};

use super::time::in_words;
use crate::render::Render;

/// Writes 371 and 374. 373 belongs to older servers, and clients do not wait for it.
pub fn reply(render: &mut Render<'_>) {
    let settings = render.settings;
    let started = in_words(settings.started);
    let about = match settings.language {
        Language::En => [
            "A chat you run yourself: browsers, IRC clients, netcat and classroom clients in the same rooms."
                .to_owned(),
            format!("Running since {started}."),
        ],
        Language::It => [
            "Una chat che gestisci tu: browser, client IRC, netcat e client scolastici nelle stesse stanze.".to_owned(),
            format!("Attivo dal {started}."),
        ],
    };
    render.numeric(numerics::RPL_INFO, &[&settings.version]);
    for line in &about {
        render.numeric(numerics::RPL_INFO, &[line]);
    }
    render.numeric(numerics::RPL_ENDOFINFO, &[]);
}
