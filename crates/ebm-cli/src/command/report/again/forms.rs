//! The names of methods and forms, as the command line reads them.

use ebm_core::Method;

use crate::cli::method::{FormName, MethodName};
use crate::experiment::ensemble::{Ensemble, Settings, Variant};

pub(super) fn method_name(method: &Method) -> MethodName {
    match method {
        Method::Mdn { .. } => MethodName::Mdn,
        Method::EbmFixed { .. } => MethodName::EbmFixed,
        Method::Ebm { .. } => MethodName::Ebm,
        Method::MdnTeacher { .. } => MethodName::MdnTeacher,
    }
}

/// What an ensemble is made of.
pub(super) fn forms(method: &Method, ensemble: &Ensemble) -> Vec<FormName> {
    let networks =
        |method, weight_decay, pieces| FormName::Networks { method: method_name(method), weight_decay, pieces };
    let also = ensemble.also.iter().map(|variant| match variant {
        Variant::Method(method) => networks(method, None, None),
        Variant::With(Settings { method, weight_decay, pieces }) => networks(method, *weight_decay, *pieces),
    });
    std::iter::once(networks(method, None, None))
        .chain(also)
        .chain(ensemble.trees.as_ref().map(|_| FormName::Trees))
        .collect()
}
