"""Arithmetic of tapers: plain values in, plain values out, exact decimals. It works out what was asked for; which
dose is right for whom is for a clinician to decide."""
