"""Words that facts and conditions share."""

CHANGE_KINDS = frozenset(
    [
        "dose_reduced",
        "stopped",
        "dose_raised",
        "baclofen_started",
        "baclofen_restarted",
        "missed_dose",
        "oral_bridge_started",
        "pump_stopped",
        "pump_delivery_lost",
        "pump_alarm",
        "catheter_fault",
        "pump_removed",
        "pump_procedure",
        "pump_reprogrammed",
        "reservoir_low",
        "refill_done",
        "refill_missed",
        "refill_failed",
        "pump_checked",
        "overdose",
        "hospital_transfer",
        "surgery",
        "birth",
        "mri",
        "pump_trauma",
    ]
)
REASONS = frozenset(["cannot_answer", "refused", "asleep", "too_unwell", "too_confused"])
TONES = frozenset({"single_tone", "two_tone", "unknown"})
KIND_BITS = {kind: 1 << place for place, kind in enumerate(sorted(CHANGE_KINDS))}
"""One bit for each kind of change: "any of these on record" is then one operation."""
