//! From L1 data to payload attributes, stage by stage as in the OP Stack specification; synchronous, no IO.
