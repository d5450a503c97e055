//! Pictures that stand on the chat's own server: which are shown by themselves. Others are links: whoever fetches a picture tells
//! its server that they look, and when. The same as in the browser client (`web/src/text/attachment.ts`).

use link::http::Url;

/// What the names of pictures end with that the program can draw, behind the dot.
pub const ENDINGS: [&str; 5] = ["png", "jpg", "jpeg", "gif", "webp"];

/// Tells whether a name is that of a picture.
pub fn is_picture(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending);
    ending.is_some_and(|ending| ENDINGS.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Returns where the small picture of a file is, when a link is that of a picture on the chat's server. `filehost`: where
/// files are sent to.
pub fn thumbnail(link: &str, filehost: &Url) -> Option<Url> {
    let url = Url::parse(link)?;
    let folder = filehost.target().rsplit_once('/').map_or("", |(folder, _)| folder);
    let name = url.target().strip_prefix(folder)?.strip_prefix("/uploads/")?;
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    let is_shown = url.is_beside(filehost) && is_name && is_picture(name);
    filehost.join(&format!("{folder}/thumbnails/{name}")).filter(|_| is_shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pictures_of_the_own_server_are_shown() {
        let shown = |link: &str, filehost: &str| {
            thumbnail(link, &Url::parse(filehost).expect("an address")).map(|url| url.to_string())
        };
        let host = "http://a:53000/upload";
        assert_eq!(shown("http://a:53000/uploads/x-1.PNG", host).as_deref(), Some("http://a:53000/thumbnails/x-1.PNG"));
        let behind = "https://a/chat/upload";
        assert_eq!(shown("https://a/chat/uploads/x.jpg", behind).as_deref(), Some("https://a/chat/thumbnails/x.jpg"));
        for link in [
            "https://a:53000/uploads/x.png",
            "http://b:53000/uploads/x.png",
            "http://a:53000/uploads/x.svg",
            "http://a:53000/uploads/../x.png",
            "http://a:53000/uploads/x.png?y",
            "http://a:53000/x.png",
            "x",
        ] {
            assert_eq!(shown(link, host), None, "{link}");
        }
        assert_eq!(shown("https://a/uploads/x.jpg", behind), None);
    }
}
