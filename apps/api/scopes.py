"""What a connected system may be allowed to do: a client holds some of these, a token some of its client's.
Plain data: the settings read it."""

SCOPES = {
    "patients:read": "Read patients and wards",
    "patients:write": "Admit patients",
    "plans:read": "Read taper plans, doses, pump and supply events",
    "plans:write": "Start and change taper plans; record doses, pump and supply events",
    "logs:read": "Read symptom logs and their assessments",
    "logs:write": "Record symptom logs",
    "alerts:read": "Read alerts with their explanation",
}
