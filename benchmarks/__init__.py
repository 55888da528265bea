"""How fast, and against what: one file per question, the same data for all."""
