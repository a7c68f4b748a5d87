//! Sky, as Depth Anything 3's metric model tells it: a score, and what its release does with the depth there.

/// From this score on a pixel is sky.
const LEAST_SCORE: f32 = 0.3;
/// With no more pixels than this of sky, or of what is not, nothing is filled.
const FEW_PIXELS: usize = 10;
/// The depth that sky gets is one that this share of all other depths lies below.
const FARTHEST_SHARE: f64 = 0.99;

/// Whether a score says sky. NaN does.
pub(super) fn is_sky(score: f32) -> bool {
    !score.lt(&LEAST_SCORE)
}

/// Gives sky the depth of what is farthest. The release looks at 100 000 pixels drawn at random where there are more; we
/// look at all.
pub(super) fn fill(depth: &mut [f32], score: &[f32]) {
    let pairs = depth.iter().zip(score).filter(|(_, score)| !is_sky(**score));
    let mut others: Vec<f32> = pairs.map(|(depth, _)| *depth).collect();
    if others.len() <= FEW_PIXELS || depth.len() - others.len() <= FEW_PIXELS {
        return;
    }
    others.sort_unstable_by(f32::total_cmp);
    let at = FARTHEST_SHARE * (others.len() - 1) as f64;
    let (below, above) = (others[at.floor() as usize], others[at.ceil() as usize]);
    let farthest = below + (above - below) * at.fract() as f32;
    let skies = depth.iter_mut().zip(score).filter(|(_, score)| is_sky(**score));
    skies.for_each(|(depth, _)| *depth = farthest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sky_gets_the_depth_of_what_is_farthest() {
        let mut depth: Vec<f32> = (1..=101).map(|z| z as f32).chain([5.0; 20]).collect();
        let score: Vec<f32> = [0.1; 101].into_iter().chain([0.3; 20]).collect();
        fill(&mut depth, &score);
        assert_eq!(depth[..101], (1..=101).map(|z| z as f32).collect::<Vec<_>>());
        assert!(depth[101..].iter().all(|z| *z == 100.0), "0.99 of the way from 1 to 101");
    }

    #[test]
    fn a_few_pixels_of_sky_are_left_as_they_are() {
        let mut depth = vec![1.0; 30];
        let score: Vec<f32> = [0.0; 20].into_iter().chain([1.0; 10]).collect();
        fill(&mut depth, &score);
        assert_eq!(depth, [1.0; 30]);
        assert!(is_sky(f32::NAN) && !is_sky(0.29));
    }
}
