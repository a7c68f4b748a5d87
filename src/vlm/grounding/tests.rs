use super::*;
use crate::prepare::Anchor;
use proptest::prelude::*;

/// A picture of 640 x 480 that the model saw as 448 x 448, stretched.
fn stretched() -> Fit {
    Fit::stretch((640, 480), (448, 448)).expect("a fit")
}

fn found(text: &str, convention: Convention, placed: &Fit) -> Vec<Grounded2d> {
    let read = read(text, convention, placed).expect("short enough");
    assert_eq!(read.rejected, [], "{text}");
    read.found
}

fn boxed(label: &str, edges: [f64; 4]) -> Grounded2d {
    Grounded2d { label: label.into(), region: Region::Box(edges) }
}

fn reasons(text: &str, convention: Convention) -> Vec<(usize, String)> {
    let read = read(text, convention, &stretched()).expect("short enough");
    assert_eq!(read.rejected.len(), read.rejected_in_all);
    read.rejected.into_iter().map(|rejected| (rejected.line, rejected.reason)).collect()
}

fn assert_near(ours: &[Grounded2d], expected: &[Grounded2d]) {
    assert_eq!(ours.len(), expected.len(), "{ours:?}");
    for (a, b) in ours.iter().zip(expected) {
        let numbers = |region: &Region| match region {
            Region::Box(edges) => edges.to_vec(),
            Region::Point(point) => point.to_vec(),
        };
        let (x, y) = (numbers(&a.region), numbers(&b.region));
        assert!(a.label == b.label && x.len() == y.len(), "{a:?}, expected {b:?}");
        assert!(x.iter().zip(&y).all(|(x, y)| (x - y).abs() < 1e-6), "{a:?}, expected {b:?}");
    }
}

#[test]
fn tags_of_thousandths_are_read_with_and_without_their_special_tokens() {
    let expected = [boxed("the red chair", [64.0, 96.0, 320.0, 480.0]), boxed("a lamp", [0.0, 0.0, 640.0, 480.0])];
    let tagged = "There is <|object_ref_start|>the red chair<|object_ref_end|><|box_start|>(100,200),(500,1000)<|box_end|> \
        and <|object_ref_start|>a lamp<|object_ref_end|><|box_start|>(0,0),(1000,1000)<|box_end|>.";
    assert_near(&found(tagged, Convention::ThousandthTags, &stretched()), &expected);
    let bare = "the red chair(100,200),(500,1000)\na lamp (0, 0), (1000, 1000)";
    assert_near(&found(bare, Convention::ThousandthTags, &stretched()), &expected);
    let point = "<|object_ref_start|>knob<|object_ref_end|><|box_start|>(500,250)<|box_end|> (as asked, twice)";
    let knob = Grounded2d { label: "knob".into(), region: Region::Point([320.0, 120.0]) };
    assert_near(&found(point, Convention::ThousandthTags, &stretched()), &[knob]);
}

#[test]
fn json_of_pixels_is_read_in_code_blocks_and_out_of_them() {
    let json = r#"[{"bbox_2d": [0, 112, 224, 448], "label": "sofa"}, {"point_2d": [224, 112], "label": "lamp"}]"#;
    let expected = [
        boxed("sofa", [0.0, 120.0, 320.0, 480.0]),
        Grounded2d { label: "lamp".into(), region: Region::Point([320.0, 120.0]) },
    ];
    let fenced = format!("Here you are:\n```json\n{json}\n```\nAnything else?");
    let loose = json.replace('"', "'").replace("448]", "448,]").replace("[224, 112]", "(224, 112)");
    for text in [json, &fenced, &loose] {
        assert_near(&found(text, Convention::PixelJson, &stretched()), &expected);
    }
    let thousandths = json.replace("112, 224, 448", "250, 500, 1000").replace("224, 112", "500, 250");
    assert_near(&found(&thousandths, Convention::ThousandthJson, &stretched()), &expected);
    let shares = json.replace("112, 224, 448", "0.25, 0.5, 1").replace("224, 112", "0.5, 0.25");
    assert_near(&found(&shares, Convention::Shares, &stretched()), &expected);
    let bare = "It is at [0.00, 0.25, 0.50, 1.00], the lamp at (0.5, 0.25) [see 1].";
    let unnamed: Vec<_> = expected.iter().map(|e| Grounded2d { label: String::new(), ..*e }).collect();
    assert_near(&found(bare, Convention::Shares, &stretched()), &unnamed);
}

