"""Documents with known alignments, which the aligner's weights are learnt from."""
