//! The conditional density `p(y|x)` of a model at some inputs.

use burn::tensor::Tensor;

use crate::density::GaussianMixture;
use crate::loss::Form;
use crate::network::energy::EnergyNet;

/// The density `p(y|x)` of a model at some inputs: a normalised mixture, or an energy that is not yet normalised.
#[derive(Debug)]
#[allow(clippy::large_enum_variant)] // One lives at a time.
pub enum Conditional<'a> {
    /// A normalised mixture, whose densities are exact.
    Mixture(GaussianMixture),
    /// An unnormalised log-density.
    Energy(Unnormalised<'a>),
}

/// The unnormalised log-density `f(x, ·)` at some inputs, and the proposal for estimating `log Z`, if there is one.
///
/// The network's output is not always `f`, see [`Form`]. Scores are therefore computed by [`Unnormalised::score`], and
/// for many candidates by the functions in `predict::tiles`.
#[derive(Debug)]
pub struct Unnormalised<'a> {
    pub(crate) network: &'a EnergyNet,
    /// `[batch, features]`
    pub(crate) features: Tensor<2>,
    pub(crate) proposal: Option<GaussianMixture>,
    form: Form,
}

impl<'a> Unnormalised<'a> {
    /// The network computes the score itself.
    pub(crate) fn free(network: &'a EnergyNet, features: Tensor<2>, proposal: Option<GaussianMixture>) -> Self {
        Self { network, features, proposal, form: Form::Free }
    }

    /// The network computes the score relative to the proposal.
    pub(crate) fn residual(network: &'a EnergyNet, features: Tensor<2>, proposal: GaussianMixture) -> Self {
        Self { network, features, proposal: Some(proposal), form: Form::Residual }
    }

    /// What the network computes.
    pub fn form(&self) -> Form {
        self.form
    }

    /// Features of the inputs, `[batch, features]`.
    pub fn features(&self) -> &Tensor<2> {
        &self.features
    }

    /// The learned proposal; `None` if the method has none.
    pub fn proposal(&self) -> Option<&GaussianMixture> {
        self.proposal.as_ref()
    }

    /// The proposal, if the network's output is relative to it.
    pub(crate) fn base(&self) -> Option<&GaussianMixture> {
        self.proposal().filter(|_| self.form == Form::Residual)
    }

    /// The same function as a constant: no gradient flows to features or proposal.
    pub(crate) fn detach(&self) -> Self {
        let Self { network, features, proposal, form } = self;
        let proposal = proposal.as_ref().map(GaussianMixture::detach);
        Self { network, features: features.clone().without_autodiff(), proposal, form: *form }
    }

    /// `f(x, y)` in nats, up to the unknown `log Z(x)`.
    ///
    /// # Shapes
    /// `[batch, m, target]` → `[batch, m]`
    ///
    /// # Gradient
    /// Flows to the networks, to the features and to `y`.
    pub fn score(&self, y: Tensor<3>) -> Tensor<2> {
        let output = self.network.score(self.features.clone(), y.clone());
        match self.base() {
            Some(q) => self.form.score(output, || q.log_prob(y)),
            None => output,
        }
    }
}
