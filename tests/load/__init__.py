"""Load that the short tests and the long proofs share."""
