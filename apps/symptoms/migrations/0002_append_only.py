from django.db import migrations

from apps.core.append_only import append_only


class Migration(migrations.Migration):
    dependencies = (("core", "0001_initial"), ("symptoms", "0001_initial"))

    # Canary logs speak of nobody and are cleared away; a log of a person never is.
    operations = (append_only("symptoms_symptomlog", delete="not old.is_canary"),)
