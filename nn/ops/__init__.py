"""The table of derivatives: one declaration an op (kernel, a rule for each operand, samples), and composites of them.

A composite is a plain function of ops and needs no rule.
"""
