//! The L1 contracts of a rollup: what a deployment costs, doing it, and the configuration files that follow from it.
