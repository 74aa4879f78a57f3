//! The links to a product's pictures.

use chatdesk_platform::Invalid;

use super::ImageUrl;

/// Of one product.
const MOST: usize = 10;

/// At most 10 links, none of them empty or there twice. The first stands for the product.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ImageUrls(Vec<ImageUrl>);

impl ImageUrls {
    /// Notes what is wrong with each, such as `image_urls[2]`. Empty ones are left out, and so is one that is there already.
    pub fn parse(texts: &[String], invalid: &mut Invalid) -> Option<Self> {
        if texts.len() > MOST {
            invalid.add("image_urls", "too_many", format!("has more than {MOST} pictures"));
            return None;
        }
        let mut urls: Vec<ImageUrl> = Vec::with_capacity(texts.len());
        let mut all_good = true;
        for (at, text) in texts.iter().enumerate() {
            match invalid.check(&format!("image_urls[{at}]"), ImageUrl::parse(text)) {
                Some(url) if url.as_str().is_empty() || urls.contains(&url) => {}
                Some(url) => urls.push(url),
                None => all_good = false,
            }
        }
        all_good.then_some(Self(urls))
    }

    /// As they were parsed before.
    pub fn stored(urls: Vec<String>) -> Self {
        Self(urls.into_iter().map(ImageUrl::stored).collect())
    }

    /// These with another first one; none takes the first one away.
    #[must_use]
    pub fn with_first(&self, first: &ImageUrl) -> Self {
        let rest = self.0.iter().skip(1).filter(|url| *url != first).cloned();
        let first = Some(first.clone()).filter(|url| !url.as_str().is_empty());
        Self(first.into_iter().chain(rest).collect())
    }

    /// The one that stands for the product; empty when there is none.
    pub fn first(&self) -> &str {
        self.0.first().map_or("", ImageUrl::as_str)
    }

    /// All of them.
    pub fn texts(&self) -> Vec<String> {
        self.0.iter().map(|url| url.as_str().to_owned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(texts: &[&str]) -> Result<Vec<String>, Vec<(String, String)>> {
        let texts: Vec<String> = texts.iter().map(|text| (*text).to_owned()).collect();
        let mut invalid = Invalid::default();
        let urls = ImageUrls::parse(&texts, &mut invalid);
        invalid.into_result(urls).map(|urls| urls.texts()).map_err(|error| match error {
            chatdesk_platform::Error::Invalid(fields) => fields.into_iter().map(|f| (f.field, f.code)).collect(),
            other => panic!("{other}"),
        })
    }

    #[test]
    fn each_is_looked_at() {
        assert_eq!(parse(&["https://a.vn/1", "", "https://a.vn/2", "https://a.vn/1"]).unwrap().len(), 2);
        let want = [("image_urls[1]".to_owned(), "malformed".to_owned())];
        assert_eq!(parse(&["https://a.vn/1", "http://a.vn/2"]).unwrap_err(), want);
        let many: Vec<String> = (0..=MOST).map(|n| format!("https://a.vn/{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(parse(&many).unwrap_err(), [("image_urls".to_owned(), "too_many".to_owned())]);
    }

    #[test]
    fn the_first_one_changes_alone() {
        let urls = ImageUrls::stored(["a", "b", "c"].map(str::to_owned).into());
        let with = |first: &str| urls.with_first(&ImageUrl::stored(first.to_owned())).texts();
        assert_eq!(with("x"), ["x", "b", "c"]);
        assert_eq!(with("c"), ["c", "b"]);
        assert_eq!(with(""), ["b", "c"]);
        assert_eq!(ImageUrls::default().with_first(&ImageUrl::stored("x".to_owned())).texts(), ["x"]);
    }
}
