use super::*;

#[test]
fn a_picture_is_made_smaller_and_what_is_none_is_left_out() {
    let mut png = Vec::new();
    image::RgbImage::new(900, 300).write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let address = data_address(&png).unwrap();
    let encoded = address.strip_prefix("data:image/jpeg;base64,").unwrap();
    let shown = image::load_from_memory(&BASE64.decode(encoded.as_bytes()).unwrap()).unwrap();
    assert_eq!((shown.width(), shown.height()), (320, 107));
    for none in [&b"<svg xmlns='http://www.w3.org/2000/svg'/>"[..], b"", &png[..100], b"%PDF-1.7"] {
        assert_eq!(data_address(none), None);
    }
    // A picture of which little can be packed is as large as noise is: it is not worth it.
    let mut seed = 1_u32;
    let noise = image::RgbaImage::from_fn(320, 320, |_, _| {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        image::Rgba(seed.to_be_bytes())
    });
    let mut png = Vec::new();
    noise.write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    assert_eq!(data_address(&png), None);
}

#[test]
fn one_person_asks_for_so_much_at_once() {
    let mut config = Config::default();
    let fetcher = crate::push::fetcher(&config.push);
    assert!(Previews::new(&config, &fetcher).is_none(), "nobody has asked for it");
    config.previews.enabled = true;
    let previews = Previews::new(&config, &fetcher).unwrap();
    let mut asking: Vec<_> = (0..LOOKS_OF_ONE).map(|_| previews.ask("anna").unwrap()).collect();
    assert!(previews.ask("anna").is_none() && previews.ask("bruno").is_some());
    asking.pop();
    assert!(previews.ask("anna").is_some());
    drop(asking);
    assert!(previews.asking.lock().unwrap().is_empty());
}

#[test]
fn what_is_packed_or_wrong_is_not_read() {
    let headers = |kind: &str, encoding: Option<&str>| {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        if let Some(encoding) = encoding {
            headers.insert(CONTENT_ENCODING, encoding.parse().unwrap());
        }
        headers
    };
    assert!(is_page(StatusCode::OK, &headers("text/html", None)));
    assert!(is_page(StatusCode::OK, &headers("text/html; charset=utf-8", Some("identity"))));
    assert!(!is_page(StatusCode::OK, &headers("text/html", Some("gzip"))));
    assert!(!is_page(StatusCode::NOT_FOUND, &headers("text/html", None)));
    assert!(!is_page(StatusCode::OK, &headers("application/json", None)));
    assert!(
        is_picture(StatusCode::OK, &headers("image/png", None))
            && !is_picture(StatusCode::OK, &headers("text/html", None))
    );
}
