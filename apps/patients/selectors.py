from apps.core.days import Whereabouts
from apps.patients.models import Patient


def whereabouts(patient: Patient) -> Whereabouts:
    """By which clock the patient has lived and lives. One statement."""
    changes = list(patient.zone_changes.order_by("from_at"))
    first = changes[0].zone_before if changes else patient.time_zone
    return Whereabouts(((patient.registered_at, first), *((change.from_at, change.zone) for change in changes)))
