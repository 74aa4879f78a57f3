//! Which of the retrieved products a stretch of text speaks of.

use super::reading::{WordList, is_filler};
use crate::model::Product;
use crate::text::{Kind, Token, tokens};
use std::sync::LazyLock;

/// Words that stand in names and everywhere else, so they name nothing: "có thể" is no "giày thể thao".
static COMMON: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "thể trên ra vào lại thêm khác nào gì bao nhiêu giá còn không hết rồi nhiều đẹp tốt mới loại chất chỉ từ \
        đến phí ship giao ngày in stock how much which what wear price con cho thế vậy",
    )
});

/// Whether a word stands in names and elsewhere alike, so that it tells no product.
#[must_use]
pub fn names_nothing(token: &Token) -> bool {
    token.kind != Kind::Word || is_filler(token) || COMMON.has(token)
}

/// Products that the same words could mean, and where the words stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Group {
    /// Indexes into the retrieved products.
    pub products: Vec<usize>,
    /// Index of the word that tells this group from the others, within the stretch.
    pub at: usize,
}

/// The names of the retrieved products, taken apart once.
pub(super) struct Names(Vec<Vec<Token>>);

impl Names {
    pub fn of(products: &[Product]) -> Self {
        let words = |p: &Product| {
            let mut words = tokens(&p.name);
            words.extend(p.english_name().map(tokens).unwrap_or_default());
            words.into_iter().filter(|t| !names_nothing(t)).collect()
        };
        Self(products.iter().map(words).collect())
    }

    /// Whether a word belongs to the product's name.
    pub fn belongs(&self, product: usize, word: &Token) -> bool {
        !names_nothing(word) && self.0.get(product).is_some_and(|name| name.iter().any(|n| n.same_word(word)))
    }

    /// Whether a word is the kind of thing that the product is: the first of a Vietnamese name, the last of an English one.
    pub fn head_of(&self, product: usize, word: &Token) -> bool {
        let Some(name) = self.0.get(product) else { return false };
        name.first().into_iter().chain(name.last().filter(|t| t.text.is_ascii())).any(|head| head.same_word(word))
    }

    /// Whether a word belongs to any name.
    pub fn has(&self, word: &Token) -> bool {
        self.0.iter().flatten().any(|t| t.same_word(word))
    }

    /// The products spoken of. A product whose matched words are a part of another's is not meant: "áo thun đỏ" means the red one, although
    /// the blue one's name shares two words.
    pub fn mentioned(&self, stretch: &[Token]) -> Vec<Group> {
        let matched: Vec<(usize, Vec<usize>)> = self
            .0
            .iter()
            .enumerate()
            .map(|(product, name)| {
                let at = stretch
                    .iter()
                    .enumerate()
                    // The m of "M1", and not that of "1 m" or of "size M".
                    .filter(|(i, t)| {
                        t.text.len() > 1 || stretch.get(i + 1).is_some_and(|n| n.glued && n.kind == Kind::Number)
                    })
                    .filter(|(_, t)| !names_nothing(t) && name.iter().any(|n| t.same_word(n)));
                (product, at.map(|(i, _)| i).collect())
            })
            .filter(|(_, at): &(usize, Vec<usize>)| !at.is_empty())
            .collect();
        let words = |at: &[usize]| -> std::collections::BTreeSet<String> {
            at.iter().filter_map(|i| stretch.get(*i)).map(|t| t.fold.clone()).collect()
        };
        let mut groups: Vec<(std::collections::BTreeSet<String>, Group)> = Vec::new();
        for (product, at) in &matched {
            let own = words(at);
            let dominated = matched.iter().any(|(_, other)| {
                let other = words(other);
                own.len() < other.len() && own.is_subset(&other)
            });
            if dominated {
                continue;
            }
            if let Some((_, group)) = groups.iter_mut().find(|(set, _)| *set == own) {
                group.products.push(*product);
                continue;
            }
            let telling = at
                .iter()
                .find(|i| matched.iter().all(|(p, other)| p == product || !other.contains(i) || words(other) == own));
            let first = telling.or(at.first()).copied().unwrap_or(0);
            groups.push((own, Group { products: vec![*product], at: first }));
        }
        let mut groups: Vec<Group> = groups.into_iter().map(|(_, g)| g).collect();
        groups.sort_by_key(|g| g.at);
        groups
    }
}