#[test]
fn points_and_locations_in_tags_are_read() {
    let point = |label: &str, point| Grounded2d { label: label.into(), region: Region::Point(point) };
    let text =
        r#"<point x="50.0" y="25" alt="the lamp">lamp</point> <points x1='10' y1="20" x2="30" y2="40">cups</points>"#;
    let expected = [point("the lamp", [320.0, 120.0]), point("cups", [64.0, 96.0]), point("cups", [192.0, 192.0])];
    assert_near(&found(text, Convention::PercentTags, &stretched()), &expected);
    let text = "<loc0256><loc0000><loc1024><loc0512> sofa ; <loc0512><loc0256><loc0768><loc0512> cat";
    let expected = [boxed("sofa", [0.0, 120.0, 320.0, 480.0]), boxed("cat", [160.0, 240.0, 320.0, 360.0])];
    assert_near(&found(text, Convention::LocTags, &stretched()), &expected);
}

#[test]
fn what_cannot_be_meant_is_told_and_the_rest_is_read() {
    let text = "[{\"bbox_2d\": [1, 2, 3], \"label\": \"a\"},\n{\"bbox_2d\": [9, 9, 3, 3]},\n{\"bbox_2d\": \"no\"},\n\
        {\"point_2d\": [500, 5]}, {\"bbox_2d\": [1e9, 0, 2e9, 1]},\n{\"bbox_2d\": [0, 0, 448, 448]},\n{\"bbox_2d\": [1, 2,";
    let read = read(text, Convention::PixelJson, &stretched()).expect("short enough");
    assert_near(&read.found, &[boxed("", [0.0, 0.0, 640.0, 480.0])]);
    let told: Vec<_> = read.rejected.iter().map(|r| (r.line, r.reason.as_str())).collect();
    assert_eq!(
        told[..5],
        [
            (1, "3 numbers, expected 4 of a box or 2 of a point"),
            (2, "box (9, 9) to (3, 3) has no inside"),
            (3, "a place is not a list of numbers"),
            (4, "point (500, 5) lies beyond the picture"),
            (4, "1000000000 is no coordinate"),
        ]
    );
    assert_eq!((told.len(), told[5].0), (6, 6));
    let tags = "<|box_start|>(1,2),(3)<|box_end|>\n<|box_start|>(1,2),(30,40)";
    let why = "what is between the tags of a box is not (x1,y1),(x2,y2)".to_owned();
    assert_eq!(reasons(tags, Convention::ThousandthTags), [(1, why.clone()), (2, why)]);
    let points = "<point x=\"1\">a</point>\n<point y=\"1\">b</point> <points x1=\"2\" y1=\"3\"";
    let expected = ["point x lacks a number", "a tag of a point has no x", "a tag of a point is not closed"];
    assert_eq!(
        reasons(points, Convention::PercentTags),
        [1, 2, 2].into_iter().zip(expected.map(String::from)).collect::<Vec<_>>()
    );
    let locs = reasons("<loc0001><loc0002><loc0003> x; <loc12>", Convention::LocTags);
    assert_eq!(locs.len(), 2);
}

