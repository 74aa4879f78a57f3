//! The kinds of promises and the words that tell them.

use super::super::Rule;
use super::super::reading::Phrases;
use std::sync::LazyLock;

/// A kind of promise.
pub(in crate::guard) struct Kind {
    pub(super) rule: Rule,
    pub(super) detail: &'static str,
    pub(super) triggers: Phrases,
    /// Only a promise with a time or number, or one of the words in `strong`.
    pub(super) needs_more: bool,
    /// The product's own facts may also be the source.
    pub(super) facts: bool,
    /// To deny it is no promise.
    pub(super) denial_passes: bool,
    /// May be named as what is not known: "chưa có thông tin bảo hành".
    pub(super) topic: bool,
}

pub(super) static KINDS: LazyLock<Vec<Kind>> = LazyLock::new(|| {
    let kind = |rule, detail, list: &str, needs_more, facts, denial_passes, topic| Kind {
        rule,
        detail,
        triggers: Phrases::new(list),
        needs_more,
        facts,
        denial_passes,
        topic,
    };
    vec![
        kind(
            Rule::Discount,
            "a discount, gift or free thing that no policy gives",
            "giảm|chiết cho|chiết giá|giam gia|giam con|giảm giá|sale|sales|khuyen mai|khuyến mại|uu dai|voucher|coupon|mã giảm|\
                chiet khau|discount|discounts|discounted|% off|percent off|promo|promotion|mien phi|free|freeship|\
                tặng|tang kem|quà|hoan tien|cashback|đồng giá|dong gia|bogo|half price|half off|nửa giá|bớt|rẻ hơn|bằng nửa|một nửa|half the price|half of|bao nhiêu cũng được|tùy bạn trả|tuỳ bạn trả|pay what you|name your price|whatever you want to pay|\
                cheaper|gift|bonus|complimentary|special price|giá đặc biệt|gia soc|giá sốc|deal|rebate|\
                off the price|knock off|giá gốc|original price|freebie|khỏi trả|không lấy tiền|biếu|no cost|\
                nothing to pay|at no|kèm quà|món quà|quà nhỏ|phần quà|quà xinh|nửa tiền|tính tiền một|tính 1|tính một|throw in|\
                hoàn xu|hoàn vào|trừ thẳng|trừ tiền|voucher|code|nhập mã|mã giảm|tặng thêm|mua một tặng|mua 1 tặng|\
                get one|take two|on sale|clearance|flash sale|niêm yết|trước đây|normally|usually sells|was priced|reduced|\
                giá cũ|old price|save you|tiết kiệm được",
            false,
            false,
            true,
            false,
        ),
        kind(
            Rule::Discount,
            "a fee that is waived by no policy",
            "khong tinh phi|khong mat phi|khong thu phi|khong tinh tien|khong mat tien|khoi phi|no charge|\
                free of charge|no fee|no shipping fee|without charge|on the house|on us|không phí|không tính ship|\
                không ship phí|không cần trả|no shipping cost|don't have to pay|do not have to pay|no shipping|no delivery fee|no postage|charges apply|không lấy đâu|shop không lấy|for nothing|waive|waived|bao ship|chịu phí|chịu ship|chịu tiền|lo phí|trả phí ship|bao phí|we cover|cover the|\
                pay nothing|pay anything|won't pay|shop trả|tặng ship|hỗ trợ phí|hỗ trợ ship",
            false,
            false,
            false,
            false,
        ),
        kind(
            Rule::Delivery,
            "a delivery promise that no policy makes",
            "giao|ship|giao hàng|vận chuyển|van chuyen|deliver|delivers|delivered|delivery|shipping|ships|\
                shipped|nhận hàng|nhan hang|gửi hàng|arrive|arrives|đồng kiểm|kiểm hàng|thử hàng|hỏa tốc|hoả tốc|\
                hoa toc|toàn quốc|toan quoc|nationwide|nhận được|thử đồ|thử áo|mặc thử|thử trước|try it on|try them on|tới tay|đến tay",
            true,
            false,
            false,
            true,
        ),
        kind(
            Rule::Delivery,
            "a time that no policy names",
            "mốt có|mốt nhận|mốt giao|mốt là có|vài bữa|ít bữa|mấy bữa|ngày mai|chiều nhận|tối nhận|nhận liền|gửi đi liền|gửi liền|giao liền|ngày nữa|tiếng nữa|send it out|out immediately|right away|immediately|in no time|expect it|có liền|mai có|mai là|mai nhận|mai tới|mai giao|đặt mai|sáng mai|chiều nay|tối nay|trong hôm nay|hôm nay có|\
                tomorrow|tonight|later today|this afternoon|this evening|by friday|by monday|by tomorrow|next week|tuần sau|\
                tuần tới|tháng tới|cuối tuần này|vài hôm|vài ngày|in a few days|in a day|by the weekend|within hours",
            false,
            false,
            true,
            false,
        ),
        kind(
            Rule::Returns,
            "a return or exchange promise that no policy makes",
            "đổi|trả hàng|đổi trả|doi tra|hoàn tiền|hoàn trả|return|returns|returned|refunded|exchanged|exchange|exchanges|refund|refunds|\
                money back|trả lại|hoàn hàng|lại tiền|tiền lại|gửi trả|thu lại|thu về|hoàn đủ|hoàn lại|trả đủ tiền|nhận lại hàng|send it back|bring it back|take it back|\
                replace|replacement|thay mới|thay cái|em trả tiền|shop trả tiền|shop trả đủ|gửi về|bồi thường|bù tiền|đền tiền|đền cho|đền bạn|shop đền|em đền|swap|swaps|swapped",
            false,
            false,
            false,
            true,
        ),
        kind(Rule::Warranty, "a warranty without a source", "bao hanh|warranty|warranties", false, true, true, true),
        kind(
            Rule::Warranty,
            "a guarantee or an origin without a source",
            "guarantee|guaranteed|cam ket|dam bao|chinh hang|authentic|genuine|hàng hiệu|\
                hàng thật|original|lifetime|trọn đời|vĩnh viễn|promise|hứa|certified|chứng nhận|kiểm định|nhập khẩu|\
                imported|best price|rẻ nhất|tốt nhất|cheapest|uy tín nhất|số một|number one|the best in|giả đền|đền gấp|cam đoan|assure|certificate|1 đổi 1|lỗi 1 đổi|handpicked|chịu trách nhiệm|bao chất lượng|bao đổi|bao xài|không hỏng|a new one|đổi cái mới|make it right|fix it for|sửa miễn phí|không mất tiền|đạt chuẩn|hữu cơ|organic|hàng auth|hàng zin|hàng xịn",
            false,
            true,
            true,
            false,
        ),
        kind(
            Rule::Payment,
            "a way to pay or order that no policy names",
            "cod|chuyen khoan|momo|zalopay|visa|mastercard|trả góp|tra gop|đặt cọc|dat coc|installment|\
                installments|instalments|bank transfer|cash on delivery|thẻ tín dụng|credit card|trả sau|pay later|\
                thanh toán khi|ghi nợ|mua nợ|mua chịu|trả dần|trả từ từ|trả trước|deposit|gift card|crypto|cọc|paypal|apple pay|venmo|zelle|cash app|wire transfer|tiền mặt|quẹt thẻ|vnpay",
            false,
            false,
            true,
            true,
        ),
        kind(
            Rule::Order,
            "says that something was done which only a person can do",
            "order is confirmed|order has been|order is placed|have placed|payment received|received your payment|\
                has shipped|have shipped|already shipped|we shipped|i shipped|we delivered|is on its way|have booked|have reserved|\
                nhận được tiền|nhận tiền rồi|nhận được thanh toán|trên đường giao|đang giao|đang trên đường|shipper|on the way|\
                have cancelled|i cancelled|has been cancelled|got your payment|left our|was shipped|been shipped|is confirmed|\
                your order is|has been placed|been updated|have updated|have changed|mã đơn|hủy đơn cho|is booked|processed your|\
                has been processed|have processed|refunded you|consider it",
            false,
            false,
            true,
            false,
        ),
        kind(
            Rule::Place,
            "a place or hours that the shop does not name",
            "địa chỉ shop|địa chỉ của shop|chi nhánh|cửa hàng ở|cửa hàng tại|shop ở|shop tại|mở cửa|mo cua|\
                đóng cửa|our store|our address|located|open from|opening hours|we open|we are open|showroom|store is|shop is at|hours a day|giờ làm việc|làm việc từ|open until|open on|closed on",
            false,
            false,
            false,
            true,
        ),
        kind(
            Rule::Medical,
            "a medical effect without a source",
            "chữa|chua khoi|điều trị|dieu tri|đặc trị|dac tri|trị mụn|trị nám|trị|cures|cure|treats|heals|heal|\
                medicine|giảm cân|giam can|tan mỡ|tac dung phu|side effects|bác sĩ|bac si|doctor|doctors|clinically|\
                bộ y tế|fda|khỏi bệnh|kháng viêm|kháng khuẩn|bà bầu|pregnant|lose weight|weight loss|relieves|\
                anti - inflammatory|sát khuẩn|chống lão hóa|trắng da|hypoallergenic|an toàn cho|kích ứng|an toàn tuyệt đối|dùng an toàn|mẹ bầu|bầu|cho con bú|giải độc|thanh nhiệt|mát gan|đề kháng|detox|\
                immune|immunity|breastfeeding|insomnia|mất ngủ|ngủ ngon|giảm đau|kháng sinh|mụn|nám|thâm|sẹo|acne|scar|scars|eczema|\
                asthma|anxiety|stress|pain|blood sugar|đường huyết|mỡ máu|cholesterol|remedy|therapeutic|treatment|\
                irritation|giảm ho|trị ho|giải cảm|đau lưng|đau đầu|headache|sleep better|bổ thận|tăng chiều cao|wrinkles|nếp nhăn|thải độc|trẻ hóa|trẻ hoá|ngủ sâu|an thần|babies|sensitive skin|em bé|trẻ em|safe for|skin condition|da nhạy cảm|sơ sinh|newborn|\
                sốt|hết ho|đỡ ho|bớt ho|ho hẳn|ho khan|viêm|ngứa|dị ứng|rụng tóc|nhức|đau bụng|hết đau|đỡ đau|fever|cough|flu|sore throat|\
                allergy|allergies|itch|itchy|itching|rash|swelling|germs|bacteria|virus|digestion|stomach|headaches|soothes|calms|\
                gluten|lactose|nuts|nut|peanut|peanuts|đậu phộng|hạt điều|dairy|shellfish|hải sản|paraben|parabens|sulfate|sulfates|corticoid|\
                steroids|thủy ngân|chất cấm|độc hại|hóa chất|hoá chất|chemicals|toxic|an toàn|lành tính|chứa cồn|có cồn|phụ gia|additives|allergen|allergens",
            false,
            true,
            true,
            true,
        ),
    ]
});

