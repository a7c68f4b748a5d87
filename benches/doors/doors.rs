//! The job of README.md, through the crate.

use gnomon::Result;
use gnomon::frame::{Frame, Intrinsics, MaskView, MetricZ, pose_from_matrix};
use gnomon::lift::Detection;
use gnomon::scene::{Scene, SceneOptions};
use std::time::{Duration, Instant};

const WIDTH: u32 = 640;
const HEIGHT: u32 = 480;
const SCENES: usize = 2;
const FRAMES: i64 = 60;
const LEFT_OUT: i64 = 10;

fn corner(k: u32) -> [u32; 2] {
    [16 + 128 * (k % 5), 20 + 120 * (k / 5)]
}

fn depth_at(u: u32, v: u32) -> u16 {
    let covers = |k: &u32| {
        let [left, top] = corner(*k);
        (left..left + 96).contains(&u) && (top..top + 80).contains(&v)
    };
    (0..20).find(covers).map_or(4000, |k| 1500 + 100 * k as u16)
}

fn take(scene: &mut Scene, depth_mm: &[u16], mask: &[u8], n: i64) -> Result<()> {
    let detection = |k: u32| {
        let [left, top] = corner(k);
        Ok(Detection {
            label: "thing",
            score: 0.9,
            bbox: [left as f32, top as f32, (left + 96) as f32, (top + 80) as f32],
            mask: Some(MaskView::new(mask, left, top, 96, 80, 0)?),
            feature: None,
        })
    };
    let x = n as f64 / 1000.0;
    let frame = Frame {
        colour: None,
        depth: MetricZ::from_millimetres(depth_mm, WIDTH, HEIGHT)?,
        intrinsics: Intrinsics::pinhole(WIDTH, HEIGHT, 500.0, 500.0, 319.5, 239.5)?,
        depth_camera: None,
        world_from_camera: pose_from_matrix(&[0., 0., 1., x, -1., 0., 0., 0., 0., -1., 0., 1., 0., 0., 0., 1.])?,
        stamp_ns: 1_000_000_000 + n * 33_333_333,
        camera_id: 0,
    };
    scene.integrate(&frame, &(0..20).map(detection).collect::<Result<Vec<_>>>()?)?;
    Ok(())
}

fn main() -> Result<()> {
    let depth_mm: Vec<u16> = (0..WIDTH * HEIGHT).map(|at| depth_at(at % WIDTH, at / WIDTH)).collect();
    let mask = vec![255; 96 * 80];
    let (mut times_ns, mut outside_ns) = (Vec::new(), Vec::new());
    for _ in 0..SCENES {
        let mut scene = Scene::new(SceneOptions::default())?;
        for n in 0..FRAMES {
            let begin = Instant::now();
            take(&mut scene, &depth_mm, &mask, n)?;
            let took = begin.elapsed();
            if n >= LEFT_OUT {
                let in_stages: Duration = scene.stage_times().stages().map(|(_, time)| time).iter().sum();
                times_ns.push(took.as_nanos());
                outside_ns.push(took.saturating_sub(in_stages).as_nanos());
            }
        }
    }
    println!("{} {}", median(times_ns), median(outside_ns));
    Ok(())
}

fn median(mut values: Vec<u128>) -> u128 {
    values.sort_unstable();
    values[values.len() / 2]
}
