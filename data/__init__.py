"""Small assets that ship with clinigraph: lock files, cue lists, rules and precomputed vectors. No code lives here."""