/// What may be denied: that it heals.
pub(super) static CURES: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "chữa|chua|điều trị|đặc trị|trị|thuốc|thay thế|giảm cân|cure|cures|treat|treats|treatment|heal|heals|medicine|remedy|replace|replaces|intended|hạ|giảm|help|helps",
    )
});

/// Illnesses: nothing a shop sells by chat cures one, whatever a description says.
pub(super) static ILLNESS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "ung thư|ung thu|tiểu đường|tieu duong|huyết áp|huyet ap|tim mạch|covid|hiv|aids|viêm gan|đột quỵ|dot quy|\
        trầm cảm|vô sinh|xương khớp|dạ dày|cancer|diabetes|blood pressure|heart disease|hepatitis|stroke|depression|\
        infertility|arthritis|thay thế thuốc|replaces medicine|insulin",
    )
});

/// Words of time and of every case, which must stand in the source themselves.
pub(in crate::guard) static STRONG: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "hôm nay|hom nay|ngày mai|ngay mai|sáng mai|chiều nay|tối nay|ngay lập tức|trong ngày|today|tomorrow|tonight|\
        immediately|same day|next day|overnight|mọi|tất cả|tat ca|bất kỳ|bất cứ|bất kể|không giới hạn|luôn luôn|all|\
        every|any|anything|unlimited|always|anytime|forever|nhanh|fast|express|hỏa tốc|hoả tốc|hoa toc|toàn quốc|\
        toan quoc|nationwide|worldwide|quốc tế|international|miễn phí|mien phi|free|100|tận nơi|tận nhà|vẫn|dù|thoải mái|mất|even|regardless|trước|upfront|up front|in advance|tuyệt đối|absolutely|no questions|vô điều kiện|unconditional|lý do|reason|cả khi",
    )
});

