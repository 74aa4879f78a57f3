//! The arithmetic between the matrix products: bias, bias with activation, and bias with residual and layer norm, each in one pass.
//!
//! A product comes as panels: `[panels, tokens, width]`, the columns of the result in strips. Each step reads them where they lie and leaves
//! rows behind, so nothing is ever moved for its own sake.

use super::shape::Activation;
use candle_core::{CpuStorage, CustomOp1, CustomOp2, Error, Layout, Result, Shape};

/// Adds a bias to each row.
pub(super) struct Bias {
    pub bias: Vec<f32>,
}

/// Adds a bias to each row and applies the activation.
pub(super) struct Activate {
    pub bias: Vec<f32>,
    pub by: Activation,
}

/// `row = norm(row + bias + residual) * gamma + beta`, over the last dimension.
pub(super) struct AddNorm {
    pub bias: Vec<f32>,
    pub gamma: Vec<f32>,
    pub beta: Vec<f32>,
    pub epsilon: f32,
}

impl CustomOp1 for Bias {
    fn name(&self) -> &'static str {
        "bias"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let panels = Panels::of(storage, layout)?;
        panels.rows(&self.bias, |v| v)
    }
}

impl CustomOp1 for Activate {
    fn name(&self) -> &'static str {
        "activate"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let panels = Panels::of(storage, layout)?;
        match self.by {
            Activation::Gelu => panels.rows(&self.bias, |v| 0.5 * v * (1.0 + erf(v * std::f32::consts::FRAC_1_SQRT_2))),
            Activation::GeluTanh => {
                let scale = std::f32::consts::FRAC_2_SQRT_PI * std::f32::consts::FRAC_1_SQRT_2;
                panels.rows(&self.bias, |v| 0.5 * v * (1.0 + (scale * (v + 0.044_715 * v * v * v)).tanh()))
            }
            Activation::Relu => panels.rows(&self.bias, |v| v.max(0.0)),
        }
    }
}

impl CustomOp2 for AddNorm {
    fn name(&self) -> &'static str {
        "add-norm"
    }

    fn cpu_fwd(&self, s1: &CpuStorage, l1: &Layout, s2: &CpuStorage, l2: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = self.bias.len();
        let residual = values(s2, l2)?;
        let (mut rows, shape) = Panels::of(s1, l1)?.gathered(&self.bias, |v| v)?;
        if rows.len() != residual.len() {
            return Err(Error::Msg("add-norm takes two tensors of one shape".to_owned()));
        }
        for (row, residual) in rows.chunks_exact_mut(width).zip(residual.chunks_exact(width)) {
            let mut sum = 0.0;
            for (x, r) in row.iter_mut().zip(residual) {
                *x += r;
                sum += *x;
            }
            let mean = sum / width as f32;
            let mut squares = 0.0;
            for x in row.iter_mut() {
                *x -= mean;
                squares += *x * *x;
            }
            let scale = 1.0 / (squares / width as f32 + self.epsilon).sqrt();
            for ((x, g), b) in row.iter_mut().zip(&self.gamma).zip(&self.beta) {
                *x = *x * scale * g + b;
            }
        }
        Ok((CpuStorage::F32(rows), shape))
    }
}

/// A product in strips.
struct Panels<'a> {
    values: &'a [f32],
    panels: usize,
    tokens: usize,
    width: usize,
}

impl<'a> Panels<'a> {
    fn of(storage: &'a CpuStorage, layout: &Layout) -> Result<Self> {
        let (panels, tokens, width) = layout.shape().dims3()?;
        Ok(Self { values: values(storage, layout)?, panels, tokens, width })
    }

    fn rows(&self, bias: &[f32], step: impl Fn(f32) -> f32) -> Result<(CpuStorage, Shape)> {
        self.gathered(bias, step).map(|(rows, shape)| (CpuStorage::F32(rows), shape))
    }

    /// `[tokens, panels * width]`: each value with its column's bias, and the step done.
    fn gathered(&self, bias: &[f32], step: impl Fn(f32) -> f32) -> Result<(Vec<f32>, Shape)> {
        let columns = self.panels * self.width;
        if bias.len() != columns || self.values.len() != columns * self.tokens {
            return Err(Error::Msg(format!("a bias of {} for {columns} columns", bias.len())));
        }
        let mut rows = vec![0.0_f32; columns * self.tokens];
        let strips = self.values.chunks_exact(self.tokens * self.width).zip(bias.chunks_exact(self.width));
        for (panel, (strip, bias)) in strips.enumerate() {
            let places = rows.chunks_exact_mut(self.width).skip(panel).step_by(self.panels);
            for (place, part) in places.zip(strip.chunks_exact(self.width)) {
                for ((x, v), b) in place.iter_mut().zip(part).zip(bias) {
                    *x = step(v + b);
                }
            }
        }
        Ok((rows, (self.tokens, columns).into()))
    }
}

fn values<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(all), Some((from, to))) => all.get(from..to),
        _ => None,
    }
    .ok_or_else(|| Error::Msg("a fused step takes a contiguous f32 tensor".to_owned()))
}

/// The error function as a ratio of two odd/even polynomials on [-4, 4], within 4e-7: it has no branch and no call, so the loop around it
/// becomes vector code, which the C library's function does not. Minimax coefficients as published with Eigen's `erf`.
#[expect(clippy::excessive_precision, reason = "the coefficients are kept as published")]
fn erf(x: f32) -> f32 {
    let x = x.clamp(-4.0, 4.0);
    let y = x * x;
    let mut p = -2.726_142_258_013_06e-10;
    for a in [
        2.770_681_424_959_02e-8,
        -2.101_024_020_825_08e-6,
        -5.692_506_394_623_46e-5,
        -7.349_906_303_268_55e-4,
        -2.954_599_808_540_25e-3,
        -1.609_603_332_624_15e-2,
    ] {
        p = p * y + a;
    }
    let mut q = -1.456_607_184_649_96e-5;
    for b in [-2.133_740_552_789_05e-4, -1.682_826_974_382_03e-3, -7.373_329_167_204_68e-3, -1.426_473_905_141_89e-2] {
        q = q * y + b;
    }
    (x * p / q).clamp(-1.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::erf;

    /// Maclaurin's series in double precision, exact enough on [-3.5, 3.5].
    fn series(x: f64) -> f64 {
        let (mut term, mut sum) = (x, x);
        for n in 1..90 {
            term *= -x * x / f64::from(n);
            sum += term / f64::from(2 * n + 1);
        }
        sum * std::f64::consts::FRAC_2_SQRT_PI
    }

    #[test]
    fn erf_follows_its_series() {
        for step in -350..=350 {
            let x = step as f32 / 100.0;
            let error = (f64::from(erf(x)) - series(f64::from(x))).abs();
            assert!(error < 5e-7, "erf({x}) is off by {error}");
        }
        assert!((erf(9.0) - 1.0).abs() < 1e-6 && (erf(-9.0) + 1.0).abs() < 1e-6);
    }
}
