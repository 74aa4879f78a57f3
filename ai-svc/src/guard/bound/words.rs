//! The words that may stand around a fact, and those that tell from where on it holds. Closed lists: what is not in them must be the shop's.

use crate::guard::reading::{Phrases, WordList};
use std::sync::LazyLock;

/// Words that may stand beside a number of a policy though the policy lacks them. A closed list: "đặt" for "nhận" or "cả đơn" for "một món"
/// changes what is promised.
pub(super) static FREE: LazyLock<WordList> = LazyLock::new(|| {
    WordList::new(
        "dạ vâng ạ ah à nhé nha nè em anh chị bạn mình quý shop bên tiệm cửa của thì là mà cho này đó ấy sẽ có được hiện tại đang nên vì luôn \
        thôi khoảng chỉ với về đến tới hàng giúp tính nhận lại cũng còn tụi chúng rồi mất tầm cỡ chừng thời gian tiền phí giá mức áp dụng theo \
        đi qua ở tận phải trả thêm mới đủ điều kiện chưa không ko gồm bao kèm thế vậy nữa tổng cộng nào ngày giờ đơn trong nếu và hoặc nhưng từ do khi đều cứ thể \
        vui lòng vẫn chuyển rất hỗ trợ loại bé con một nằm lúc để nhắn gọi liên hệ báo cái nói vòng thì kể \
        the a an is are we our you your it it's its this that these those there for of to in into be will can have has do does yes takes take costs cost \
        get gets would with on at and or but also just only about around so please which means delivery here as usually normally currently charge since \
        it'll that's there's we'll you'll comes come fee by us they apply applies arrive arrives reach reaches needs need make makes because while if plus \
        about still getting one once when placed place receipt receiving product products item items any not no don't doesn't didn't isn't aren't can't cannot won't never give gives given may might goods yet times time \
        i your my me let know thanks thank hello hi dear accept accepts accepted pay from between",
    )
});

/// From where or up to where a number counts. What the reply says beside it the shop says as well.
pub(super) static BOUNDS: LazyLock<[Phrases; 4]> = LazyLock::new(|| {
    [
        Phrases::new(
            "từ|trên|hơn|tối thiểu|ít nhất|over|from|above|at least|more than|minimum|starting at|trở lên|and up|or more|and above|đủ",
        ),
        Phrases::new(
            "dưới|không quá|tối đa|chưa tới|under|below|less than|up to|at most|maximum|no more than|trở xuống|or less",
        ),
        Phrases::new("sau|after"),
        Phrases::new("trước|before"),
    ]
});
/// The first two of [`BOUNDS`], before an order that is not free: "đơn dưới 500k" says of "miễn phí từ 500k" what it leaves.
pub(super) static UNDER: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("dưới|nhỏ hơn|chưa đủ|chưa tới|under|below|less than|smaller|nhỏ"));
pub(super) static LEAVES: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("dưới nhỏ hơn chưa đủ tới under below less than smaller orders order đơn"));
pub(super) static FREELY: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("miễn phí|free|freeship|miễn|0đ|không tính|no charge"));

pub(super) static SELLER: LazyLock<WordList> = LazyLock::new(|| WordList::new("tiệm shop em we store quán"));
pub(super) static BUYER: LazyLock<WordList> =
    LazyLock::new(|| WordList::new("khách bạn anh chị you customer customers buyer buyers"));