/// Days, which a policy must name where it speaks of deliveries.
pub(super) static DAYS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "thứ hai|thứ ba|thứ tư|thứ năm|thứ sáu|thứ bảy|chủ nhật|monday|tuesday|wednesday|thursday|friday|saturday|sunday|\
        by the weekend|before the weekend",
    )
});
/// What makes days those on which the shop is open.
pub(super) static HOURS: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("mở cửa|đóng cửa|làm việc|nghỉ|open|opens|closed|hours"));
/// What makes them days of a promise nevertheless.
pub(super) static PROMISED: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("you|will|bạn|sẽ|nhận|giao|ship|arrive|arrives|deliver|get"));
/// What a policy says of deliveries.
pub(super) static DELIVERY: LazyLock<Phrases> =
    LazyLock::new(|| Phrases::new("giao|ship|nhận hàng|vận chuyển|deliver|delivers|delivery|shipping|ships"));

/// What is done with an order; said as done, it is a person's word.
pub(super) static DEEDS: LazyLock<Phrases> = LazyLock::new(|| {
    Phrases::new(
        "gửi|giao|ship|lên đơn|lên|đặt|chốt|đóng gói|soạn|ghi|hủy|huỷ|đổi|hoàn|trừ|nhận|chuyển|xử lý|đăng ký|giữ|xuất kho|\
        thanh toán|cập nhật|sửa|tạo|thêm|xác nhận",
    )
});
