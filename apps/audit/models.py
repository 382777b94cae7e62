import uuid

from django.contrib.postgres.indexes import BrinIndex
from django.db import models


class AuditEvent(models.Model):
    """Who saw or changed what. Append-only (a trigger refuses UPDATE and DELETE), no foreign keys: it outlives
    whatever it speaks of."""

    class Type(models.TextChoices):
        SIGNED_IN = "signed_in"
        SIGN_IN_REFUSED = "sign_in_refused"
        PATIENT_VIEWED = "patient_viewed"
        BOARD_VIEWED = "board_viewed"
        LOG_RECORDED = "log_recorded"
        LOG_CORRECTED = "log_corrected"
        LOG_CONFLICT = "log_conflict"
        DOSE_RECORDED = "dose_recorded"
        PUMP_EVENT_RECORDED = "pump_event_recorded"
        EVENT_ENDED = "event_ended"
        PUMP_DATES_TOLD = "pump_dates_told"
        SUPPLY_COUNTED = "supply_counted"
        PLAN_CHANGED = "plan_changed"
        ALERT_RAISED = "alert_raised"
        ALERT_ACKNOWLEDGED = "alert_acknowledged"
        ALERT_RELEASED = "alert_released"
        ALERT_RESOLVED = "alert_resolved"
        ALERT_NOTED = "alert_noted"
        ALERT_PASSED_ON = "alert_passed_on"
        ALERT_DECLINED = "alert_declined"
        ALERT_SILENCED = "alert_silenced"
        ALERT_UNSILENCED = "alert_unsilenced"
        CLIENT_CREATED = "client_created"
        PATIENT_ADMITTED = "patient_admitted"
        PATIENT_DISCHARGED = "patient_discharged"
        CATALOGUE_ACTIVATED = "catalogue_activated"
        ZONE_CHANGED = "zone_changed"
        DATA_DOWNLOADED = "data_downloaded"
        RECORD_CHANGED = "record_changed"
        SOUND_TRIED = "sound_tried"
        SCREEN_MADE = "screen_made"
        SCREEN_OPENED = "screen_opened"
        SCREEN_REVOKED = "screen_revoked"
        DUTY_CHANGED = "duty_changed"
        CHANNEL_CHANGED = "channel_changed"
        CHANNEL_TRIED = "channel_tried"
        HANDOVER_WRITTEN = "handover_written"
        HANDOVER_SIGNED = "handover_signed"
        HANDOVER_ACCEPTED = "handover_accepted"
        PASSKEY_CHANGED = "passkey_changed"
        INVITED = "invited"
        JOINED = "joined"
        CONSENT_WITHDRAWN = "consent_withdrawn"
        SESSIONS_ENDED = "sessions_ended"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    type = models.CharField(max_length=40, choices=Type)
    actor_id = models.UUIDField(null=True)
    actor_role = models.CharField(max_length=20, blank=True)
    subject_type = models.CharField(max_length=60)
    subject_id = models.CharField(max_length=60)
    patient_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = (
            BrinIndex(fields=("at",), name="audit_event_at_brin"),
            models.Index(fields=("patient_id", "-at"), name="audit_event_of_patient"),
        )

    def __str__(self) -> str:
        return f"{self.type} {self.subject_type} {self.subject_id}"