#[test]
fn a_box_is_cut_off_where_the_picture_ends_and_padding_is_no_place() {
    let padded = Fit::letterbox((640, 480), (640, 640), Anchor::Centre).expect("a fit");
    let read = found(r#"{"bbox_2d":[-50,0,320,320],"label":"door"}"#, Convention::PixelJson, &padded);
    assert_near(&read, &[boxed("door", [0.0, 0.0, 320.0, 240.0])]);
    let outside = super::read(r#"{"bbox_2d":[0,0,640,70]} {"point_2d":[5,5]}"#, Convention::PixelJson, &padded);
    assert_eq!(outside.expect("short enough").rejected_in_all, 2);
}

#[test]
fn a_hostile_text_costs_no_more_than_its_length() {
    let pieces =
        ["{\"", "[", "(", "(1,2),", "<|box_start|>", "<point x=", "<points x1='", "<loc0001>", "{\"bbox_2d\":[", "<"];
    for piece in pieces {
        let text = piece.repeat((1 << 19) / piece.len());
        for convention in ALL {
            assert!(read(&text, convention, &stretched()).expect("short enough").found.len() <= MAX_FOUND);
        }
    }
    assert!(read(&" ".repeat(MAX_TEXT_BYTES + 1), Convention::PixelJson, &stretched()).is_err());
}

const ALL: [Convention; 6] = [
    Convention::ThousandthTags,
    Convention::PixelJson,
    Convention::ThousandthJson,
    Convention::Shares,
    Convention::PercentTags,
    Convention::LocTags,
];

/// A box on the network's input as a family would write it, to full precision.
fn written([left, top, right, bottom]: [f64; 4], convention: Convention, placed: &Fit) -> String {
    let [x, y] = convention.unit(placed);
    let [left, top, right, bottom] = [left / x, top / y, right / x, bottom / y];
    match convention {
        Convention::ThousandthTags => format!("a thing({left:.9},{top:.9}),({right:.9},{bottom:.9})"),
        _ => format!("{{\"bbox_2d\":[{left:.9},{top:.9},{right:.9},{bottom:.9}],\"label\":\"a thing\"}}"),
    }
}

fn any_fit() -> impl Strategy<Value = Fit> {
    let size = || (100..900usize, 100..900usize);
    (size(), size(), 0..4).prop_map(|(from, to, kind)| match kind {
        0 => Fit::stretch(from, to).expect("a fit"),
        1 => Fit::letterbox(from, to, Anchor::Centre).expect("a fit"),
        2 => Fit::letterbox(from, to, Anchor::TopLeft).expect("a fit"),
        _ => Fit::crop(from, to).expect("a fit"),
    })
}

proptest! {
    #[test]
    fn a_box_comes_back_to_where_it_was_in_the_picture(
        placed in any_fit(),
        shares in prop::array::uniform4(0.0..1.0f64),
        which in 0..4usize,
    ) {
        let (width, height) = placed.from();
        let [a, b, c, d] = shares;
        let edges = [a.min(c) * width as f64, b.min(d) * height as f64, a.max(c) * width as f64, b.max(d) * height as f64];
        prop_assume!(edges[2] - edges[0] > 0.01 && edges[3] - edges[1] > 0.01);
        let convention = ALL[which];
        let text = written(placed.box_to_network(edges), convention, &placed);
        let read = read(&text, convention, &placed).expect("short enough");
        prop_assert_eq!(read.rejected_in_all, 0, "{}", text);
        let Region::Box(ours) = read.found[0].region else { panic!("a box") };
        prop_assert!(ours.iter().zip(&edges).all(|(x, y)| (x - y).abs() < 1e-5), "{:?} {:?}", ours, edges);
    }

    #[test]
    fn no_text_makes_the_readers_panic(text in "[\\[\\](){}'\",:;<>|=pointsblcxy_2d0-9 .é-]{0,60}") {
        for convention in ALL {
            let _ = read(&text, convention, &stretched());
        }
    }
}

#[test]
fn a_place_without_depth_is_refused_with_its_name() {
    let intrinsics = Intrinsics::pinhole(64, 48, 50.0, 50.0, 31.5, 23.5).expect("a camera");
    let none = vec![0u16; 64 * 48];
    let depth = MetricZ::from_millimetres(&none, 64, 48).expect("an image");
    for region in [Region::Box([5.0, 5.0, 30.0, 30.0]), Region::Point([10.0, 10.0])] {
        let found = Grounded2d { label: "ghost".into(), region };
        let error = lift(&found, &depth, &intrinsics, &Pose::identity()).expect_err("no depth");
        assert!(error.to_string().starts_with("\"ghost\": there is ") && error.kind() == ErrorKind::State);
    }
}
